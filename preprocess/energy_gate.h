#pragma once
#include <span>
#include <vector>

namespace millrace {

// Voice activity by loudness alone, needing no weights: a chunk is speech as far as it stands out of the
// background noise, which is followed as it changes. Made for quiet rooms; it takes any sound for speech. One
// per recording.
class EnergyGate {
 public:
  struct Options {
    double margin_db = 10;    // above the background: probability 1/2
    double silence_db = -60;  // of full scale; nothing below is speech
    double rise_db_per_second =
        2;  // how quickly a lasting noise becomes background; its fall is followed at once
  };
  EnergyGate() : EnergyGate(Options{}) {}
  explicit EnergyGate(const Options& options) : options_(options), background_db_(options.silence_db) {}

  // One value in [0, 1] for every kVoiceActivityChunk samples of the recording's next sound.
  std::vector<float> operator()(std::span<const float> samples);

 private:
  Options options_;
  double background_db_;
};

}  // namespace millrace
