#include "models/layers/rotary_embedding.h"

#include <cmath>

#include "base/error.h"
#include "kernels/kernels.h"

namespace millrace {
namespace {

int64_t turning_part(const Settings& settings, int64_t head_dim) {
  int64_t dim = head_dim;
  if (settings.has("dim"))
    dim = settings.size("dim");
  else if (settings.has("fraction"))
    dim = static_cast<int64_t>(static_cast<double>(head_dim) * settings.real("fraction"));
  if (dim < 1 || dim + dim % 2 > head_dim)
    fail_at(ErrorKind::model, settings.where("base"), "{} of the {} elements of a head cannot turn in pairs",
            dim, head_dim);
  return dim;
}

}  // namespace

RotaryEmbedding::RotaryEmbedding(const Settings& settings, int64_t head_dim)
    : head_dim_(head_dim),
      dim_(turning_part(settings, head_dim)),
      interleaved_(settings.flag("interleaved", false)),
      renewed_(settings.flag("renewed", false)),
      frequencies_(settings, dim_) {}

RotaryAngles RotaryEmbedding::room(int64_t rows, Workspace& workspace) const {
  return {.cosines = workspace.rows(rows, (dim_ + 1) / 2), .sines = workspace.rows(rows, (dim_ + 1) / 2)};
}

void RotaryEmbedding::angles(std::span<const int64_t> positions, int64_t length,
                             const RotaryAngles& angles) const {
  const auto frequencies = frequencies_.of_length(length);
  for (int64_t row = 0; row < angles.cosines.count; ++row) {
    const auto position = static_cast<float>(positions[static_cast<size_t>(row)]);
    for (size_t i = 0; i < frequencies.size(); ++i) {
      // Rounded as transformers rounds it: far positions depend on that.
      const float angle = position * frequencies[i];
      angles.cosines.row(row)[i] =
          static_cast<float>(std::cos(static_cast<double>(angle))) * frequencies_.magnitude();
      angles.sines.row(row)[i] =
          static_cast<float>(std::sin(static_cast<double>(angle))) * frequencies_.magnitude();
    }
  }
}

void RotaryEmbedding::rotate(const Rows& x, const RotaryAngles& angles) const {
  const int64_t pairs = (dim_ + 1) / 2, heads = x.width / head_dim_;
  for (int64_t row = 0; row < x.count; ++row) {
    const float *cosine = angles.cosines.row(row), *sine = angles.sines.row(row);
    for (int64_t head = 0; head < heads; ++head) {
      float* element = x.row(row) + head * head_dim_;
      for (int64_t i = 0; i < pairs; ++i) {
        float& a = interleaved_ ? element[2 * i] : element[i];
        float& b = interleaved_ ? element[2 * i + 1] : element[i + pairs];
        const float before = a;
        a = before * cosine[i] - b * sine[i];
        b = b * cosine[i] + before * sine[i];
      }
    }
  }
}

}  // namespace millrace
