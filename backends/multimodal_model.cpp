#include "backends/multimodal_model.h"

#include <algorithm>
#include <limits>

#include "backends/nested_block.h"
#include "backends/sound_options.h"
#include "base/error.h"
#include "encoders/grid_embedder.h"
#include "encoders/patch_embedder.h"
#include "encoders/tiled_embedder.h"

namespace millrace {
namespace {

TokenId token_setting(const Settings& settings, std::string_view name) {
  const int64_t id = settings.count(name);
  if (id > std::numeric_limits<TokenId>::max())
    fail_at(ErrorKind::model, settings.where(name), "{} is no token", id);
  return static_cast<TokenId>(id);
}

PictureTextOptions picture_text_options(const Settings& settings) {
  PictureTextOptions options;
  options.marker = settings.text("marker");
  options.image = settings.text("image", options.marker);
  options.whole = settings.text("whole", options.whole);
  options.alone = settings.text("alone", "");
  options.split = settings.text("split", options.split);
  options.part = settings.text("part", options.part);
  options.between = settings.text("between", "");
  options.line_end = settings.text("line_end", "");
  options.behind_last = settings.text("behind_last", "");
  options.end = settings.text("end", "");
  return options;
}

std::shared_ptr<const MediaEmbedder> picture_embedder(const Settings& settings, const WeightScope& weights,
                                                      int64_t width) {
  const Settings vision = settings.at("vision");
  if (vision.text("block") == "packed_vision_transformer")
    return std::make_shared<const GridEmbedder>(settings, weights,
                                                PackedVisionTransformer(vision, weights.at("vision")), width);
  auto encoder = nested_vision_transformer(vision, weights.at("vision"));
  if (settings.has("tile_shapes"))
    return std::make_shared<const TiledEmbedder>(settings, weights, std::move(encoder), width);
  return std::make_shared<const PatchEmbedder>(settings, weights, std::move(encoder), width);
}

// The places of a picture's embeddings, line by line.
void add_places(const MediaExtent& extent, int64_t from, std::vector<GridPosition>& places) {
  for (int64_t frame = 0; frame < extent.frames; ++frame)
    for (int64_t y = 0; y < extent.height; ++y)
      for (int64_t x = 0; x < extent.width; ++x) places.push_back({from + frame, from + y, from + x});
}

}  // namespace

MultimodalModel::Joint MultimodalModel::joint_of(const Settings& settings) {
  const auto name = settings.text("joint", "none");
  if (name == "none") return Joint::none;
  if (name == "pictures") return Joint::pictures;
  if (name == "prefix") return Joint::prefix;
  fail_at(ErrorKind::model, settings.where("joint"), "'{}' is unknown; there are none, pictures, prefix",
          name);
}

MultimodalModel::MultimodalModel(const Settings& settings, const WeightScope& weights,
                                 const std::optional<WeightScope>& plain)
    : decoder_(nested_text_decoder(settings.at("language"), weights.at("language"))),
      grid_positions_(settings.flag("grid_positions", false)),
      joint_(joint_of(settings)),
      takes_apart_(settings.flag("takes_apart", false)) {
  if (settings.has("image_token")) add_pictures(settings, weights);
  if (settings.has("audio_token")) add_sounds(settings, weights);
  if (plain)
    make_plain_ = [language = settings.at("language"), scope = plain->at("language")] {
      return nested_text_decoder(language, scope);
    };
}

std::shared_ptr<const TextDecoder> MultimodalModel::plain_text_decoder() const {
  if (!make_plain_) return decoder_;
  std::call_once(plain_once_, [this] { plain_ = make_plain_(); });
  return plain_;
}

void MultimodalModel::add_pictures(const Settings& settings, const WeightScope& weights) {
  image_token_ = token_setting(settings, "image_token");
  picture_text_ = picture_text_options(settings.at("text"));
  pictures_ = picture_embedder(settings, weights, decoder_->embedding_width());
}

void MultimodalModel::add_sounds(const Settings& settings, const WeightScope& weights) {
  audio_token_ = token_setting(settings, "audio_token");
  sound_text_ = picture_text_options(settings.at("sound_text"));
  auto hearing = nested_hearing(settings, weights, decoder_->embedding_width());
  sounds_ = std::move(hearing.embedder);
  sound_processor_ = sound_processor_options(settings.at("sound"), hearing.bands);
}

std::vector<int32_t> MultimodalModel::blocks(std::span<const int64_t> token_types) const {
  std::vector<int32_t> blocks;
  int32_t block = -1;
  bool inside = false;
  for (const int64_t type : token_types) {
    const bool before = inside;
    inside = joint_ == Joint::pictures ? type == 1 : joint_ == Joint::prefix && type == 0;
    if (inside && (block < 0 || (!before && joint_ == Joint::pictures))) ++block;
    blocks.push_back(inside ? block : -1);
  }
  return blocks;
}

std::vector<int32_t> MultimodalModel::blocks(std::span<const TokenId> tokens) const {
  if (joint_ == Joint::none) return {};
  std::vector<int64_t> types;
  for (const TokenId token : tokens)
    types.push_back(joint_ == Joint::pictures && token == image_token_ ? 1 : 0);
  return blocks(types);
}

Tensor MultimodalModel::embed(std::span<const TokenId> tokens, PromptMedia& media) const {
  std::vector<TokenId> known(tokens.begin(), tokens.end());
  // The tokens themselves need not be in the vocabulary.
  for (const TokenId token : {image_token_, audio_token_})
    if (token >= decoder_->vocabulary()) std::ranges::replace(known, token, 0);
  Tensor result = decoder_->embed(known);
  place(tokens, image_token_, media.pictures, result);
  place(tokens, audio_token_, media.sounds, result);
  return result;
}

void MultimodalModel::place(std::span<const TokenId> tokens, TokenId token, MediaRows& media,
                            Tensor& embeddings) const {
  if (media.rows.empty()) return;
  const int64_t width = decoder_->embedding_width(), stride = media.rows.shape().back(),
                rows = media.rows.count() / stride;
  if (media.used + std::ranges::count(tokens, token) > rows)
    fail(ErrorKind::input, "the text has more places of token {} than the {} rows of the {} fill", token,
         rows, token == image_token_ ? "pictures" : "sounds");
  float* to = embeddings.mutable_data<float>();
  for (size_t i = 0; i < tokens.size(); ++i, to += width)
    if (tokens[i] == token) std::copy_n(media.rows.data<float>() + media.used++ * stride, width, to);
}

std::vector<const float*> MultimodalModel::deep(std::span<const TokenId> tokens, const Tensor& pictures,
                                                int64_t used) const {
  const int64_t width = decoder_->embedding_width();
  if (pictures.empty() || pictures.shape().back() == width) return {};
  std::vector<const float*> result(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i] == image_token_)
      result[i] = pictures.data<float>() + used++ * pictures.shape().back() + width;
  return result;
}

std::vector<GridPosition> MultimodalModel::positions(const std::vector<bool>& pictured,
                                                     std::span<const MediaExtent> extents,
                                                     size_t& used) const {
  std::vector<GridPosition> places;
  int64_t next = 0;
  while (places.size() < pictured.size()) {
    const size_t at = places.size();
    if (!pictured[at]) {
      places.push_back(position_in_text(next++));
      continue;
    }
    if (used == extents.size())
      fail(ErrorKind::input, "the text has places for more pictures than the {} there are", extents.size());
    const MediaExtent& extent = extents[used++];
    add_places(extent, next, places);
    next += std::max(extent.height, extent.width);
    const bool fills = places.size() <= pictured.size() &&
                       std::ranges::all_of(pictured.begin() + static_cast<std::ptrdiff_t>(at),
                                           pictured.begin() + static_cast<std::ptrdiff_t>(places.size()),
                                           [](bool one) { return one; });
    if (!fills)
      fail(ErrorKind::input,
           "a picture of {} x {} x {} embeddings does not fit the places for one from {} on", extent.frames,
           extent.height, extent.width, at);
  }
  return places;
}

}  // namespace millrace
