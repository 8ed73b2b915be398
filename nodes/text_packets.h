#pragma once
#include <string>
#include <vector>

#include "base/tensor.h"
#include "decoders/generation/runner.h"
#include "graph/packet.h"
#include "nodes/turn.h"

// What travels along the edges of pipelines that write text.
namespace millrace {

struct TokenIds {
  std::vector<TokenId> ids;
};

struct TokenEmbeddings {
  Tensor values;            // [tokens, width] float32
  bool tokens_tell = true;  // equal tokens mean equal embeddings: nothing but the tokens' own is in them
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
