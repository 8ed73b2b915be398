#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"
#include "tokenizers/chat_template.h"

// Any bytes are a chat template or an Error; one that parses gives UTF-8 or an Error, soon.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  static const auto variables = nlohmann::ordered_json::parse(R"({
      "messages": [{"role": "user", "content": "Hi \u00e9\ud83d\ude00"}, {"role": "assistant", "content": null, "tool_calls": [{"id": 1}]}],
      "tools": [{"function": {"name": "f", "parameters": {"type": "object"}}}], "x": [3, 1, {"a": 2.5}], "add_generation_prompt": true})");
  try {
    const auto chat =
        ChatTemplate::from_text({reinterpret_cast<const char*>(data), size}, "fuzz", {{"bos_token", "<s>"}});
    if (!utf8::is_valid(chat.render(variables))) __builtin_trap();
  } catch (const Error&) {
  }
  return 0;
}
