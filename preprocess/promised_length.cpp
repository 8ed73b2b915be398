#include "preprocess/promised_length.h"

extern "C" {
#include <libavformat/avformat.h>
}

#include <memory>

#include "preprocess/opencv_setup.h"

namespace millrace {
namespace {

struct Close {
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
};

std::optional<double> seconds_of(const AVFormatContext& format, const AVStream& stream) {
  if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0)
    return static_cast<double>(stream.duration) * av_q2d(stream.time_base);
  // The file's own length is that of its longest track.
  if (format.nb_streams == 1 && format.duration > 0)
    return static_cast<double>(format.duration) / AV_TIME_BASE;
  return std::nullopt;
}

}  // namespace

PromisedLength promised_length(const std::string& path) {
  set_up_opencv();  // nothing is printed
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, ("file:" + path).c_str(), nullptr, nullptr) < 0) return {};
  const std::unique_ptr<AVFormatContext, Close> format(opened);
  for (unsigned i = 0; i < format->nb_streams; ++i) {
    const AVStream& stream = *format->streams[i];
    if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO) continue;
    return {.seconds = seconds_of(*format, stream),
            .frames = stream.nb_frames > 0 ? std::optional(stream.nb_frames) : std::nullopt};
  }
  return {};
}

}  // namespace millrace
