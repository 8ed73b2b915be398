#include "backends/multimodal_model.h"

#include <algorithm>
#include <limits>

#include "backends/nested_block.h"
#include "backends/sound_options.h"
#include "base/error.h"
#include "encoders/patch_embedder.h"
#include "encoders/sound_embedder.h"
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
  options.split = settings.text("split", options.split);
  options.part = settings.text("part", options.part);
  options.between = settings.text("between", "");
  options.line_end = settings.text("line_end", "");
  options.behind_last = settings.text("behind_last", "");
  options.end = settings.text("end", "");
  return options;
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

MultimodalModel::MultimodalModel(const Settings& settings, const WeightScope& weights)
    : decoder_(nested_text_decoder(settings.at("language"), weights.at("language"))),
      joint_(joint_of(settings)) {
  if (settings.has("image_token")) add_pictures(settings, weights);
  if (settings.has("audio_token")) add_sounds(settings, weights);
}

void MultimodalModel::add_pictures(const Settings& settings, const WeightScope& weights) {
  image_token_ = token_setting(settings, "image_token");
  picture_text_ = picture_text_options(settings.at("text"));
  auto encoder = nested_vision_transformer(settings.at("vision"), weights.at("vision"));
  const int64_t width = decoder_->embedding_width();
  if (settings.has("tile_shapes"))
    pictures_ = std::make_shared<const TiledEmbedder>(settings, weights, std::move(encoder), width);
  else
    pictures_ = std::make_shared<const PatchEmbedder>(settings, weights, std::move(encoder), width);
}

void MultimodalModel::add_sounds(const Settings& settings, const WeightScope& weights) {
  audio_token_ = token_setting(settings, "audio_token");
  sound_text_ = picture_text_options(settings.at("sound_text"));
  auto encoder = nested_audio_encoder(settings.at("audio"), weights.at("audio"));
  sound_processor_ = sound_processor_options(settings.at("sound"), encoder->bands());
  sounds_ = std::make_shared<const SoundEmbedder>(settings.at("sound"), weights.at("sound"),
                                                  std::move(encoder), decoder_->embedding_width());
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
  const int64_t width = decoder_->embedding_width(), rows = media.rows.count() / width;
  if (media.used + std::ranges::count(tokens, token) > rows)
    fail(ErrorKind::input, "the text has more places of token {} than the {} rows of the {} fill", token,
         rows, token == image_token_ ? "pictures" : "sounds");
  float* to = embeddings.mutable_data<float>();
  for (size_t i = 0; i < tokens.size(); ++i, to += width)
    if (tokens[i] == token) std::copy_n(media.rows.data<float>() + media.used++ * width, width, to);
}

}  // namespace millrace
