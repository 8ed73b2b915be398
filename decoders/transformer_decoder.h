#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "decoders/text_decoder.h"
#include "models/layers/alibi.h"
#include "models/layers/layer_plan.h"
#include "models/layers/token_embedding.h"
#include "models/layers/transformer_layer.h"

namespace millrace {

// A text decoder of transformer layers: token and position embeddings, causal layers that may attend to an
// encoder's states, a final norm, and a head that gives logits (and may share the embedding's weights). From
// the settings of layer_plan, transformer_layer_options and TokenEmbedding, and
//   positions          that the model was made for
//   learned_positions  are embeddings added to the tokens', from position_offset on; with
//                      masked_positions, padding does not count as a position
//   alibi              scores have linear biases, see Alibi
//   final_norm         (true) the last layer's states are normalised, unless no_final_norm
class TransformerDecoder : public TextDecoder {
 public:
  TransformerDecoder(const Settings& settings, const WeightScope& weights);

  int64_t vocabulary() const override { return embedding_.vocabulary(); }
  int64_t max_length() const override { return positions_count_; }
  int64_t steady_length() const override;
  int layers() const override { return static_cast<int>(layers_.size()); }
  int heads() const override { return static_cast<int>(attention_.heads); }
  int64_t embedding_width() const override { return embedding_.embedding_width(); }
  Tensor embed(std::span<const TokenId> tokens) const override;
  // The session refers to the decoder, which has to outlive it.
  std::unique_ptr<DecoderSession> begin(int slots, int64_t max_length) const override;

  bool has_memory() const { return attends_to_memory_; }
  int64_t width() const { return attention_.width; }

 private:
  friend class TransformerDecoderSession;
  bool has_own_positions() const { return !positions_.empty() || alibi_; }
  int64_t longest() const;        // sequence that the model can compute
  bool renews() const;            // sequences that grow beyond steady_length() are computed anew
  size_t position_bytes() const;  // in a layer's cache, of keys and as many of values
  // The states of a feed whose first position is `position`.
  void enter(const DecoderFeed& feed, int64_t position, const Rows& states, Workspace& workspace) const;
  void add_positions(const DecoderFeed& feed, int64_t position, const Rows& states) const;
  // Final norm and head: states [n, width], which are changed, to logits [n, vocabulary].
  void leave(const Rows& states, const Rows& logits, Workspace& workspace) const;

  AttentionOptions attention_;
  kernels::WeightType weights_;
  int64_t positions_count_, position_offset_;
  bool masked_positions_, attends_to_memory_;
  TokenEmbedding embedding_;
  Tensor positions_;  // [position_offset + positions, width]; empty where positions are not learned
  LayerPlan plan_;
  std::optional<Alibi> alibi_;
  std::vector<TransformerLayer> layers_;
  std::optional<Norm> norm_;
};

}  // namespace millrace
