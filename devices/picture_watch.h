#pragma once
#include <optional>
#include <string>

#include "base/stream_gap.h"

namespace millrace {

// Notices within a second that a live source's pictures stay away or stay the same, says so in the log, once,
// and knows what gap it left. Times are a StreamClock's. Not thread-safe.
class PictureWatch {
 public:
  explicit PictureWatch(std::string source) : source_(std::move(source)) {}

  // One has come, another than the last or the same again.
  void picture(double now, bool changed);
  // None has come by now.
  void look(double now);
  // None will until the source is opened again.
  void lost(double now, const std::string& why);

  // The gap that has ended since the last question; with `end`, also one that still goes on then. Its start
  // is counted from `began_at`.
  std::optional<StreamGap> take_gap(double began_at, std::optional<double> end = {});

  bool began() const { return last_picture_.has_value(); }

 private:
  enum class Kind { silent, frozen, lost };
  struct Trouble {
    Kind kind;
    double since;
    std::string why;
  };

  void begin_trouble(Kind kind, double since, const std::string& why);
  double longest_silence() const;

  std::string source_;
  std::optional<double> last_picture_;
  double last_change_ = 0, usual_step_ = 0;
  int same_ = 0;  // pictures in a row that showed nothing new
  std::optional<Trouble> trouble_;
  std::optional<StreamGap> gap_;  // its start is still a clock's
};

}  // namespace millrace
