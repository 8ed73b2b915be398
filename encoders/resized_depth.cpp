#include "encoders/resized_depth.h"

#include "base/error.h"
#include "models/layers/resample.h"

namespace millrace {

Tensor resized_depth(const Tensor& predicted_depth, int64_t image, int64_t height, int64_t width) {
  if (predicted_depth.dtype() != DType::float32 || predicted_depth.rank() != 3 || predicted_depth.empty())
    fail(ErrorKind::input, "'predicted_depth' should be float32 [B, rows, columns], but is {} {}",
         name_of(predicted_depth.dtype()), to_string(predicted_depth.shape()));
  if (image < 0 || image >= predicted_depth.dim(0))
    fail(ErrorKind::input, "there is no picture {} in a batch of {}", image, predicted_depth.dim(0));
  if (height < 1 || width < 1) fail(ErrorKind::input, "a picture cannot be {} x {}", height, width);
  const int64_t rows = predicted_depth.dim(1), columns = predicted_depth.dim(2);
  Tensor result(DType::float32, {height, width});
  resample({.filter = ResampleFilter::bicubic,
            .x = predicted_depth.data<float>() + image * rows * columns,
            .height = rows,
            .width = columns,
            .channels = 1,
            .y = result.mutable_data<float>(),
            .out_height = height,
            .out_width = width});
  return result;
}

}  // namespace millrace
