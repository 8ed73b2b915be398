#include "backends/text_prefiller.h"

#include <algorithm>

#include "backends/multimodal_prompt.h"

namespace millrace {
namespace {

using Media = std::vector<std::shared_ptr<const EncodedMedium>>;

// All rows, one after the other.
MediaRows joined(const Media& media) {
  if (media.empty()) return {};
  int64_t rows = 0;
  for (const auto& medium : media) rows += medium->prepared.embeddings.dim(0);
  MediaRows all{.rows = Tensor(DType::float32, {rows, media.front()->prepared.embeddings.dim(1)})};
  float* to = all.rows.mutable_data<float>();
  for (const auto& medium : media)
    to = std::ranges::copy(medium->prepared.embeddings.values<float>(), to).out;
  return all;
}

std::string with_media(const std::string& text, const Media& media, const PictureTextOptions& options) {
  std::vector<PictureText> texts;
  for (const auto& medium : media) texts.push_back(medium->prepared.text);
  return with_pictures(text, texts, options);
}

// DecoderFeed::positions, where pictures stand in a grid.
std::vector<GridPosition> positions(const MultimodalModel& model, std::span<const TokenId> tokens,
                                    const EncodedMedia& media) {
  if (!model.places_in_grid() || media.pictures.empty()) return {};
  std::vector<MediaExtent> extents;
  for (const auto& picture : media.pictures) extents.push_back(picture->prepared.extent);
  std::vector<bool> pictured;
  for (const TokenId token : tokens) pictured.push_back(token == model.image_token());
  size_t used = 0;
  return model.positions(pictured, extents, used);
}

// A number for a row of a medium, none of which is a token's: those are small (the mixer of Steele and
// others, "Fast splittable pseudorandom number generators", 2014).
uint64_t content_of_row(uint64_t medium, uint64_t row) {
  uint64_t x = medium + row * 0x9E3779B97F4A7C15u;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return (x ^ x >> 31) | uint64_t{1} << 63;
}

// In the places of `token`, what the media's rows are.
void mark(std::span<const TokenId> tokens, TokenId token, const Media& media,
          std::vector<uint64_t>& contents) {
  size_t at = 0;
  for (const auto& medium : media)
    for (int64_t row = 0; row < medium->prepared.embeddings.dim(0); ++row, ++at) {
      while (at < tokens.size() && tokens[at] != token) ++at;
      if (at == tokens.size()) return;
      contents[at] = content_of_row(medium->content, static_cast<uint64_t>(row));
    }
}

}  // namespace

TextPrefiller::TextPrefiller(std::shared_ptr<const LoadedModel> model) : model_(std::move(model)) {
  if (model_->tokenizer) added_ = model_->tokenizer->encode("", true);
}

std::vector<TokenId> TextPrefiller::tokens(const std::string& text, const EncodedMedia& media,
                                           bool special) const {
  if (!model_->multimodal) return model_->tokenizer->encode(text, special);
  const MultimodalModel& model = *model_->multimodal;
  std::string expanded = text;
  if (model.pictures()) expanded = with_media(expanded, media.pictures, model.picture_text());
  if (model.sounds()) expanded = with_media(expanded, media.sounds, model.sound_text());
  auto ids = model_->tokenizer->encode(expanded, false);
  const bool begun = !model.picture_text().behind_last.empty();  // by the processor
  if (begun || added_.empty() || (!ids.empty() && ids.front() == added_.front())) return ids;
  return model_->tokenizer->encode(expanded, true);
}

MultimodalPrompt TextPrefiller::prefill(const std::vector<TokenId>& tokens, const EncodedMedia& media) const {
  if (!model_->multimodal) return {.embeddings = model_->text_decoder->embed(tokens)};
  const MultimodalModel& model = *model_->multimodal;
  PromptMedia rows{.pictures = joined(media.pictures), .sounds = joined(media.sounds)};
  MultimodalPrompt prompt{.embeddings = model.embed(tokens, rows),
                          .blocks = model.blocks(tokens),
                          .contents = {tokens.begin(), tokens.end()},
                          .media = rows.pictures.rows};
  check_all_used(rows.pictures, "pictures", model.image_token(), "the text");
  check_all_used(rows.sounds, "sounds", model.audio_token(), "the text");
  mark(tokens, model.image_token(), media.pictures, prompt.contents);
  mark(tokens, model.audio_token(), media.sounds, prompt.contents);
  if (!model.pictures()) return prompt;
  prompt.positions = positions(model, tokens, media);
  prompt.deep_layers = model.pictures()->deep_layers();
  prompt.deep = model.deep(tokens, prompt.media, 0);
  return prompt;
}

}  // namespace millrace
