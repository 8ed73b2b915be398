#pragma once

namespace millrace {

// A model of random weights with tokenizer and chat template (tests/golden/chat/make_tiny_chat.py).
inline constexpr const char* kTinyChat = MILLRACE_SOURCE_DIR "/tests/golden/chat/tiny";

}  // namespace millrace
