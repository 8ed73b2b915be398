#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/layers/linear.h"
#include "models/layers/transformer_layer.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// What an encoder makes of a batch of texts, float32.
struct TextFeatures {
  Tensor last_hidden_state;  // [B, T, width]
  Tensor pooler_output;      // [B, pooled width]
};

// A transformer over the tokens of texts, of which each becomes one vector: CLIP's (Radford et al., "Learning
// transferable visual models from natural language supervision", 2021) and SigLIP's. From the settings of
// transformer_layer_options and
//   vocabulary, positions
//   causal         tokens see none that come later
//   pooling        the row that stands for a text: "last", "highest" (the first with the highest id) or
//                  "end_token" (the first that is the setting end_token; the text's first where none is)
//   pooler         true: it goes through one more layer, to pooled_width values (the width by default)
// Weights: embedding, positions, layers, norm and pooler.
class TextEncoder {
 public:
  TextEncoder(const Settings& settings, const WeightScope& weights);

  int64_t positions() const { return positions_.dim(0); }
  int64_t width() const { return width_; }
  int64_t pooled_width() const { return pooler_ ? pooler_->outputs() : width_; }

  // Texts of one length, and for each 1 for tokens and 0 for padding, or no masks at all. Error(input): ids
  // outside the vocabulary, more tokens than positions.
  TextFeatures encode(std::span<const std::vector<int32_t>> texts,
                      std::span<const std::vector<uint8_t>> masks) const;

 private:
  enum class Pooling { last, highest, end_token };
  static Pooling pooling_of(const Settings& settings);
  void check(const std::vector<int32_t>& tokens) const;
  void embed(const std::vector<int32_t>& tokens, const Rows& states) const;
  int64_t pooled_row(const std::vector<int32_t>& tokens) const;

  int64_t width_;
  Pooling pooling_;
  int64_t end_token_ = 0;
  Tensor embedding_, positions_;  // [vocabulary, width], [positions, width]
  std::vector<TransformerLayer> layers_;
  Norm norm_;
  std::optional<Linear> pooler_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
