#include "preprocess/opencv_setup.h"

extern "C" {
#include <libavutil/log.h>
}

#include <cstdarg>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>

namespace millrace {
namespace {

void say_nothing(void*, int, const char*, va_list) {}

}  // namespace

void set_up_opencv() {
  static std::once_flag once;
  std::call_once(once, [] {
    cv::setNumThreads(1);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    // OpenCV raises FFmpeg's level again with every film that it opens.
    av_log_set_callback(say_nothing);
  });
}

}  // namespace millrace
