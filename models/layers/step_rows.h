#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/layers/rotary_embedding.h"
#include "models/layers/rows.h"

namespace millrace {

// One sequence among the rows that are computed together.
struct SequenceRows {
  int64_t first_row = 0, rows = 0;
  int64_t position = 0;  // of the first row, counted from the sequence's beginning
  // The layer's cache of this sequence, a position every `position_bytes`: what the rows leave for later ones
  // (keys and values) is written to it, and everything from position 0 on is attended to. Null: the rows
  // attend to each other alone.
  std::byte* keys = nullptr;
  std::byte* values = nullptr;
  size_t position_bytes = 0;
  // Of a whole sequence: 1 for tokens, 0 for padding, which nothing attends to. Null: no padding.
  const uint8_t* tokens = nullptr;
  // Of each row: rows of the same number, from 0 on, see each other, too. Null: none do.
  const int32_t* blocks = nullptr;
  // Of a sequence without a cache: only the first so many rows are attended to, what follows is padding. 0:
  // all.
  int64_t seen = 0;
};

// Rows that attend to the same memory: an encoder's states, as keys and values of one layer.
struct MemoryRows {
  int64_t first_row = 0, rows = 0;
  // [positions, keys then values], as CrossAttention::remember wrote them
  const std::byte* keys_values = nullptr;
  int64_t positions = 0;
  float* probabilities = nullptr;  // [heads, rows, positions] where wanted
};

// What the layers are told of the rows that go through them together.
struct StepRows {
  std::span<const SequenceRows> sequences;
  std::span<const MemoryRows> memories;  // cover the same rows
  std::span<const RotaryAngles> angles;  // of the rows, for each rotary embedding of the model
  Rows key_bias = {};                    // [heads, keys], added to all scores; may be empty
  // Added to the scores of sequences without padding, which are of one length: [heads, rows, rows]; or null.
  const float* score_bias = nullptr;
};

}  // namespace millrace
