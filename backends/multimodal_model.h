#pragma once
#include <memory>
#include <span>
#include <vector>

#include "decoders/text_decoder.h"
#include "encoders/media_embedder.h"
#include "models/settings.h"
#include "models/weights.h"
#include "preprocess/picture_text.h"

namespace millrace {

// A language model that reads pictures: an encoder's embeddings of them stand in the places of a token of the
// text (Liu et al., "Visual instruction tuning", 2023). From the settings and weights of the nested families
// `vision` and `language`, of PatchEmbedder, or where there is its setting of TiledEmbedder, and
//   image_token   the token whose places are the pictures'
//   text.marker, text.image, …   how pictures stand in a prompt: the fields of PictureTextOptions
//   takes_apart: true   pictures of prompts are taken apart even if the folder's image processor does not
//   joint         which positions see each other, and not only what is before them: "none"; "pictures", those
//   of
//                 each run of token type 1 (Gemma 3); "prefix", all of token type 0 (PaliGemma)
class MultimodalModel {
 public:
  MultimodalModel(const Settings& settings, const WeightScope& weights);

  const std::shared_ptr<const MediaEmbedder>& pictures() const { return pictures_; }
  const std::shared_ptr<const TextDecoder>& text_decoder() const { return decoder_; }
  TokenId image_token() const { return image_token_; }
  const PictureTextOptions& picture_text() const { return picture_text_; }
  bool takes_apart() const { return takes_apart_; }
  bool sees_jointly() const { return joint_ != Joint::none; }
  // DecoderFeed::blocks of a prompt's token types.
  std::vector<int32_t> blocks(std::span<const int64_t> token_types) const;
  // The same of a prompt of these tokens, nothing of which is an answer; empty where there are none.
  std::vector<int32_t> blocks(std::span<const TokenId> tokens) const;

  // Embeddings [tokens, width], with the rows of `pictures` (see MediaEmbedder::embed; may be empty) from
  // `used` on in the places of the image tokens, which moves on by as many. Too few rows are Error(input).
  Tensor embed(std::span<const TokenId> tokens, const Tensor& pictures, int64_t& used) const;

 private:
  enum class Joint { none, pictures, prefix };
  static Joint joint_of(const Settings& settings);

  std::shared_ptr<const TextDecoder> decoder_;
  std::shared_ptr<const MediaEmbedder> pictures_;
  TokenId image_token_;
  Joint joint_;
  bool takes_apart_;
  PictureTextOptions picture_text_;
};

}  // namespace millrace
