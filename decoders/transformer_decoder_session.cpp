#include "decoders/transformer_decoder_session.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

// Up to this many queries of one sequence each get what they would get alone (kernels/kernels.h).
constexpr int64_t kQueriesTogether = 8;

}  // namespace

KeyValueCache::Options TransformerDecoderSession::cache_options(const TransformerDecoder& decoder, int slots,
                                                                int64_t max_length) {
  if (slots < 1) fail(ErrorKind::internal, "a session needs at least one slot, not {}", slots);
  if (max_length < 1 || max_length > decoder.longest())
    fail(ErrorKind::input, "the model has {} positions; {} were asked for", decoder.longest(), max_length);
  return {.slots = slots,
          .layers = decoder.layers(),
          .max_length = max_length,
          .position_bytes = decoder.position_bytes()};
}

TransformerDecoderSession::TransformerDecoderSession(const TransformerDecoder& decoder, int slots,
                                                     int64_t max_length)
    : decoder_(decoder),
      cache_(cache_options(decoder, slots, max_length)),
      lines_(static_cast<size_t>(slots)) {
  if (decoder.has_memory()) memories_.emplace(decoder.layers_, slots);
  if (decoder.renews()) history_.emplace(slots, decoder.steady_length(), decoder.embedding_width());
}

void TransformerDecoderSession::check_slot(int slot) const {
  if (slot < 0 || slot >= slots()) fail(ErrorKind::internal, "slot {} of {} does not exist", slot, slots());
}

int64_t TransformerDecoderSession::length(int slot) const {
  check_slot(slot);
  return cache_.length(slot);
}

int TransformerDecoderSession::add_memory(const Tensor& states) {
  if (!memories_) fail(ErrorKind::input, "this decoder attends to no encoder");
  const int64_t width = decoder_.width();
  const bool batch_of_one = states.rank() == 3 && states.dim(0) == 1;
  if (states.dtype() != DType::float32 || (states.rank() != 2 && !batch_of_one) ||
      states.shape().back() != width || states.empty())
    fail(ErrorKind::input, "encoder states should be float32 [positions, {}], but are {} {}", width,
         name_of(states.dtype()), to_string(states.shape()));
  // Only read, though Rows is a view that may be written through.
  return memories_->add(
      {const_cast<float*>(states.data<float>()), states.count() / width, width, static_cast<size_t>(width)},
      workspace_);
}

void TransformerDecoderSession::attach(int slot, int memory) {
  check_slot(slot);
  if (!memories_ || !memories_->known(memory)) fail(ErrorKind::internal, "memory {} does not exist", memory);
  memories_->attach(slot, memory);
}

// What a feed's sequence is computed for.
int64_t TransformerDecoderSession::length_with(const DecoderFeed& feed) const {
  return std::max(feed.length, cache_.length(feed.slot) + positions_in(feed));
}

void TransformerDecoderSession::check(std::span<const DecoderFeed> feeds) const {
  if (feeds.empty()) fail(ErrorKind::internal, "a step needs at least one sequence");
  for (size_t i = 0; i < feeds.size(); ++i) {
    const auto& [slot, tokens, embeddings, mask, length, blocks, places, deep, deep_layers] = feeds[i];
    const int64_t count = positions_in(feeds[i]);
    check_slot(slot);
    for (size_t j = 0; j < i; ++j)
      if (feeds[j].slot == slot) fail(ErrorKind::internal, "slot {} is fed twice in one step", slot);
    if (count == 0) fail(ErrorKind::internal, "slot {} is fed nothing", slot);
    if (count > cache_.room(slot))
      fail(ErrorKind::input, "{} tokens after {} are more than the limit of {}", count, cache_.length(slot),
           max_length());
    if (mask.empty() != feeds[0].attention_mask.empty() ||
        (!mask.empty() && (static_cast<int64_t>(mask.size()) != count || cache_.length(slot) != 0)))
      fail(ErrorKind::internal, "an attention mask is of the whole of all sequences");
    if (!blocks.empty() && (std::ssize(blocks) != count || history_))
      fail(ErrorKind::internal, "blocks are of all positions of a feed, and of no sequence that is renewed");
    if (!places.empty() && (std::ssize(places) != count || history_ || decoder_.has_own_positions()))
      fail(ErrorKind::internal, "places are of all positions of a feed, and for rotary embeddings alone");
    if (!deep.empty() && (std::ssize(deep) != count || deep_layers < 0 || history_))
      fail(ErrorKind::internal, "what is added in the layers is of all positions of a feed");
    for (const TokenId token : tokens)
      if (token < 0 || token >= decoder_.vocabulary())
        fail(ErrorKind::input, "token {} is outside the vocabulary of {}", token, decoder_.vocabulary());
    if (memories_ && memories_->of(slot) < 0)
      fail(ErrorKind::internal, "slot {} has no encoder states to attend to", slot);
  }
}

