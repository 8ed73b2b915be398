#include "encoders/class_map.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "kernels/parallel.h"
#include "models/layers/resample.h"

namespace millrace {
namespace {

constexpr int64_t kBandRows = 8;  // that one thread makes at a time

// Logits with a pixel's labels side by side, and bands of them in another size.
class Upsampling {
 public:
  Upsampling(const Tensor& logits, int64_t height, int64_t width)
      : labels_(logits.dim(0)),
        from_height_(logits.dim(1)),
        from_width_(logits.dim(2)),
        height_(height),
        width_(width),
        pixels_(static_cast<size_t>(logits.count())) {
    const float* from = logits.data<float>();
    const int64_t count = from_height_ * from_width_;
    for (int64_t label = 0; label < labels_; ++label)
      for (int64_t i = 0; i < count; ++i) pixels_[static_cast<size_t>(i * labels_ + label)] = *from++;
  }

  // body(row, values [width, labels]) for every row of the result, on all threads.
  template <class Body>
  void each_row(const Body& body) const {
    kernels::parallel_chunks((height_ + kBandRows - 1) / kBandRows, [&](int64_t band) {
      const int64_t first = band * kBandRows, last = std::min(first + kBandRows, height_);
      std::vector<float> made(static_cast<size_t>((last - first) * width_ * labels_));
      resample({.filter = ResampleFilter::bilinear,
                .x = pixels_.data(),
                .height = from_height_,
                .width = from_width_,
                .channels = labels_,
                .y = made.data(),
                .out_height = height_,
                .out_width = width_,
                .first_row = first,
                .last_row = last});
      for (int64_t row = first; row < last; ++row) body(row, made.data() + (row - first) * width_ * labels_);
    });
  }

 private:
  int64_t labels_, from_height_, from_width_, height_, width_;
  std::vector<float> pixels_;
};

}  // namespace

Tensor upsample_logits(const Tensor& logits, int64_t height, int64_t width) {
  const int64_t labels = logits.dim(0);
  Tensor result(DType::float32, {labels, height, width});
  float* to = result.mutable_data<float>();
  Upsampling(logits, height, width).each_row([&](int64_t row, const float* values) {
    for (int64_t x = 0; x < width; ++x)
      for (int64_t label = 0; label < labels; ++label)
        to[(label * height + row) * width + x] = values[x * labels + label];
  });
  return result;
}

ClassMap likeliest_classes(const Tensor& logits, int64_t height, int64_t width) {
  const int64_t labels = logits.dim(0);
  if (labels > std::numeric_limits<uint16_t>::max() + int64_t{1})
    fail(ErrorKind::model, "{} labels are more than pictures are segmented into: at most 65536", labels);
  ClassMap map(height, width);
  Upsampling(logits, height, width).each_row([&](int64_t row, const float* values) {
    uint16_t* to = map.row(row);
    for (int64_t x = 0; x < width; ++x, values += labels)
      to[x] = static_cast<uint16_t>(std::max_element(values, values + labels) - values);
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
