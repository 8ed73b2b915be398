#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "decoders/text_decoder.h"
#include "encoders/media_embedder.h"
#include "models/settings.h"
#include "models/weights.h"
#include "preprocess/picture_text.h"
#include "preprocess/sound_processor.h"

namespace millrace {

// Embeddings of media, [n, width] or empty, of which the first `used` stand in texts already.
struct MediaRows {
  Tensor rows = {};
  int64_t used = 0;
};
struct PromptMedia {
  MediaRows pictures = {}, sounds = {};
};

// A language model that reads pictures or hears sounds: an encoder's embeddings of them stand in the places
// of a token of the text (Liu et al., "Visual instruction tuning", 2023). From the settings and weights of
// the nested families `language` and, for each kind of media there is, `vision` or `audio`; of PatchEmbedder,
// or where there is its setting of TiledEmbedder, or where the encoder takes packed pictures of GridEmbedder;
// of SoundEmbedder, at `sound`; and
//   image_token, audio_token   the token whose places are the pictures' or the sounds'
//   text.marker, text.image, …, sound_text.marker, …   how they stand in a prompt: the fields of
//                 PictureTextOptions
//   grid_positions   true: rotary embeddings find a picture's embeddings in a grid, and the text behind it as
//                 far on as its longer edge is ("Qwen2-VL", Wang et al., 2024)
//   takes_apart: true   pictures of prompts are taken apart even if the folder's image processor does not
//   joint         which positions see each other, and not only what is before them: "none"; "pictures", those
//                 of each run of token type 1 (Gemma 3); "prefix", all of token type 0 (PaliGemma)
class MultimodalModel {
 public:
  // `plain`: where the weights are with an adapter, which is for prompts with sounds alone, those without it.
  MultimodalModel(const Settings& settings, const WeightScope& weights,
                  const std::optional<WeightScope>& plain = std::nullopt);

  // Each null where the model has none.
  const std::shared_ptr<const MediaEmbedder>& pictures() const { return pictures_; }
  const std::shared_ptr<const MediaEmbedder>& sounds() const { return sounds_; }
  const std::shared_ptr<const TextDecoder>& text_decoder() const { return decoder_; }
  // The one for prompts without sounds: another only where there is an adapter. Made when it is first asked
  // for.
  std::shared_ptr<const TextDecoder> plain_text_decoder() const;
  TokenId image_token() const { return image_token_; }  // -1: none
  TokenId audio_token() const { return audio_token_; }  // likewise
  const PictureTextOptions& picture_text() const { return picture_text_; }
  const PictureTextOptions& sound_text() const { return sound_text_; }
  // How sounds become features; those of a folder's preprocessor count more. None: it hears none.
  const std::optional<SoundProcessorOptions>& sound_processor() const { return sound_processor_; }
  bool takes_apart() const { return takes_apart_; }
  bool sees_jointly() const { return joint_ != Joint::none; }
  // DecoderFeed::blocks of a prompt's token types.
  std::vector<int32_t> blocks(std::span<const int64_t> token_types) const;
  // The same of a prompt of these tokens, nothing of which is an answer; empty where there are none.
  std::vector<int32_t> blocks(std::span<const TokenId> tokens) const;

  // Embeddings [tokens, width], with the media's rows, from those that are not used yet on, in the places of
  // their tokens. Too few rows are Error(input); where there are none at all, the places keep the token's.
  Tensor embed(std::span<const TokenId> tokens, PromptMedia& media) const;
  bool places_in_grid() const { return grid_positions_; }
  // DecoderFeed::positions of a prompt: which of its positions are pictures' (the others are text), with
  // pictures of `extents` from `used` on, which moves on by as many. Other places than these fill are
  // Error(input).
  std::vector<GridPosition> positions(const std::vector<bool>& pictured, std::span<const MediaExtent> extents,
                                      size_t& used) const;

  // DecoderFeed::deep of the same, within `pictures`; none where these have no such states.
  std::vector<const float*> deep(std::span<const TokenId> tokens, const Tensor& pictures, int64_t used) const;

 private:
  enum class Joint { none, pictures, prefix };
  static Joint joint_of(const Settings& settings);

  void place(std::span<const TokenId> tokens, TokenId token, MediaRows& media, Tensor& embeddings) const;
  void add_pictures(const Settings& settings, const WeightScope& weights);
  void add_sounds(const Settings& settings, const WeightScope& weights);

  std::shared_ptr<const TextDecoder> decoder_;
  std::function<std::shared_ptr<const TextDecoder>()> make_plain_;  // none: there is no adapter
  mutable std::once_flag plain_once_;
  mutable std::shared_ptr<const TextDecoder> plain_;
  std::shared_ptr<const MediaEmbedder> pictures_, sounds_;
  TokenId image_token_ = -1, audio_token_ = -1;
  bool grid_positions_;
  Joint joint_;
  bool takes_apart_;
  PictureTextOptions picture_text_, sound_text_;
  std::optional<SoundProcessorOptions> sound_processor_;
};

}  // namespace millrace