int64_t TransformerDecoderSession::positions_in(const DecoderFeed& feed) const {
  if (feed.embeddings.empty()) return static_cast<int64_t>(feed.tokens.size());
  const auto width = static_cast<size_t>(decoder_.embedding_width());
  if (!feed.tokens.empty() || feed.embeddings.size() % width != 0)
    fail(ErrorKind::internal, "a feed is of tokens or of embeddings {} wide", width);
  return static_cast<int64_t>(feed.embeddings.size() / width);
}

// Gives the rows of the step to its sequences, and returns their number. Neighbours that attend to the same
// memory read it together.
int64_t TransformerDecoderSession::arrange(std::span<const DecoderFeed> feeds) {
  sequences_.clear();
  memory_rows_.clear();
  row_memories_.clear();
  positions_.clear();
  int64_t row = 0;
  for (const auto& feed : feeds) {
    const int slot = feed.slot;
    const int64_t count = positions_in(feed), position = cache_.length(slot);
    sequences_.push_back({.first_row = row,
                          .rows = count,
                          .position = position,
                          .position_bytes = decoder_.position_bytes(),
                          .tokens = feed.attention_mask.empty() ? nullptr : feed.attention_mask.data(),
                          .blocks = feed.blocks.empty() ? nullptr : feed.blocks.data()});
    lines_[static_cast<size_t>(slot)].extend(position, count, feed.positions, positions_);
    if (memories_) {
      const int memory = memories_->of(slot);
      if (!row_memories_.empty() && row_memories_.back() == memory &&
          memory_rows_.back().rows + count <= kQueriesTogether) {
        memory_rows_.back().rows += count;
      } else {
        memory_rows_.push_back({.first_row = row, .rows = count, .positions = memories_->positions(memory)});
        row_memories_.push_back(memory);
      }
    }
    row += count;
  }
  return row;
}

// The angles by which the decoder's rotary embeddings turn the rows.
void TransformerDecoderSession::turn(std::span<const DecoderFeed> feeds, int64_t rows) {
  angles_.clear();
  for (const auto& rotary : decoder_.plan_.rotary) {
    const RotaryAngles all = rotary->room(rows, workspace_);
    for (size_t i = 0; i < feeds.size(); ++i) {
      const auto& sequence = sequences_[i];
      const int64_t positions = sequence.position + sequence.rows;
      // A picture's positions take up less of a line than they are.
      const int64_t saved = positions - lines_[static_cast<size_t>(feeds[i].slot)].next(positions);
      rotary->angles(
          std::span(positions_)
              .subspan(static_cast<size_t>(sequence.first_row), static_cast<size_t>(sequence.rows)),
          std::max(feeds[i].length, positions) - saved,
          {.cosines = all.cosines.slice(sequence.first_row, sequence.rows),
           .sines = all.sines.slice(sequence.first_row, sequence.rows)});
    }
    angles_.push_back(all);
  }
}

// What the feeds add behind a layer.
void TransformerDecoderSession::deepen(int layer, std::span<const DecoderFeed> feeds,
                                       const Rows& states) const {
  for (size_t i = 0; i < feeds.size(); ++i) {
    if (layer >= feeds[i].deep_layers) continue;
    for (size_t row = 0; row < feeds[i].deep.size(); ++row)
      if (const float* added = feeds[i].deep[row])
        kernels::add(added + layer * states.width, states.width,
                     states.row(sequences_[i].first_row + static_cast<int64_t>(row)));
  }
}

