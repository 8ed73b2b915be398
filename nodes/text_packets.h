#pragma once
#include <string>
#include <vector>

#include "decoders/generation/runner.h"
#include "decoders/multimodal_prompt.h"
#include "graph/packet.h"
#include "nodes/turn.h"

// What travels along the edges of pipelines that write text.
namespace millrace {

struct TokenIds {
  std::vector<TokenId> ids;
};

struct TokenEmbeddings {
  MultimodalPrompt prompt;  // as many positions as there are tokens
};

// A text that is complete.
struct Completion {
  std::string model;
  Generated generated;
  Ref<Turn> turn = nullptr;  // that it answers; null outside conversations
};

// A stretch of a text that is being written, in whole characters. In a conversation, the last one of an
// answer, which may be empty, says what it came to.
struct TextPiece {
  std::string text;
  Ref<Turn> turn = nullptr;
  Ref<Completion> completion = nullptr;
};

}  // namespace millrace
