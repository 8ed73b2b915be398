#include "backends/multimodal_model.h"

#include <algorithm>
#include <limits>

#include "backends/nested_block.h"
#include "base/error.h"
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
      image_token_(token_setting(settings, "image_token")),
      joint_(joint_of(settings)),
      takes_apart_(settings.flag("takes_apart", false)),
      picture_text_(picture_text_options(settings.at("text"))) {
  auto encoder = nested_vision_transformer(settings.at("vision"), weights.at("vision"));
  const int64_t width = decoder_->embedding_width();
  if (settings.has("tile_shapes"))
    pictures_ = std::make_shared<const TiledEmbedder>(settings, weights, std::move(encoder), width);
  else
    pictures_ = std::make_shared<const PatchEmbedder>(settings, weights, std::move(encoder), width);
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

Tensor MultimodalModel::embed(std::span<const TokenId> tokens, const Tensor& pictures, int64_t& used) const {
  // The token itself need not be in the vocabulary.
  std::vector<TokenId> known(tokens.begin(), tokens.end());
  if (image_token_ >= decoder_->vocabulary()) std::ranges::replace(known, image_token_, 0);
  Tensor result = decoder_->embed(known);
  if (pictures.empty()) return result;
  const int64_t width = decoder_->embedding_width(), rows = pictures.count() / width;
  const auto needed = std::ranges::count(tokens, image_token_);
  if (used + needed > rows)
    fail(ErrorKind::input, "the text has more places of token {} than the {} rows of the pictures fill",
         image_token_, rows);
  float* to = result.mutable_data<float>();
  for (size_t i = 0; i < tokens.size(); ++i, to += width)
    if (tokens[i] == image_token_) std::copy_n(pictures.data<float>() + used++ * width, width, to);
  return result;
}

}  // namespace millrace
