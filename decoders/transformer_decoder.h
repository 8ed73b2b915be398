#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "decoders/text_decoder.h"
#include "models/layers/token_embedding.h"
#include "models/layers/transformer_layer.h"

namespace millrace {

// A text decoder of transformer layers: token and position embeddings, causal layers that may attend to an
// encoder's states, a final norm, and a head that gives logits (and may share the embedding's weights).
class TransformerDecoder : public TextDecoder {
 public:
  TransformerDecoder(const Settings& settings, const WeightScope& weights);

  int64_t vocabulary() const override { return embedding_.vocabulary(); }
  int64_t max_length() const override { return max_length_; }
  int layers() const override { return static_cast<int>(layers_.size()); }
  int heads() const override { return static_cast<int>(attention_.heads); }
  // The session refers to the decoder, which has to outlive it.
  std::unique_ptr<DecoderSession> begin(int slots, int64_t max_length) const override;

  // A decoder without layers may be given an encoder's states, and looks at none.
  bool has_memory() const { return layers_.empty() || layers_.front().cross_attention() != nullptr; }
  int64_t width() const { return attention_.width; }

 private:
  friend class TransformerDecoderSession;
  // states [tokens, width]: the embeddings of tokens from `position` of their sequence on.
  void embed(std::span<const TokenId> tokens, int64_t position, const Rows& states) const;
  // Final norm and head: states [n, width] in place to logits [n, vocabulary].
  void unembed(const Rows& states, const Rows& logits) const;

  AttentionOptions attention_;
  kernels::WeightType weights_;
  int64_t max_length_;
  TokenEmbedding embedding_;
  Tensor positions_;  // [max_length, width]; empty where positions are not learned
  std::vector<TransformerLayer> layers_;
  Norm norm_;
};

}  // namespace millrace
