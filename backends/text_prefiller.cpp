#include "backends/text_prefiller.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

// All pictures' rows, one after the other.
Tensor joined(const std::vector<std::shared_ptr<const EncodedPicture>>& pictures) {
  if (pictures.empty()) return {};
  int64_t rows = 0;
  for (const auto& picture : pictures) rows += picture->prepared.embeddings.dim(0);
  Tensor all(DType::float32, {rows, pictures.front()->prepared.embeddings.dim(1)});
  float* to = all.mutable_data<float>();
  for (const auto& picture : pictures)
    to = std::ranges::copy(picture->prepared.embeddings.values<float>(), to).out;
  return all;
}

// A number for a row of a picture, none of which is a token's: those are small (the mixer of Steele and
// others, "Fast splittable pseudorandom number generators", 2014).
uint64_t content_of_row(uint64_t picture, uint64_t row) {
  uint64_t x = picture + row * 0x9E3779B97F4A7C15u;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return (x ^ x >> 31) | uint64_t{1} << 63;
}

// What each position holds: MultimodalPrompt::contents.
std::vector<uint64_t> contents(std::span<const TokenId> tokens, TokenId image_token,
                               const PromptMedia& media) {
  std::vector<uint64_t> contents(tokens.begin(), tokens.end());
  size_t at = 0;
  for (const auto& picture : media.pictures)
    for (int64_t row = 0; row < picture->prepared.embeddings.dim(0); ++row, ++at) {
      while (at < tokens.size() && tokens[at] != image_token) ++at;
      if (at == tokens.size()) return contents;
      contents[at] = content_of_row(picture->content, static_cast<uint64_t>(row));
    }
  return contents;
}

}  // namespace

TextPrefiller::TextPrefiller(std::shared_ptr<const LoadedModel> model) : model_(std::move(model)) {
  if (model_->tokenizer) added_ = model_->tokenizer->encode("", true);
}

std::vector<TokenId> TextPrefiller::tokens(const std::string& text, const PromptMedia& media,
                                           bool special) const {
  if (!model_->multimodal) return model_->tokenizer->encode(text, special);
  std::vector<PictureText> pictures;
  for (const auto& picture : media.pictures) pictures.push_back(picture->prepared.text);
  const std::string expanded = with_pictures(text, pictures, model_->multimodal->picture_text());
  auto ids = model_->tokenizer->encode(expanded, false);
  const bool begun = !model_->multimodal->picture_text().behind_last.empty();  // by the processor
  if (begun || added_.empty() || (!ids.empty() && ids.front() == added_.front())) return ids;
  return model_->tokenizer->encode(expanded, true);
}

MultimodalPrompt TextPrefiller::prefill(const std::vector<TokenId>& tokens, const PromptMedia& media) const {
  if (!model_->multimodal) return {.embeddings = model_->text_decoder->embed(tokens)};
  const MultimodalModel& model = *model_->multimodal;
  const Tensor pictures = joined(media.pictures);
  int64_t used = 0;
  MultimodalPrompt prompt{.embeddings = model.embed(tokens, pictures, used),
                          .blocks = model.blocks(tokens),
                          .contents = contents(tokens, model.image_token(), media)};
  if (const int64_t given = pictures.empty() ? 0 : pictures.dim(0); used != given)
    fail(ErrorKind::input, "the pictures fill {} places, but the text has {} of token {}", given, used,
         model.image_token());
  return prompt;
}

}  // namespace millrace
