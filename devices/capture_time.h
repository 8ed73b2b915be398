#pragma once
#include <limits>
#include <optional>

namespace millrace {

// The smallest of the values of the last `seconds`, or of up to twice as long.
class RecentMinimum {
 public:
  explicit RecentMinimum(double seconds) : seconds_(seconds) {}

  void add(double value, double now) {
    if (!(now < until_)) {
      before_ = now < until_ + seconds_ ? current_ : kNone;
      whole_ = before_ != kNone;
      current_ = kNone;
      until_ = now + seconds_;
    }
    if (value < current_) current_ = value;
  }
  double value() const { return before_ < current_ ? before_ : current_; }
  bool whole() const { return whole_; }  // values of so long have come

 private:
  static constexpr double kNone = std::numeric_limits<double>::infinity();
  double seconds_, until_ = -kNone, before_ = kNone, current_ = kNone;
  bool whole_ = false;
};

// When second 0 of a stream was captured, told by when each piece of it came. Pieces come late by chance and
// never early, so that the earliest of them tell; and a device's clock is not quite this machine's, so that
// only those of the last half minute do.
class CaptureTime {
 public:
  // `zero_at`: when second 0 was, if the piece that came `now` was not late.
  void observe(double zero_at, double now) {
    drift_.add(zero_at, now);
    late_.add(zero_at, now);
  }
  double zero_at() const { return drift_.value(); }

  // By how much everything of the last half second and more came too late: what was in between is lost.
  double missing() const {
    const double late = late_.value() - drift_.value();
    return late_.whole() && late > kLate ? late : 0;
  }
  // What is missing is made up for by the stream's time.
  void restart() { *this = CaptureTime(); }

 private:
  static constexpr double kLate = 0.1;  // seconds
  RecentMinimum drift_{15}, late_{0.4};
};

}  // namespace millrace
