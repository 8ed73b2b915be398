#pragma once
#include <span>

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
class RotaryEmbedding {
 public:
  RotaryEmbedding(const Settings& settings, int64_t head_dim);

  // With the setting `renewed`, a sequence that grows beyond steady_length() is computed anew, with its
  // earlier positions.
  bool renews() const { return renewed_; }

  // Angles are the same for all lengths up to this one.
  int64_t steady_length() const { return frequencies_.steady_length(); }

  // The rows of a sequence that then has `length` positions.
  void angles(std::span<const int64_t> positions, int64_t length, const RotaryAngles& angles) const;
  RotaryAngles room(int64_t rows, Workspace& workspace) const;

  // x [n, heads * head_dim] in place.
  void rotate(const Rows& x, const RotaryAngles& angles) const;

 private:
  int64_t head_dim_, dim_;
  bool interleaved_, renewed_;
  RotaryFrequencies frequencies_;
};

}  // namespace millrace
