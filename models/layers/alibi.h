#pragma once
#include <vector>

#include "models/layers/rows.h"
#include "models/settings.h"

namespace millrace {

// Attention with linear biases (Press et al., 2022): scores grow with the key's position, each head's by its
// own slope. A row adds the same to all of a query's scores as a distance would, up to a constant that
// softmax does not see.
class Alibi {
 public:
  // `scale` is that of the scores. With the setting alibi_rounded the biases are rounded to bfloat16, with
  // alibi_scaled they are scaled as the scores are, that number of times together (Falcon's are both).
  Alibi(const Settings& settings, int64_t heads, float scale);

  // bias [heads, keys].
  void fill(const Rows& bias) const;

 private:
  std::vector<float> slopes_;
  bool rounded_;
  float scale_;
};

}  // namespace millrace
