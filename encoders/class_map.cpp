#include "encoders/class_map.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "kernels/parallel.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

constexpr int64_t kLanes = 8;     // labels that are compared at a time
constexpr int64_t kBandRows = 8;  // that one thread makes at a time

// Two pixels of a row of logits, and how much the result has of each.
struct Pair {
  const float *first, *second;
  float first_part, second_part;

  float at(int64_t label) const { return first_part * first[label] + second_part * second[label]; }
};

// Logits in another size, row by row. A pixel's labels lie side by side, with some behind them that are never
// the likeliest, up to a multiple of kLanes.
class Upsampling {
 public:
  Upsampling(const Tensor& logits, int64_t height, int64_t width)
      : height_(height),
        from_height_(logits.dim(1)),
        from_width_(logits.dim(2)),
        lanes_((logits.dim(0) + kLanes - 1) / kLanes * kLanes),
        pixels_(static_cast<size_t>(from_height_ * from_width_ * lanes_),
                std::numeric_limits<float>::lowest()) {
    const float* from = logits.data<float>();
    for (int64_t label = 0; label < logits.dim(0); ++label)
      for (int64_t i = 0; i < from_height_ * from_width_; ++i)
        pixels_[static_cast<size_t>(i * lanes_ + label)] = *from++;
    for (int64_t x = 0; x < width; ++x) columns_.push_back(bilinear_tap(x, from_width_, width));
  }

  int64_t lanes() const { return lanes_; }

  // body(y, x, pair) for every pixel of the result, on all threads.
  template <class Body>
  void each_pixel(const Body& body) const {
    kernels::parallel_chunks((height_ + kBandRows - 1) / kBandRows, [&](int64_t band) {
      std::vector<float> row(static_cast<size_t>(from_width_ * lanes_));
      for (int64_t y = band * kBandRows; y < std::min((band + 1) * kBandRows, height_); ++y) {
        blend_rows(y, row);
        for (int64_t x = 0; x < std::ssize(columns_); ++x) {
          const auto& [first, second, part] = columns_[static_cast<size_t>(x)];
          body(y, x, Pair{row.data() + first * lanes_, row.data() + second * lanes_, 1 - part, part});
        }
      }
    });
  }

 private:
  // Row y of the result, as wide as the logits are.
  void blend_rows(int64_t y, std::vector<float>& row) const {
    const auto tap = bilinear_tap(y, from_height_, height_);
    const int64_t width = from_width_ * lanes_;
    const Pair pair{pixels_.data() + tap.first * width, pixels_.data() + tap.second * width, 1 - tap.part,
                    tap.part};
    for (int64_t i = 0; i < width; ++i) row[static_cast<size_t>(i)] = pair.at(i);
  }

  int64_t height_, from_height_, from_width_, lanes_;
  std::vector<float> pixels_;  // [from_height, from_width, lanes]
  std::vector<BilinearTap> columns_;
};

// The first label of the largest value. Each lane has a largest of its own at first.
int64_t likeliest(const Pair& pair, int64_t lanes) {
  float best[kLanes];
  int32_t where[kLanes] = {};
  std::ranges::fill(best, std::numeric_limits<float>::lowest());
  for (int64_t label = 0; label < lanes; label += kLanes)
    for (int64_t i = 0; i < kLanes; ++i) {
      const float value = pair.at(label + i);
      const bool better = value > best[i];
      best[i] = better ? value : best[i];
      where[i] = better ? static_cast<int32_t>(label) : where[i];
    }
  const float most = std::ranges::max(best);
  int64_t first = lanes;
  for (int64_t i = 0; i < kLanes; ++i)
    if (best[i] == most) first = std::min(first, where[i] + i);
  return first;
}

}  // namespace

Tensor upsample_logits(const Tensor& logits, int64_t height, int64_t width) {
  const int64_t labels = logits.dim(0);
  Tensor result(DType::float32, {labels, height, width});
  float* to = result.mutable_data<float>();
  Upsampling(logits, height, width).each_pixel([&](int64_t y, int64_t x, const Pair& pair) {
    for (int64_t label = 0; label < labels; ++label) to[(label * height + y) * width + x] = pair.at(label);
  });
  return result;
}

ClassMap likeliest_classes(const Tensor& logits, int64_t height, int64_t width) {
  const int64_t labels = logits.dim(0);
  if (labels > std::numeric_limits<uint16_t>::max() + int64_t{1})
    fail(ErrorKind::model, "{} labels are more than pictures are segmented into: at most 65536", labels);
  ClassMap map(height, width);
  const Upsampling upsampling(logits, height, width);
  upsampling.each_pixel([&](int64_t y, int64_t x, const Pair& pair) {
    map.row(y)[x] = static_cast<uint16_t>(likeliest(pair, upsampling.lanes()));
  });
  return map;
}

std::vector<ClassShare> class_shares(const ClassMap& map) {
  std::vector<int64_t> counts;
  for (const uint16_t index : map.classes) {
    if (index >= counts.size()) counts.resize(index + size_t{1});
    ++counts[index];
  }
  std::vector<ClassShare> shares;
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0)
      shares.push_back({static_cast<int64_t>(i),
                        static_cast<double>(counts[i]) / static_cast<double>(map.classes.size())});
  std::ranges::stable_sort(shares, [](const auto& a, const auto& b) { return a.share > b.share; });
  return shares;
}

}  // namespace millrace
