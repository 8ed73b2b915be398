#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoders/generation/beam_generation.h"
#include "decoders/generation/generation_options.h"
#include "decoders/generation/output_form.h"
#include "decoders/generation/sequence_batch.h"
#include "decoders/generation/stop_strings.h"
#include "tokenizers/streaming_detokenizer.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

enum class FinishReason { stop, length, cancelled };

// What a generation came to.
struct Generated {
  std::string text;             // all of it, without what stopped it
  std::vector<TokenId> tokens;  // with the end token, if there was one
  FinishReason reason = FinishReason::length;
  int64_t prompt_tokens = 0, reused_tokens = 0;  // the latter had been computed for an earlier prompt
  double prompt_seconds = 0;                     // up to the first token
  double seconds = 0;                            // all
};

// Writes texts with one model: the rules and the sampler choose from what its decoder says, a SequenceBatch
// feeds it (ExecuTorch's TextPrefiller and TextTokenGenerator in one), the tokenizer makes text of it. Texts
// that are under way at the same time are computed together. Shared by threads.
class Runner {
 public:
  struct Parts {
    std::shared_ptr<const TextDecoder> decoder;
    std::shared_ptr<const Tokenizer> tokenizer;
    SequenceBatch::Options batch;
  };
  explicit Runner(Parts parts);

  struct Prompt {
    std::vector<TokenId> tokens;  // the rules look at them
    MultimodalPrompt fed = {};    // how the decoder is fed it, as many positions
  };

  // A text being written, for one thread.
  class Generation;
  // Error(input) for a prompt that does not fit, Error of the options' own for what the model can't do. With
  // `form` the text has that form. What beams find comes all at once. Once `unwanted` is set, the text ends
  // with the token that is being computed: FinishReason::cancelled. What was computed serves the next prompt
  // that begins alike.
  std::unique_ptr<Generation> start(Prompt prompt, const GenerationOptions& options,
                                    std::shared_ptr<const OutputForm> form = nullptr,
                                    std::shared_ptr<const CancelToken> unwanted = nullptr);

  const Tokenizer& tokenizer() const { return *parts_.tokenizer; }
  int64_t max_length() const { return batch_.max_length(); }

 private:
  Parts parts_;
  SequenceBatch batch_;
};

class Runner::Generation {
 public:
  // What a step brought, in whole characters: often a word, sometimes nothing; none at the end. A text that
  // may be the beginning of a stop string is held back.
  std::optional<std::string> next();
  const Generated& result() const { return result_; }  // complete after the end

 private:
  friend class Runner;
  using Clock = std::chrono::steady_clock;
  using Search = std::function<BeamText()>;
  Generation(std::unique_ptr<SequenceBatch::Sequence> sequence, Search search, const Runner& runner,
             const GenerationOptions& options, int64_t prompt_tokens);
  bool unwanted() const { return unwanted_ && unwanted_->cancelled(); }
  std::string write(TokenId token);
  std::string write_all(const BeamText& found);
  std::string finish();
  void end(FinishReason reason);

  std::unique_ptr<SequenceBatch::Sequence> sequence_;
  Search search_;  // instead of a sequence
  StreamingDetokenizer detokenizer_;
  StopStrings stops_;
  std::vector<TokenId> end_tokens_;
  std::shared_ptr<const CancelToken> unwanted_;
  Generated result_;
  Clock::time_point begin_ = Clock::now();
  bool over_ = false;
};

}  // namespace millrace
