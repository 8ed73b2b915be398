#include "preprocess/film_reader.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>

#include "base/error.h"
#include "base/limits.h"
#include "preprocess/content_kind.h"
#include "preprocess/opencv_setup.h"
#include "preprocess/promised_film.h"

namespace millrace {
namespace {

constexpr size_t kHeadBytes = 512;
constexpr double kLeastMissing = 0.2;  // seconds that a whole film may be short of what its header says

}  // namespace

struct FilmReader::Capture {
  cv::VideoCapture video;
  cv::Mat frame;
};

bool FilmReader::is_film(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return false;
  InputFile file(path);
  return content_kind(file.peek(kHeadBytes)).film;
}

FilmReader::FilmReader(const std::string& path, double every)
    : path_(path), every_(every), capture_(std::make_unique<Capture>()) {
  set_up_opencv();
  InputFile file(path);
  if (!file.regular()) fail_at(ErrorKind::input, path, "is no regular file; films are read from files alone");
  const ContentKind kind = content_kind(file.peek(kHeadBytes));
  if (!kind.film) fail_at(ErrorKind::input, path, "is no film that can be read");
  missing_bytes_ = missing_film_bytes(file);
  promised_ = promised_length(path);
  // The protocol keeps names from being taken for addresses.
  if (!capture_->video.open("file:" + path, cv::CAP_FFMPEG))
    fail_at(ErrorKind::input, path, "looks like {}, but holds no pictures that can be decoded{}", kind.name,
            missing_bytes_ > 0 ? fmt::format(": it is cut short, {} bytes are missing", missing_bytes_) : "");
  const double height = capture_->video.get(cv::CAP_PROP_FRAME_HEIGHT);
  const double width = capture_->video.get(cv::CAP_PROP_FRAME_WIDTH);
  if (height * width > static_cast<double>(limits::kPixels))
    fail_at(ErrorKind::input, path, "says that its pictures have {} x {} pixels; at most {} are read", height,
            width, limits::kPixels);
}

FilmReader::~FilmReader() = default;

bool FilmReader::grab() {
  if (!capture_->video.grab()) return false;
  const double time = capture_->video.get(cv::CAP_PROP_POS_MSEC) / 1000;
  // A film without times, or with ones that go back, has its rate.
  const double rate = capture_->video.get(cv::CAP_PROP_FPS);
  const double before = time_, next = before + (rate > 0 ? 1 / rate : 0.04);
  if (frames_++ == 0) {
    time_ = std::isfinite(time) ? std::max(time, 0.) : 0;
  } else {
    time_ = time > before ? time : next;
    longest_step_ = std::max(longest_step_, time_ - before);
  }
  return true;
}

Image FilmReader::picture() const {
  cv::Mat& frame = capture_->frame;
  if (!capture_->video.retrieve(frame) || frame.empty() || frame.type() != CV_8UC3)
    fail_at(ErrorKind::input, path_, "has pictures of a kind that is not read, at {:.3f} s", time_);
  Image image(frame.rows, frame.cols);
  for (int y = 0; y < frame.rows; ++y) {  // blue, green, red
    const uint8_t* from = frame.ptr<uint8_t>(y);
    uint8_t* to = image.row(y);
    for (int x = 0; x < frame.cols; ++x, from += 3, to += 3) std::reverse_copy(from, from + 3, to);
  }
  image.seconds = time_;
  return image;
}

// The last picture may be shown for longer than others, and a cut may hide some.
bool FilmReader::is_too_short() const {
  if (!promised_.seconds || (promised_.frames && frames_ >= *promised_.frames)) return false;
  const double usual = kLeastMissing + 0.01 * *promised_.seconds;
  return *promised_.seconds - time_ > std::max(usual, 2 * longest_step_);
}

void FilmReader::check_end() const {
  if (frames_ == 0)
    fail_at(ErrorKind::input, path_, "holds no picture that can be decoded{}",
            missing_bytes_ > 0 ? ": it is cut short" : "; it is damaged");
  if (missing_bytes_ > 0)
    fail_at(ErrorKind::input, path_, "is cut short: {} bytes are missing; what is told ends at {:.3f} s",
            missing_bytes_, time_);
  if (is_too_short())
    fail_at(ErrorKind::input, path_, "is damaged: its pictures end at {:.3f} of {:.3f} s", time_,
            *promised_.seconds);
}

std::optional<Image> FilmReader::next() {
  try {
    // Half a millisecond: times are rounded to the file's own ticks.
    while (grab())
      if (time_ >= due_ - 5e-4) {
        if (every_ > 0) due_ = (std::floor((time_ + 5e-4) / every_) + 1) * every_;
        return picture();
      }
  } catch (const cv::Exception& error) {
    fail_at(ErrorKind::input, path_, "cannot be decoded after {:.3f} s: {}", time_, error.err);
  }
  check_end();
  return std::nullopt;
}

}  // namespace millrace
