#pragma once
#include <vector>

#include "base/cancel.h"
#include "decoders/generation/generation_options.h"
#include "decoders/multimodal_prompt.h"
#include "decoders/rules/logit_rules.h"
#include "decoders/text_decoder.h"

namespace millrace {

struct BeamText {
  std::vector<TokenId> tokens;  // without an end token
  bool ended = false;           // by one
};

struct BeamPrompt {
  std::span<const TokenId> tokens;  // at least one
  const MultimodalPrompt& fed;      // how the decoder is fed it
};

// The best text that a beam search (transformers' num_beams) finds after `prompt`, under the rules of the
// options, which give max_new_tokens, and `own`. Error(interrupted) once `cancel` is set; nothing is found
// once `unwanted` is. Both may be null.
BeamText generate_with_beams(const TextDecoder& decoder, const BeamPrompt& prompt,
                             const GenerationOptions& options, const LogitRules& own,
                             const CancelToken* cancel, const CancelToken* unwanted = nullptr);

}  // namespace millrace
