#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "preprocess/speech_cutter.h"

// Two bytes of options, then a probability in every byte: what is cut out is in order, whole and in time.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  if (size < 2) return 0;
  VoiceActivityOptions options;
  options.min_silence_duration_ms = (data[0] & 15) * 50;
  options.speech_pad_ms = (data[0] >> 4) * 30;
  options.min_speech_duration_ms = (data[1] & 7) * 100;
  if ((data[1] & 8) != 0) options.max_speech_duration_s = 1.2 + (data[1] >> 5);
  if ((data[1] & 16) != 0) options.cut = LongSpeechCut::longest_silence;

  const int64_t samples =
      static_cast<int64_t>(size - 2) * kVoiceActivityChunk - data[0] % kVoiceActivityChunk;
  int64_t given = 0;
  try {
    size_t next = 2;
    SpeechCutter cutter(options, [&](std::span<const float> sound) {
      std::vector<float> probabilities(sound.size() / kVoiceActivityChunk);
      for (float& probability : probabilities) probability = static_cast<float>(data[next++]) / 255.0f;
      return probabilities;
    });
    const auto check = [&](const std::vector<AudioClip>& clips) {
      for (const AudioClip& clip : clips) {
        const auto first = static_cast<int64_t>(clip.seconds_at(0) * kSpeechRate + 0.5);
        if (clip.length() <= 0 || first < given || first + clip.length() > samples) std::abort();
        given = first + clip.length();
      }
    };
    AudioClip block;
    for (int64_t at = 0; at < samples; at += static_cast<int64_t>(block.samples.size())) {
      block.samples.assign(static_cast<size_t>(std::min<int64_t>(1 + data[1] * 40, samples - at)), 0.1f);
      block.spans = {{0, static_cast<double>(at) / kSpeechRate}};
      check(cutter.push(block));
    }
    check(cutter.finish());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) std::abort();
  }
  return 0;
}