Rows TransformerDecoderSession::key_bias() {
  if (!decoder_.alibi_) return {};
  int64_t keys = 0;
  for (const auto& sequence : sequences_) keys = std::max(keys, sequence.position + sequence.rows);
  const Rows bias = workspace_.rows(decoder_.heads(), keys);
  decoder_.alibi_->fill(bias);
  return bias;
}

void TransformerDecoderSession::place(int layer, std::span<const DecoderFeed> feeds) {
  for (size_t i = 0; i < feeds.size(); ++i) {
    sequences_[i].keys = cache_.keys(feeds[i].slot, layer);
    sequences_[i].values = cache_.values(feeds[i].slot, layer);
  }
  for (size_t i = 0; i < memory_rows_.size(); ++i)
    memory_rows_[i].keys_values = memories_->keys_values(row_memories_[i], layer);
}

void TransformerDecoderSession::begin_alignment(AlignmentRequest& alignment, int64_t rows) const {
  if (!memories_) fail(ErrorKind::input, "this decoder attends to no encoder, and so has no alignment");
  const int64_t positions = memory_rows_.front().positions;
  for (const auto& memory : memory_rows_)
    if (memory.positions != positions)
      fail(ErrorKind::internal, "alignment of sequences with memories of {} and {} positions in one step",
           positions, memory.positions);
  for (const auto& [layer, head] : alignment.heads)
    if (layer < 0 || layer >= decoder_.layers() || head < 0 || head >= decoder_.heads())
      fail(ErrorKind::model, "alignment head {} of layer {}: the decoder has {} layers of {} heads", head,
           layer, decoder_.layers(), decoder_.heads());
  alignment.weights = Tensor(DType::float32, {static_cast<int64_t>(alignment.heads.size()), rows, positions});
}

void TransformerDecoderSession::collect_alignment(int layer, AlignmentRequest& alignment) const {
  const int64_t rows = alignment.weights.dim(1), positions = alignment.weights.dim(2);
  float* weights = alignment.weights.mutable_data<float>();
  for (size_t i = 0; i < alignment.heads.size(); ++i) {
    if (alignment.heads[i].first != layer) continue;
    for (const auto& memory : memory_rows_)
      std::copy_n(memory.probabilities + alignment.heads[i].second * memory.rows * positions,
                  memory.rows * positions,
                  weights + (static_cast<int64_t>(i) * rows + memory.first_row) * positions);
  }
}

Rows TransformerDecoderSession::run_layers(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment) {
  const int64_t count = arrange(feeds);
  if (alignment) begin_alignment(*alignment, count);
  const Rows states = workspace_.rows(count, decoder_.width());
  for (size_t i = 0; i < feeds.size(); ++i) {
    decoder_.enter(feeds[i], sequences_[i].position,
                   states.slice(sequences_[i].first_row, sequences_[i].rows), workspace_);
    cache_.extend(feeds[i].slot, sequences_[i].rows);
  }
  turn(feeds, count);
  const StepRows step{
      .sequences = sequences_, .memories = memory_rows_, .angles = angles_, .key_bias = key_bias()};
  for (int layer = 0; layer < decoder_.layers(); ++layer) {
    const Workspace::Frame frame(workspace_);
    const bool aligned = alignment && std::ranges::any_of(alignment->heads, [&](const auto& head) {
                           return head.first == layer;
                         });
    place(layer, feeds);
    for (auto& memory : memory_rows_)
      memory.probabilities =
          aligned ? workspace_.rows(decoder_.heads() * memory.rows, memory.positions).data : nullptr;
    decoder_.layers_[static_cast<size_t>(layer)].forward(states, step, workspace_);
    if (aligned) collect_alignment(layer, *alignment);
    deepen(layer, feeds, states);
  }
  return states;
}

