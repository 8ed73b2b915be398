#pragma once
#include <cstdint>

#include "preprocess/image_processor.h"

namespace millrace {

// What a picture of height x width is resized to, computed as transformers does, halves and all. An edge may
// come out as 0.
ImageProcessorOptions::Size target_size(int64_t height, int64_t width, const ImageProcessorOptions& options);

}  // namespace millrace
