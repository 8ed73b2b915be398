#include "devices/camera_video.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <thread>

#include "base/error.h"
#include "base/limits.h"
#include "devices/camera_name.h"
#include "devices/picture_watch.h"
#include "preprocess/opencv_setup.h"

namespace millrace {
namespace {

using namespace std::chrono_literals;
constexpr auto kBetweenTries = 250ms;                    // to open it
constexpr auto kLook = 50ms;                             // for what does not come, and whether to stop
constexpr auto kFarewell = 500ms;                        // that the thread has to end
constexpr double kRefusals = 2;                          // seconds of failed tries at the start
constexpr double kNoAnswer = 8;                          // seconds without a picture at the start
constexpr int kOpenTimeout = 6000, kReadTimeout = 3000;  // milliseconds, of addresses
constexpr int kReadAhead = 64;                           // pictures that opening a source may have read
constexpr auto kAtOnce = 4ms;                            // that a picture takes which was there already

bool opened(cv::VideoCapture& video, const std::string& source, const VideoOptions& options) {
  if (is_camera_address(source))
    return video.open(
        source, cv::CAP_FFMPEG,
        {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, kOpenTimeout, cv::CAP_PROP_READ_TIMEOUT_MSEC, kReadTimeout});
  if (!(is_camera_index(source) ? video.open(std::stoi(source), cv::CAP_V4L2)
                                : video.open(source, cv::CAP_V4L2)))
    return false;
  if (options.width > 0) video.set(cv::CAP_PROP_FRAME_WIDTH, static_cast<double>(options.width));
  if (options.height > 0) video.set(cv::CAP_PROP_FRAME_HEIGHT, static_cast<double>(options.height));
  return true;
}

bool same_picture(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && a.isContinuous() && b.isContinuous() &&
         std::memcmp(a.data, b.data, a.total() * a.elemSize()) == 0;
}

Image image_of(const cv::Mat& frame) {
  Image image(frame.rows, frame.cols);
  cv::Mat to(frame.rows, frame.cols, CV_8UC3, image.pixels.data());
  cv::cvtColor(frame, to, frame.channels() == 1 ? cv::COLOR_GRAY2RGB : cv::COLOR_BGR2RGB);
  return image;
}

}  // namespace

// What the thread and whoever asks have in common. The thread holds it too, so that it may outlive the
// CameraVideo.
struct CameraVideo::Shared {
  Shared(std::string from, const VideoOptions& wanted, std::shared_ptr<StreamClock> time)
      : source(std::move(from)),
        options(wanted),
        clock(std::move(time)),
        limit(wanted.frames_per_second),
        watch(source) {}

  const std::string source;
  const VideoOptions options;
  const std::shared_ptr<StreamClock> clock;

  std::mutex mutex;
  std::condition_variable news;
  bool stop = false, ended = false;  // what the thread is asked, and answers
  int refusals = 0;
  std::string fault;  // that no waiting will mend
  RateLimit limit;
  PictureWatch watch;
  cv::Mat newest;  // empty once it was taken
  double newest_at = 0, began_at = 0;
  StreamCounts counts;

  bool wait_between_tries() {
    std::unique_lock lock(mutex);
    return !news.wait_for(lock, kBetweenTries, [this] { return stop; });
  }

  void lost(bool was_open) {
    const std::lock_guard lock(mutex);
    if (stop) return;
    refusals += !was_open;
    if (watch.began()) watch.lost(clock->now(), "the camera was lost");
    news.notify_all();
  }

  // False: no more are wanted. A stale one was waiting while the source was opened: it is no news.
  bool captured(const cv::Mat& frame, bool changed, bool stale) {
    const std::lock_guard lock(mutex);
    if (stop) return false;
    const double now = clock->now();
    if (!watch.began()) began_at = now;
    watch.picture(now, changed);
    ++counts.captured;
    if (stale || !limit.takes(now - began_at)) {
      ++counts.dropped;
      return true;
    }
    if (!newest.empty()) ++counts.dropped;
    newest = frame;
    newest_at = now;
    news.notify_all();
    return true;
  }

  bool fail(const std::string& why) {
    const std::lock_guard lock(mutex);
    fault = why;
    news.notify_all();
    return false;
  }

