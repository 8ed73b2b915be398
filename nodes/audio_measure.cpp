#include "nodes/audio_measure.h"

#include <filesystem>

#include "nodes/speech_features.h"
#include "preprocess/audio_source.h"

namespace millrace {
namespace {

// Counts what passes through.
class CountedSource : public AudioSource {
 public:
  explicit CountedSource(AudioSource& source) : source_(source) {}
  std::optional<AudioClip> next() override {
    auto clip = source_.next();
    if (clip) samples_ += clip->length();
    return clip;
  }
  double counted_seconds() const { return static_cast<double>(samples_) / kSpeechRate; }

 private:
  AudioSource& source_;
  int64_t samples_ = 0;
};

}  // namespace

AudioMeasure::AudioMeasure(const Params& params, Resources& resources)
    : log_mel_(speech_features(params.model, resources)), cancel_(resources.find<CancelToken>()) {}

AudioMeasure::Out AudioMeasure::operator()(const In& in) const {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(*in.path, ignored)) return {};
  AudioOptions options;
  options.cancel = cancel_.get();
  const auto source = open_audio(*in.path, options);
  CountedSource counted(*source);
  const float loudest = log_mel_->loudest(counted);
  return {.measure = {.loudest = loudest, .seconds = counted.counted_seconds()}};
}

}  // namespace millrace
