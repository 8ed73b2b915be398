#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "decoders/multimodal_prompt.h"
#include "decoders/rules/logit_rules.h"
#include "decoders/text_decoder.h"

namespace millrace {

// One sequence to be written. Its callbacks are called one at a time, from any thread that steps.
struct SequenceRequest {
  std::vector<TokenId> prompt;  // at least one
  MultimodalPrompt fed;         // how the decoder is fed it, as many positions
  int64_t max_new_tokens = 0;   // at least 1
  std::vector<TokenId> end_tokens;
  // The next token from its logits [vocabulary], which may be changed. -1 ends the sequence.
  std::function<TokenId(const TokensSoFar&, std::span<float>)> choose;
  // Tokens that may well follow (speculation): they are computed together, and kept as far as `choose`
  // agrees. At most kMostGuesses count. May be empty.
  std::function<std::vector<TokenId>(const TokensSoFar&)> guess;
  // Once it is set, nobody wants the rest: the sequence ends within a step. Null: cannot be.
  std::shared_ptr<const CancelToken> unwanted = {};
};

// Sequences that one decoder writes together: each step takes all that are under way a token further, whoever
// asks for it, and new ones join at any step (continuous batching; Yu et al., "Orca", 2022). A sequence's
// tokens are those that it gets alone. A conversation that goes on finds the part that is computed already:
// what holds the same contents, up to a block that another content makes another.
class SequenceBatch {
 public:
  struct Options {
    int slots = 4;               // sequences under way at most; more wait
    int64_t max_length = 0;      // positions of a sequence, prompt and all; 0: what the model was made for
    int64_t prompt_chunk = 512;  // positions of a prompt in one step
    const CancelToken* cancel = nullptr;
  };
  // More guesses than this would not be computed as single tokens are.
  static constexpr size_t kMostGuesses = 7;

  SequenceBatch(std::shared_ptr<const TextDecoder> decoder, Options options);
  ~SequenceBatch();

  // A sequence under way. Ends it when it is destroyed.
  class Sequence;
  // Error(input) for a prompt that check() refuses.
  std::unique_ptr<Sequence> start(SequenceRequest request);
  // Error(input) for a prompt that is too long for max_length, or not of the model's tokens; where it is fed
  // as embeddings, its tokens may be any.
  void check(std::span<const TokenId> prompt, const MultimodalPrompt& fed) const;

  int64_t max_length() const { return options_.max_length; }

 private:
  struct Running;
  struct Slot;
  using Members = std::vector<std::shared_ptr<Running>>;
  std::optional<TokenId> next(Running& running);
  void stop(Running& running);
  static int64_t held(const Slot& slot, const Running& running);
  void seat();
  Members step_members() const;
  void step(const Members& members);
  void settle(const Members& members, const std::exception_ptr& failure);
  DecoderFeed feed_prompt(Running& running) const;
  void choose(Running& running, std::span<float> logits) const;

  std::shared_ptr<const TextDecoder> decoder_;
  Options options_;
  std::unique_ptr<DecoderSession> session_;
  std::mutex mutex_;
  std::condition_variable stepped_;
  bool stepping_ = false;
  std::vector<Slot> slots_;
  std::deque<std::shared_ptr<Running>> waiting_;
};

class SequenceBatch::Sequence {
 public:
  Sequence(SequenceBatch& batch, std::shared_ptr<Running> running)
      : batch_(batch), running_(std::move(running)) {}
  ~Sequence();
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  // The next token, as soon as there is one; an end token, or -1, is the last. None after that, or after
  // max_new_tokens, or where the context is full, or once it is unwanted.
  std::optional<TokenId> next();
  int64_t reused() const;  // positions of the prompt that had been computed before

 private:
  SequenceBatch& batch_;
  std::shared_ptr<Running> running_;
};

}  // namespace millrace
