#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "models/layers/grid_position.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// What one sequence is fed in a step: tokens, or embeddings in their place, of at least one position. The
// sequence's cache grows by as many.
struct DecoderFeed {
  int slot = 0;  // which sequence of the session
  std::span<const TokenId> tokens;
  std::span<const float> embeddings = {};  // [positions, TextDecoder::embedding_width()]
  // 1 for a token, 0 for padding that nothing attends to; empty: no padding. Of whole sequences only: all
  // feeds of the step begin theirs, and none goes on.
  std::span<const uint8_t> attention_mask = {};
  // Positions that the sequence will have when all of the prompt that this feed is a part of is read. Rotary
  // embeddings that are stretched by length go by it. 0, or less than are fed: those that are fed.
  int64_t length = 0;
  // Of each position: those that have the same number, from 0 on, see each other, too, and not only what is
  // before them; -1: it is in no such block. All of a block is in one feed. Empty: there are none.
  std::span<const int32_t> blocks = {};
  // Of each position, where rotary embeddings find it; what is fed later without goes on behind the farthest.
  // Empty: they go on one by one. Only of models that have no other embeddings of positions.
  std::span<const GridPosition> positions = {};
  // Of each position, what is added to its states behind each of the first `deep_layers` layers,
  // [deep_layers, width], or null ("DeepStack", Meng et al., 2024). Empty: nothing is.
  std::span<const float* const> deep = {};
  int64_t deep_layers = 0;
};

// Cross-attention weights of the last fed position(s), for word times: averaged over nothing, one row per
// head asked for. weights [heads asked for, positions fed, memory positions].
struct AlignmentRequest {
  std::vector<std::pair<int, int>> heads;  // (layer, head)
  Tensor weights;
};

// Several sequences being decoded together: a static key/value cache of `slots` sequences of at most
// `max_length` positions each, allocated once. Not thread-safe; sessions of one decoder are independent of
// each other.
class DecoderSession {
 public:
  virtual ~DecoderSession() = default;

  virtual int slots() const = 0;
  virtual int64_t max_length() const = 0;
  virtual int64_t length(int slot) const = 0;  // positions in the cache

  // Makes encoder states [positions, width] the memory that `slot` attends to. Slots share memories: the keys
  // and values are computed once, by `add_memory`, and dropped when no slot refers to them any more.
  virtual int add_memory(const Tensor& states) = 0;
  virtual void attach(int slot, int memory) = 0;

  // Logits [feeds, vocabulary] of each feed's last position, float32. Throws Error(input) naming the limit
  // when a cache would overflow. Results of a slot do not depend on which others are fed with it (float32
  // weights).
  virtual Tensor step(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment = nullptr) = 0;
  // As step, with the logits of every position: [positions of all feeds in order, vocabulary].
  virtual Tensor step_all(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment = nullptr) = 0;

  // Forgets all positions of `slot` from `length` on.
  virtual void truncate(int slot, int64_t length) = 0;
  // Begins a prompt of `length` positions in `slot`, of which it holds the first `same` already. Forgets the
  // others, and these too where a sequence of that length computes them otherwise. Positions that are kept.
  virtual int64_t resume(int slot, int64_t same, int64_t length) = 0;
  // Slot i becomes a copy of what slot sources[i] was (positions and memory); sources.size() <= slots().
  virtual void reorder(std::span<const int> sources) = 0;
};

// The `text_decoder` method with its cache: what generation is written against. Immutable and shared.
class TextDecoder {
 public:
  virtual ~TextDecoder() = default;
  virtual int64_t vocabulary() const = 0;
  virtual int64_t max_length() const = 0;  // positions the model was made for
  // Sequences of up to so many positions compute each of them as any shorter one does.
  virtual int64_t steady_length() const { return std::numeric_limits<int64_t>::max(); }
  virtual int layers() const = 0;
  virtual int heads() const = 0;
  virtual int64_t embedding_width() const = 0;
  // Embeddings [tokens, embedding_width] of tokens, scaled as the model does.
  virtual Tensor embed(std::span<const TokenId> tokens) const = 0;
  // Beyond max_length() only where the model's positions are not learned one by one.
  virtual std::unique_ptr<DecoderSession> begin(int slots, int64_t max_length) const = 0;
};

}  // namespace millrace
