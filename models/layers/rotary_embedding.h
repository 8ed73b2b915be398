#pragma once
#include <span>
#include <vector>

#include "models/layers/grid_position.h"
#include "models/layers/rotary_frequencies.h"
#include "models/layers/rows.h"
#include "models/layers/workspace.h"

namespace millrace {

// Sines and cosines of the rows of a step, [rows, pairs].
struct RotaryAngles {
  Rows cosines, sines;
};

// Turns pairs of a head's elements by an angle that grows with the position. Pairs are (i, i + dim / 2), or
// (2 i, 2 i + 1) with the setting `interleaved`. The setting `dim`, or `fraction` of a head, says how many of
// a head's first elements turn; an odd one is made even for its pairs, though not for their angles.
//
// Pairs turn by the position in time, but with the settings
//   sections        [a, b, c, …]: the first a pairs by that in time, the next b by
//                   that in height, then c by that in width, and so on round
//                   ("Qwen2-VL", Wang et al., 2024)
//   mixed_sections  with sections: the pairs of time, height and width take turns,
//                   as long as each has some left, and the rest is time's
//                   (Qwen3-VL)
//   by_place: true  the first half by height, the other by width, each as if it were all of the head
class RotaryEmbedding {
 public:
  RotaryEmbedding(const Settings& settings, int64_t head_dim);

  // With the setting `renewed`, a sequence that grows beyond steady_length() is computed anew, with its
  // earlier positions.
  bool renews() const { return renewed_; }

  // Angles are the same for all lengths up to this one.
  int64_t steady_length() const { return frequencies_.steady_length(); }

  // The rows of a sequence that then has `length` positions.
  void angles(std::span<const GridPosition> positions, int64_t length, const RotaryAngles& angles) const;
  RotaryAngles room(int64_t rows, Workspace& workspace) const;

  // x [n, heads * head_dim] in place.
  void rotate(const Rows& x, const RotaryAngles& angles) const;

 private:
  // By what a pair turns.
  struct Turn {
    size_t frequency = 0, axis = 0;
  };
  std::vector<Turn> turns_of(const Settings& settings) const;

  int64_t head_dim_, dim_;
  bool by_place_, interleaved_, renewed_;
  RotaryFrequencies frequencies_;
  std::vector<Turn> turns_;
};

}  // namespace millrace
