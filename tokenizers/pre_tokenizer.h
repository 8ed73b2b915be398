#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tokenizers/component_spec.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// A stretch of the text on its way to becoming tokens.
struct Piece {
  std::string text;
  TokenId token = -1;  // of an added token, which stays as it is
  size_t head = 0;     // how many of its first bytes stand for the first character of the text that was given

  // What is left of `head` from byte `begin` on.
  size_t head_from(size_t begin) const { return head > begin ? head - begin : 0; }
};
using Pieces = std::vector<Piece>;

// Cuts text into words: the pre_tokenizers of tokenizer.json. Leaves added tokens alone; makes no empty
// pieces.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void apply(Pieces& pieces) const = 0;
};

// Error(model) for a type that is not known.
std::unique_ptr<const PreTokenizer> make_pre_tokenizer(const ComponentSpec& spec);

}  // namespace millrace