// The feeds, where sequences begin anew with all that they were fed before.
std::vector<DecoderFeed> TransformerDecoderSession::renewed(std::span<const DecoderFeed> feeds) {
  std::vector<DecoderFeed> result(feeds.begin(), feeds.end());
  for (auto& feed : result) {
    const Tensor embedded = feed.embeddings.empty() ? decoder_.embed(feed.tokens) : Tensor();
    const auto given = feed.embeddings.empty() ? embedded.values<float>() : feed.embeddings;
    const auto whole = history_->feed(feed.slot, cache_.length(feed.slot), length_with(feed), given);
    if (!whole) continue;
    feed.tokens = {};
    feed.embeddings = *whole;
    cache_.truncate(feed.slot, 0);
  }
  return result;
}

// The states of the positions that `feeds` asked for, which are the last where sequences began anew.
Rows TransformerDecoderSession::last_rows(std::span<const DecoderFeed> feeds, const Rows& states) {
  int64_t count = 0;
  for (const auto& feed : feeds) count += positions_in(feed);
  if (count == states.count) return states;
  const Rows result = workspace_.rows(count, states.width);
  float* to = result.data;
  for (size_t i = 0; i < feeds.size(); ++i) {
    const int64_t rows = positions_in(feeds[i]);
    to =
        std::copy_n(states.row(sequences_[i].first_row + sequences_[i].rows - rows), rows * states.width, to);
  }
  return result;
}

Rows TransformerDecoderSession::forward(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment) {
  check(feeds);
  std::vector<DecoderFeed> anew;
  if (history_) feeds = anew = renewed(feeds);
  try {
    return run_layers(feeds, alignment);
  } catch (...) {  // a step that failed has not happened
    for (size_t i = 0; i < sequences_.size(); ++i) cache_.truncate(feeds[i].slot, sequences_[i].position);
    throw;
  }
}

Tensor TransformerDecoderSession::step(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment) {
  const Workspace::Frame frame(workspace_);
  const Rows states = forward(feeds, alignment);
  const Rows last = workspace_.rows(static_cast<int64_t>(feeds.size()), states.width);
  for (size_t i = 0; i < feeds.size(); ++i)
    std::copy_n(states.row(sequences_[i].first_row + sequences_[i].rows - 1), states.width,
                last.row(static_cast<int64_t>(i)));
  Tensor logits(DType::float32, {last.count, decoder_.vocabulary()});
  decoder_.leave(last,
                 {logits.mutable_data<float>(), last.count, decoder_.vocabulary(),
                  static_cast<size_t>(decoder_.vocabulary())},
                 workspace_);
  return logits;
}

Tensor TransformerDecoderSession::step_all(std::span<const DecoderFeed> feeds, AlignmentRequest* alignment) {
  const Workspace::Frame frame(workspace_);
  const Rows states = last_rows(feeds, forward(feeds, alignment));
  Tensor logits(DType::float32, {states.count, decoder_.vocabulary()});
  decoder_.leave(states,
                 {logits.mutable_data<float>(), states.count, decoder_.vocabulary(),
                  static_cast<size_t>(decoder_.vocabulary())},
                 workspace_);
  return logits;
}

void TransformerDecoderSession::truncate(int slot, int64_t length) {
  check_slot(slot);
  if (length < 0) fail(ErrorKind::internal, "a length of {}", length);
  cache_.truncate(slot, length);
}

int64_t TransformerDecoderSession::resume(int slot, int64_t same, int64_t length) {
  check_slot(slot);
  // A history sees to it that all positions are computed for one length.
  if (!history_ && std::max(length, cache_.length(slot)) > decoder_.steady_length()) same = 0;
  truncate(slot, same);
  return same;
}

void TransformerDecoderSession::reorder(std::span<const int> sources) {
  if (sources.size() > static_cast<size_t>(slots()))
    fail(ErrorKind::internal, "{} sources for {} slots", sources.size(), slots());
  for (const int source : sources) check_slot(source);
  cache_.reorder(sources);
  const std::vector<RotaryLine> lines = lines_;
  for (size_t i = 0; i < sources.size(); ++i) lines_[i] = lines[static_cast<size_t>(sources[i])];
  if (history_) history_->reorder(sources);
  if (memories_) memories_->reorder(sources);
}

}  // namespace millrace
