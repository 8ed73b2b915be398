#include "encoders/sound_mask.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

// As float32, of zeros and ones.
Tensor checked(const Tensor& mask, const Shape& shape, std::string_view argument) {
  if (mask.shape() != shape)
    fail(ErrorKind::input, "'{}' should be {}, but is {}", argument, to_string(shape),
         to_string(mask.shape()));
  Tensor values = mask.to_float32();
  for (const float value : values.values<float>())
    if (value != 0 && value != 1) fail(ErrorKind::input, "'{}' holds {}, not 0 or 1", argument, value);
  return values;
}

Tensor as_rows(const std::vector<float>& values, int64_t width) {
  return Tensor::from<float>({std::ssize(values) / width, width}, values);
}

}  // namespace

std::vector<int64_t> ones_of_rows(const Tensor& mask, const Shape& shape, std::string_view argument) {
  const Tensor values = checked(mask, shape, argument);
  std::vector<int64_t> counts;
  for (int64_t row = 0; row < shape[0]; ++row) {
    const float* first = values.data<float>() + row * shape[1];
    counts.push_back(std::count(first, first + shape[1], 1.f));
  }
  return counts;
}

Tensor first_rows(const Tensor& parts, const std::vector<int64_t>& counts) {
  const int64_t rows = parts.dim(1), width = parts.dim(2);
  std::vector<float> kept;
  for (size_t i = 0; i < counts.size(); ++i) {
    const float* from = parts.data<float>() + static_cast<int64_t>(i) * rows * width;
    kept.insert(kept.end(), from, from + std::min(counts[i], rows) * width);
  }
  return as_rows(kept, width);
}

Tensor masked_rows(const Tensor& parts, const Tensor& mask, std::string_view argument) {
  const Tensor wanted = checked(mask, {parts.dim(0), parts.dim(1)}, argument);
  const int64_t width = parts.dim(2);
  std::vector<float> kept;
  for (int64_t row = 0; row < wanted.count(); ++row) {
    if (wanted.data<float>()[row] == 0) continue;
    const float* from = parts.data<float>() + row * width;
    kept.insert(kept.end(), from, from + width);
  }
  return as_rows(kept, width);
}

}  // namespace millrace
