#pragma once
#include <span>
#include <vector>

#include "models/layers/grid_position.h"

namespace millrace {

// Where rotary embeddings find the positions of one sequence: those of text count one by one, those of a
// picture stand in a grid and are fewer places on than they are positions.
class RotaryLine {
 public:
  // Adds to `all` the places of `count` more positions, behind the first `length` that the sequence has:
  // those given, or none given, the next ones. What was known beyond `length` is forgotten.
  void extend(int64_t length, int64_t count, std::span<const GridPosition> given,
              std::vector<GridPosition>& all);
  // The place that a token behind the first `length` positions has.
  int64_t next(int64_t length) const;

 private:
  // Behind each position; empty as long as they count from 0, one by one.
  std::vector<int64_t> next_;
};

}  // namespace millrace
