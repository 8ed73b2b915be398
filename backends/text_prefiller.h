#pragma once
#include <memory>
#include <string>
#include <vector>

#include "backends/image_prefiller.h"
#include "decoders/multimodal_prompt.h"

namespace millrace {

// What stands in a text, in its order.
struct PromptMedia {
  std::vector<std::shared_ptr<const EncodedPicture>> pictures;
};

// Makes prompts of texts and what stands in them, for one model. Thread-safe.
class TextPrefiller {
 public:
  // The model has a tokenizer where there are tokens to be made, and a text decoder for prompts.
  explicit TextPrefiller(std::shared_ptr<const LoadedModel> model);

  // The token ids of a text in which markers stand for the media. With `special`, with those that the
  // tokenizer adds to a text; a multimodal model gets them as its processor has it, where the text doesn't
  // begin with them. Another number of markers than media is Error(input).
  std::vector<TokenId> tokens(const std::string& text, const PromptMedia& media, bool special) const;

  // The prompt that the decoder is fed: the tokens' embeddings, and in the places of the media theirs.
  MultimodalPrompt prefill(const std::vector<TokenId>& tokens, const PromptMedia& media) const;

  const LoadedModel& model() const { return *model_; }

 private:
  std::shared_ptr<const LoadedModel> model_;
  std::vector<TokenId> added_;  // to an empty text
};

}  // namespace millrace
