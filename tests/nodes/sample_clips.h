#pragma once
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "preprocess/audio_source.h"

namespace millrace {

inline const std::string kKennedy = MILLRACE_SOURCE_DIR "/samples/kennedy.wav";
inline const std::string kTinyWhisper = MILLRACE_SOURCE_DIR "/tests/golden/speech/heads_of_12";

// A clip of so many samples, each `value`, from `seconds` of a recording on.
inline AudioClip clip_of(int64_t length, double seconds = 0, float value = 0.1f) {
  AudioClip clip;
  clip.samples.assign(static_cast<size_t>(length), value);
  clip.spans = {{0, seconds}};
  return clip;
}

// All of a recording in blocks, `before` and `after` seconds of silence around it.
inline std::vector<AudioClip> blocks_of(const std::string& path, double before = 0, double after = 0) {
  std::vector<AudioClip> blocks;
  double at = 0;
  const auto silence = [&](double seconds) {
    if (seconds <= 0) return;
    blocks.push_back(clip_of(std::llround(seconds * kSpeechRate), at, 0));
    at += seconds;
  };
  silence(before);
  const auto source = open_audio(path, {});
  while (auto clip = source->next()) {
    clip->last = false;
    clip->spans = {{0, at}};
    at += static_cast<double>(clip->length()) / kSpeechRate;
    blocks.push_back(std::move(*clip));
  }
  silence(after);
  return blocks;
}

}  // namespace millrace
