#pragma once
#include "devices/live_video.h"
#include "preprocess/film_reader.h"

namespace millrace {

// A film as if it were seen now: each picture at its time. Those that are late because whoever asks is slow
// are dropped. A film that cannot be decoded fast enough to catch up plays slower: it begins later, so to
// say.
class FilmPlayback final : public LiveVideo {
 public:
  FilmPlayback(const std::string& path, const VideoOptions& options, std::shared_ptr<StreamClock> clock,
               std::shared_ptr<const CancelToken> stop);
  std::optional<LivePicture> next() override;
  StreamCounts finish() override { return counts_; }

 private:
  bool is_wanted(double seconds);

  FilmReader film_;
  RateLimit limit_;
  std::shared_ptr<StreamClock> clock_;
  std::shared_ptr<const CancelToken> stop_;
  std::optional<double> began_at_, late_since_;
  StreamCounts counts_;
};

}  // namespace millrace
