#include "models/layers/resample.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"

namespace millrace {
namespace {

// A pixel along one axis that has a part in one of the result.
struct Tap {
  int64_t index;
  float weight;
};
using Taps = std::vector<Tap>;

double source_position(int64_t i, int64_t from, int64_t to, bool align_corners) {
  if (align_corners) return to > 1 ? static_cast<double>(i * (from - 1)) / static_cast<double>(to - 1) : 0;
  // In float32, as torch has it.
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  return static_cast<double>(scale * (static_cast<float>(i) + 0.5f) - 0.5f);
}

// Keys' cubic convolution at a distance.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

Taps bicubic_taps(double position, int64_t from) {
  Taps taps;
  const double begin = std::floor(position);
  for (int64_t k = -1; k <= 2; ++k)
    taps.push_back({std::clamp<int64_t>(static_cast<int64_t>(begin) + k, 0, from - 1),
                    static_cast<float>(cubic(position - begin - static_cast<double>(k), -0.75))});
  return taps;
}

Taps antialiased_taps(int64_t i, int64_t from, int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to), stretch = std::max(scale, 1.);
  const double centre = scale * (static_cast<double>(i) + 0.5), support = 2 * stretch;
  const auto first = std::max<int64_t>(static_cast<int64_t>(centre - support + 0.5), 0);
  const auto last = std::min(static_cast<int64_t>(centre + support + 0.5), from);
  std::vector<double> weights;
  double sum = 0;
  for (int64_t k = first; k < last; ++k) {
    weights.push_back(cubic((static_cast<double>(k) - centre + 0.5) / stretch, -0.5));
    sum += weights.back();
  }
  Taps taps;
  for (int64_t k = first; k < last; ++k)
    taps.push_back({k, static_cast<float>(weights[static_cast<size_t>(k - first)] / sum)});
  return taps;
}

std::vector<Taps> all_taps(const ResampleArgs& args, int64_t from, int64_t to) {
  std::vector<Taps> result;
  for (int64_t i = 0; i < to; ++i) {
    const double position = source_position(i, from, to, args.align_corners);
    if (args.filter == ResampleFilter::bilinear) {
      const auto [first, second, part] = bilinear_tap(i, from, to, args.align_corners);
      result.push_back({{first, 1 - part}, {second, part}});
    } else if (args.filter == ResampleFilter::bicubic) {
      result.push_back(bicubic_taps(position, from));
    } else {
      result.push_back(antialiased_taps(i, from, to));
    }
  }
  return result;
}

}  // namespace

ResampleFilter resample_filter(const Settings& settings, std::string_view name) {
  const std::string filter = settings.text(name);
  if (filter == "bilinear") return ResampleFilter::bilinear;
  if (filter == "bicubic") return ResampleFilter::bicubic;
  if (filter == "bicubic_antialiased") return ResampleFilter::bicubic_antialiased;
  fail_at(ErrorKind::model, settings.where(name),
          "'{}' is no filter; there are bilinear, bicubic, bicubic_antialiased", filter);
}

BilinearTap bilinear_tap(int64_t i, int64_t from, int64_t to, bool align_corners) {
  const double position = std::max(source_position(i, from, to, align_corners), 0.);
  const auto first = std::min(static_cast<int64_t>(position), from - 1);
  return {.first = first,
          .second = std::min(first + 1, from - 1),
          .part = static_cast<float>(std::clamp(position - static_cast<double>(first), 0., 1.))};
}

void resample(const ResampleArgs& args) {
  const auto columns = all_taps(args, args.width, args.out_width);
  float* y = args.y;
  for (const Taps& row : all_taps(args, args.height, args.out_height))
    for (const Taps& column : columns) {
      std::fill_n(y, args.channels, 0.f);
      for (const Tap& i : row)
        for (const Tap& j : column) {
          const float weight = i.weight * j.weight;
          const float* x = args.x + (i.index * args.width + j.index) * args.channels;
          for (int64_t c = 0; c < args.channels; ++c) y[c] += weight * x[c];
        }
      y += args.channels;
    }
}

FeatureMap resampled(const FeatureMap& x, int64_t height, int64_t width, Workspace& workspace,
                     bool align_corners) {
  auto y = make_feature_map(workspace, x.images, height, width, x.channels());
  for (int64_t image = 0; image < x.images; ++image)
    resample({.filter = ResampleFilter::bilinear,
              .x = x.image(image),
              .height = x.height,
              .width = x.width,
              .channels = x.channels(),
              .y = y.image(image),
              .out_height = height,
              .out_width = width,
              .align_corners = align_corners});
  return y;
}

}  // namespace millrace
