#include "devices/film_recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "base/error.h"
#include "preprocess/film_reader.h"
#include "preprocess/opencv_setup.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr double kRate = 30;  // pictures a second

int codec_of(const fs::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".mp4" || ending == ".mkv") return cv::VideoWriter::fourcc('m', 'p', '4', 'v');
  if (ending == ".avi") return cv::VideoWriter::fourcc('M', 'J', 'P', 'G');
  fail(ErrorKind::usage, "a film's name ends in .mp4, .mkv or .avi, which '{}' does not", path.string());
}

// What is in the file is on the disk.
void flush_to_disk(const fs::path& file, const fs::path& named) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = opened >= 0 && ::fsync(opened) == 0;
  const int error = errno;
  if (opened >= 0) ::close(opened);
  if (!flushed) fail_at(ErrorKind::io, named.string(), "cannot be written: {}", std::strerror(error));
}

bool has_pictures(const fs::path& file) {
  try {
    return FilmReader(file.string()).next().has_value();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

struct FilmRecorder::Writer {
  cv::VideoWriter film;
  cv::Mat frame;        // blue first; shown from `first + written / kRate` on
  int64_t written = 0;  // pictures of the film
  double first = 0;     // the first one's time
};

// The ending stays: it says what kind of film it is.
FilmRecorder::FilmRecorder(const fs::path& path)
    : path_(path),
      beside_(path.parent_path() /
              fmt::format("{}.part-{}{}", path.stem().string(), ::getpid(), path.extension().string())) {
  codec_of(path);
  set_up_opencv();
  const int made = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (made < 0) fail_at(ErrorKind::io, path.string(), "cannot be written: {}", std::strerror(errno));
  ::close(made);
}

FilmRecorder::~FilmRecorder() {
  if (writer_) writer_->film.release();
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

void FilmRecorder::add(const Image& image, double seconds) {
  cv::Mat frame;
  const cv::Mat pixels(static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3,
                       const_cast<uint8_t*>(image.pixels.data()));
  cv::cvtColor(pixels, frame, cv::COLOR_RGB2BGR);
  if (!writer_) {
    writer_ = std::make_unique<Writer>();
    writer_->first = seconds;
    if (!writer_->film.open(beside_.string(), cv::CAP_FFMPEG, codec_of(path_), kRate, frame.size()))
      fail_at(ErrorKind::io, path_.string(), "a film of {} x {} pixels cannot be written there", image.height,
              image.width);
  } else {
    const auto due = std::llround((seconds - writer_->first) * kRate);
    for (; writer_->written < due; ++writer_->written) writer_->film.write(writer_->frame);
    if (frame.size() != writer_->frame.size()) cv::resize(frame, frame, writer_->frame.size());
  }
  writer_->frame = frame;
}

bool FilmRecorder::finish() {
  if (!writer_) return false;
  writer_->film.write(writer_->frame);
  writer_->film.release();
  // A full disk is not told of by OpenCV.
  flush_to_disk(beside_, path_);
  if (!has_pictures(beside_))
    fail_at(ErrorKind::io, path_.string(), "the film could not be written whole: is the disk full?");
  if (::rename(beside_.c_str(), path_.c_str()) != 0)
    fail_at(ErrorKind::io, path_.string(), "cannot be put in place: {}", std::strerror(errno));
  beside_.clear();
  return true;
}

}  // namespace millrace
