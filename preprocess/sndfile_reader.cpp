#include <fcntl.h>
#include <sndfile.h>

#include <algorithm>

#include "base/error.h"
#include "preprocess/audio_reader.h"
#include "preprocess/promised_sound.h"

namespace millrace {
namespace {

constexpr double kLeastMissing = 0.01;  // seconds; less is how some programs count

struct CloseSndfile {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using SndfilePtr = std::unique_ptr<SNDFILE, CloseSndfile>;

class SndfileReader : public AudioReader {
 public:
  SndfileReader(SndfilePtr sound, const SF_INFO& info, std::optional<PromisedSound> promise)
      : sound_(std::move(sound)), info_(info), promise_(promise) {}

  int sample_rate() const override { return info_.samplerate; }
  int channels() const override { return info_.channels; }

  std::optional<double> seconds() const override {
    if (info_.frames <= 0 || info_.frames == SF_COUNT_MAX)
      return std::nullopt;  // a stream's length is unknown
    return static_cast<double>(info_.frames) / info_.samplerate;
  }

  int64_t read(float* samples, int64_t frames) override {
    const int64_t got = std::max<sf_count_t>(0, sf_readf_float(sound_.get(), samples, frames));
    frames_ += got;
    if (got < frames) note_end();
    return got;
  }

  std::string fault() const override { return fault_; }

 private:
  void note_end() {
    if (sf_error(sound_.get()) != SF_ERR_NO_ERROR) {
      fault_ = fmt::format("is damaged after {:.1f} seconds: {}",
                           static_cast<double>(frames_) / info_.samplerate, sf_strerror(sound_.get()));
    } else if (seconds() && frames_ < info_.frames) {
      fault_ = cut_short(static_cast<double>(info_.frames - frames_) / info_.samplerate, *seconds());
    } else if (promise_ && promise_->present < promise_->promised && promise_->present > 0) {
      // libsndfile counts the frames that are there; whatever the coding, they fill the bytes that are there.
      const double there = static_cast<double>(frames_) / info_.samplerate;
      const double share = static_cast<double>(promise_->promised) / static_cast<double>(promise_->present);
      if (const double missing = there * (share - 1); missing >= kLeastMissing)
        fault_ = cut_short(missing, there * share);
    }
  }

  SndfilePtr sound_;
  SF_INFO info_;
  std::optional<PromisedSound> promise_;
  int64_t frames_ = 0;
  std::string fault_;
};

}  // namespace

std::unique_ptr<AudioReader> open_sndfile(const std::shared_ptr<InputFile>& file, std::string& why_not) {
  SF_INFO info{};
  const auto promise = promised_sound(*file);
  file->seek(0);
  // By descriptor rather than by name: the name's extension must not make it guess. By one of its own: where
  // it cannot open the file it closes the descriptor even if told not to.
  SndfilePtr sound(sf_open_fd(::fcntl(file->descriptor(), F_DUPFD_CLOEXEC, 3), SFM_READ, &info, SF_TRUE));
  if (sound == nullptr) {
    why_not = sf_strerror(nullptr);
    return nullptr;
  }
  check_audio_format(file->name(), info.samplerate, info.channels);
  return std::make_unique<SndfileReader>(std::move(sound), info, promise);
}

}  // namespace millrace