  bool take(const cv::Mat& frame, bool changed, bool stale) {
    if (frame.total() > static_cast<size_t>(limits::kPixels))
      return fail(fmt::format("has pictures of {} x {} pixels; at most {} are read", frame.rows, frame.cols,
                              limits::kPixels));
    if (frame.type() != CV_8UC3 && frame.type() != CV_8UC1)
      return fail("has pictures of a kind that is not read");
    return captured(frame, changed, stale);
  }

  // Until it is lost (true), or no more are wanted.
  bool read_from(cv::VideoCapture& video) {
    cv::Mat before;
    int ahead = is_camera_address(source) ? kReadAhead : 0;
    while (true) {
      const auto asked = std::chrono::steady_clock::now();
      cv::Mat frame;  // a new one: those before may be somebody's
      if (!video.read(frame) || frame.empty()) return true;
      ahead = std::chrono::steady_clock::now() - asked < kAtOnce ? ahead - 1 : 0;
      if (!take(frame, !same_picture(frame, before), ahead > 0)) return false;
      before = frame;
    }
  }

  void read() {
    do {
      bool open = false;
      try {
        cv::VideoCapture video;
        open = opened(video, source, options);
        if (open && !read_from(video)) break;
      } catch (const std::exception&) {  // of OpenCV: as if it had said false
      }
      lost(open);
    } while (wait_between_tries());
    const std::lock_guard lock(mutex);
    ended = true;
    news.notify_all();
  }
};

CameraVideo::CameraVideo(const std::string& source, const VideoOptions& options,
                         std::shared_ptr<StreamClock> clock, std::shared_ptr<const CancelToken> stop)
    : shared_(std::make_shared<Shared>(source, options, std::move(clock))),
      stop_(std::move(stop)),
      asked_at_(shared_->clock->now()) {
  set_up_opencv();
  std::thread([shared = shared_] { shared->read(); }).detach();
}

CameraVideo::~CameraVideo() {
  finish();
  std::unique_lock lock(shared_->mutex);
  shared_->news.wait_for(lock, kFarewell, [this] { return shared_->ended; });
}

StreamCounts CameraVideo::finish() {
  const std::lock_guard lock(shared_->mutex);
  shared_->stop = true;
  if (!shared_->newest.empty()) ++shared_->counts.dropped;
  shared_->newest = cv::Mat();
  shared_->news.notify_all();
  return shared_->counts;
}

void CameraVideo::check_start(double now) const {
  const bool refused = shared_->refusals > 0 && now - asked_at_ > kRefusals;
  if (!refused && now - asked_at_ < kNoAnswer) return;
  const char* hint = is_camera_address(shared_->source)
                         ? "see that the address is right and that its server runs"
                         : "see that it is plugged in, that no other program uses it, and that you may read "
                           "it (group video); 'ls /dev/video*' shows those that are there";
  fail_at(ErrorKind::io, shared_->source, "{}: {}",
          refused ? "cannot be opened as a camera" : "gives no pictures", hint);
}

std::optional<LivePicture> CameraVideo::last_gap() {
  if (over_ || !shared_->watch.began()) return std::nullopt;
  over_ = true;
  auto gap = shared_->watch.take_gap(shared_->began_at, shared_->clock->now());
  if (!gap) return std::nullopt;
  return LivePicture{.image = {}, .gap = std::move(gap)};
}

std::optional<LivePicture> CameraVideo::next() {
  std::unique_lock lock(shared_->mutex);
  while (true) {
    if (stop_ && stop_->cancelled()) return last_gap();
    if (!shared_->fault.empty()) fail_at(ErrorKind::input, shared_->source, "{}", shared_->fault);
    if (!shared_->newest.empty()) break;
    const double now = shared_->clock->now();
    shared_->watch.began() ? shared_->watch.look(now) : check_start(now);
    shared_->news.wait_for(lock, kLook);
  }
  const cv::Mat frame = std::exchange(shared_->newest, cv::Mat());
  const double seconds = shared_->newest_at - shared_->began_at;
  ++shared_->counts.processed;
  LivePicture picture{.image = {}, .gap = shared_->watch.take_gap(shared_->began_at)};
  lock.unlock();
  picture.image = image_of(frame);
  picture.image->seconds = seconds;
  picture.image->began_at = shared_->began_at;
  return picture;
}

}  // namespace millrace
