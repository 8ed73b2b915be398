#pragma once
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "decoders/text_decoder.h"

namespace millrace::testing {

// A decoder whose logits and attention are made up by a test. What a slot attends to is known by the first
// value of its memory.
class ScriptedDecoder : public TextDecoder {
 public:
  struct Script {
    int64_t vocabulary = 0;
    int64_t max_length = 448;
    // Of the token after `fed`, all that the slot was fed.
    std::function<std::vector<float>(int memory, std::span<const TokenId> fed)> logits;
    bool attends = true;  // to memories
    bool records = true;  // the calls
    // Of one frame, for one position of those fed.
    std::function<float(int64_t position, int64_t frame)> attention = {};
  };
  // One call of step or step_all: what each slot had been fed when it was over.
  using Fed = std::map<int, std::vector<TokenId>>;

  explicit ScriptedDecoder(Script script) : script_(std::move(script)) {}
  int64_t vocabulary() const override { return script_.vocabulary; }
  int64_t max_length() const override { return script_.max_length; }
  int layers() const override { return 2; }
  int heads() const override { return 2; }
  int64_t embedding_width() const override { return 1; }
  Tensor embed(std::span<const TokenId>) const override { return {}; }
  std::unique_ptr<DecoderSession> begin(int slots, int64_t max_length) const override;

  const Script& script() const { return script_; }
  mutable std::vector<Fed> calls;

 private:
  Script script_;
};

}  // namespace millrace::testing
