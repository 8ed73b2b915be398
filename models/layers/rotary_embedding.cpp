#include "models/layers/rotary_embedding.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

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

int64_t pairs_of(int64_t dim) { return (dim + 1) / 2; }

// Of each pair the axis, in runs.
std::vector<size_t> axes_in_runs(const std::vector<int64_t>& sections) {
  std::vector<size_t> axes;
  for (size_t i = 0; i < sections.size(); ++i)
    axes.insert(axes.end(), static_cast<size_t>(sections[i]), i % std::tuple_size_v<GridPosition>);
  return axes;
}

std::vector<size_t> axes_in_turn(const std::vector<int64_t>& sections, size_t pairs) {
  constexpr size_t kAxes = std::tuple_size_v<GridPosition>;
  std::vector<size_t> axes(pairs, 0);
  for (size_t axis = 1; axis < kAxes; ++axis)
    for (size_t i = axis; i < std::min(pairs, static_cast<size_t>(sections[axis]) * kAxes); i += kAxes)
      axes[i] = axis;
  return axes;
}

}  // namespace

RotaryEmbedding::RotaryEmbedding(const Settings& settings, int64_t head_dim)
    : head_dim_(head_dim),
      dim_(turning_part(settings, head_dim)),
      by_place_(settings.flag("by_place", false)),
      interleaved_(settings.flag("interleaved", false)),
      renewed_(settings.flag("renewed", false)),
      frequencies_(settings, by_place_ ? dim_ / 2 : dim_),
      turns_(turns_of(settings)) {}

std::vector<RotaryEmbedding::Turn> RotaryEmbedding::turns_of(const Settings& settings) const {
  const auto pairs = static_cast<size_t>(pairs_of(dim_));
  std::vector<Turn> turns(pairs);
  for (size_t i = 0; i < pairs; ++i) turns[i].frequency = i;
  if (by_place_) {
    if (dim_ % 4 != 0)
      fail_at(ErrorKind::model, settings.where("by_place"),
              "heads of {} elements cannot turn by height and by width in pairs", dim_);
    for (size_t i = 0; i < pairs; ++i) turns[i] = {i % (pairs / 2), i < pairs / 2 ? 1U : 2U};
  }
  const bool mixed = settings.flag("mixed_sections", false);
  if (!settings.has("sections")) return turns;
  const auto sections = settings.counts("sections");
  const int64_t sum = std::accumulate(sections.begin(), sections.end(), int64_t{0});
  if (sections.size() < std::tuple_size_v<GridPosition> || (!mixed && sum != pairs_of(dim_)))
    fail_at(ErrorKind::model, settings.where("sections"), "sections of {} pairs do not fit heads of {} pairs",
            fmt::join(sections, ", "), pairs);
  const auto axes = mixed ? axes_in_turn(sections, pairs) : axes_in_runs(sections);
  for (size_t i = 0; i < pairs; ++i) turns[i].axis = axes[i];
  return turns;
}

RotaryAngles RotaryEmbedding::room(int64_t rows, Workspace& workspace) const {
  return {.cosines = workspace.rows(rows, pairs_of(dim_)), .sines = workspace.rows(rows, pairs_of(dim_))};
}

void RotaryEmbedding::angles(std::span<const GridPosition> positions, int64_t length,
                             const RotaryAngles& angles) const {
  const auto frequencies = frequencies_.of_length(length);
  for (int64_t row = 0; row < angles.cosines.count; ++row) {
    const GridPosition& position = positions[static_cast<size_t>(row)];
    for (size_t i = 0; i < turns_.size(); ++i) {
      // Rounded as transformers rounds it: far positions depend on that.
      const float angle = static_cast<float>(position[turns_[i].axis]) * frequencies[turns_[i].frequency];
      angles.cosines.row(row)[i] =
          static_cast<float>(std::cos(static_cast<double>(angle))) * frequencies_.magnitude();
      angles.sines.row(row)[i] =
          static_cast<float>(std::sin(static_cast<double>(angle))) * frequencies_.magnitude();
    }
  }
}

void RotaryEmbedding::rotate(const Rows& x, const RotaryAngles& angles) const {
  const int64_t pairs = pairs_of(dim_), heads = x.width / head_dim_;
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
