#include "preprocess/energy_gate.h"

#include <algorithm>
#include <cmath>

#include "preprocess/audio_clip.h"
#include "preprocess/speech_segmenter.h"

namespace millrace {

std::vector<float> EnergyGate::operator()(std::span<const float> samples) {
  constexpr double kSlopeDb = 2;  // from one half towards 0 or 1
  constexpr double kChunkSeconds = static_cast<double>(kVoiceActivityChunk) / kSpeechRate;
  std::vector<float> probabilities;
  for (size_t first = 0; first + kVoiceActivityChunk <= samples.size(); first += kVoiceActivityChunk) {
    double energy = 0;
    for (const float sample : samples.subspan(first, kVoiceActivityChunk))
      energy += static_cast<double>(sample) * sample;
    const double level_db = 10 * std::log10(energy / kVoiceActivityChunk + 1e-12);
    background_db_ =
        std::max(options_.silence_db,
                 std::min(level_db, background_db_ + options_.rise_db_per_second * kChunkSeconds));
    const double over_db = level_db - background_db_ - options_.margin_db;
    probabilities.push_back(static_cast<float>(1 / (1 + std::exp(-over_db / kSlopeDb))));
  }
  return probabilities;
}

}  // namespace millrace
