#pragma once
#include <optional>
#include <vector>

#include "decoders/attention_memories.h"
#include "decoders/feed_history.h"
#include "decoders/key_value_cache.h"
#include "decoders/rotary_line.h"
#include "decoders/transformer_decoder.h"

namespace millrace {

// A TransformerDecoder at work: the tokens of all sequences fed in a step go through each layer together,
// attention alone is per sequence.
class TransformerDecoderSession : public DecoderSession {
 public:
  TransformerDecoderSession(const TransformerDecoder& decoder, int slots, int64_t max_length);

  int slots() const override { return cache_.slots(); }
  int64_t max_length() const override { return cache_.max_length(); }
  int64_t length(int slot) const override;
  int add_memory(const Tensor& states) override;
  void attach(int slot, int memory) override;
  Tensor step(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment) override;
  Tensor step_all(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment) override;
  void truncate(int slot, int64_t length) override;
  int64_t resume(int slot, int64_t same, int64_t length) override;
  void reorder(std::span<const int> sources) override;

 private:
  static KeyValueCache::Options cache_options(const TransformerDecoder& decoder, int slots,
                                              int64_t max_length);
  void check_slot(int slot) const;
  void check(std::span<const DecoderFeed> feeds) const;
  int64_t length_with(const DecoderFeed& feed) const;
  int64_t positions_in(const DecoderFeed& feed) const;
  int64_t arrange(std::span<const DecoderFeed> feeds);
  void turn(std::span<const DecoderFeed> feeds, int64_t rows);
  void deepen(int layer, std::span<const DecoderFeed> feeds, const Rows& states) const;
  Rows key_bias();
  std::vector<DecoderFeed> renewed(std::span<const DecoderFeed> feeds);
  Rows last_rows(std::span<const DecoderFeed> feeds, const Rows& states);
  Rows forward(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment);
  Rows run_layers(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment);
  void place(int layer, std::span<const DecoderFeed> feeds);
  void begin_alignment(AlignmentRequest& alignment, int64_t rows) const;
  void collect_alignment(int layer, AlignmentRequest& alignment) const;

  const TransformerDecoder& decoder_;
  KeyValueCache cache_;
  std::optional<AttentionMemories> memories_;
  std::optional<FeedHistory> history_;
  Workspace workspace_;
  std::vector<SequenceRows> sequences_;  // of the step under way
  std::vector<MemoryRows> memory_rows_;
  std::vector<int> row_memories_;  // the memory of each of memory_rows_
  std::vector<RotaryAngles> angles_;
  std::vector<RotaryLine> lines_;        // of the slots
  std::vector<GridPosition> positions_;  // of the rows
};

}  // namespace millrace
