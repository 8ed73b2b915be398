#pragma once
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "preprocess/audio_clip.h"
#include "preprocess/audio_source.h"
#include "preprocess/mel_filters.h"

namespace millrace {

// Named after the keys of transformers' WhisperFeatureExtractor.
struct LogMelOptions {
  int bands = 80;          // feature_size
  int n_fft = 400;         // samples of a frame
  int hop = 160;           // hop_length: samples from one frame to the next
  int chunk_seconds = 30;  // chunk_length
  int sample_rate = 16000;
  bool padding = true;  // every clip is padded with silence, or cut, to chunk_seconds
  // Of other extractors (torchaudio's MelSpectrogram, as GraniteSpeechFeatureExtractor has it):
  int window = 0;           // win_length: samples in a frame that count, in its middle; 0: all
  bool htk_scale = false;   // filters on HTK's mel scale up to half the sample rate, of equal height
  bool last_frame = false;  // the one that begins half a frame before the end counts, too

  int64_t chunk_samples() const { return static_cast<int64_t>(chunk_seconds) * sample_rate; }
};

// `options` with what preprocessor_config.json says. Error(model), naming `file`, for values that make no
// sense or are not computed here.
LogMelOptions log_mel_options(const nlohmann::json& config, const std::string& file,
                              LogMelOptions options = {});

// Log-mel spectrograms as transformers' WhisperFeatureExtractor computes them. Immutable: one instance serves
// all threads. Equal input gives equal bits, run after run.
class LogMel {
 public:
  explicit LogMel(const LogMelOptions& options);  // Error(model) for values that make no sense
  ~LogMel();
  LogMel(const LogMel&) = delete;
  LogMel& operator=(const LogMel&) = delete;

  const LogMelOptions& options() const { return options_; }

  // [bands, frames] float32, a frame for every hop (and the last). At its ends the clip is continued by its
  // context, and mirrored where there is none. Values are at least `loudest` - 8, where `loudest` is log10 of
  // the largest mel power: the whole recording's if given, else the clip's own. Error(input): another sample
  // rate, or shorter than half a frame where nothing is padded. `silence`: so many samples of silence after
  // the clip, at most up to chunk_seconds, are all the padding there is.
  Tensor operator()(const AudioClip& clip, std::optional<float> loudest = std::nullopt,
                    std::optional<int64_t> silence = std::nullopt) const;

  // log10 of the largest mel power in the rest of the recording, at least -10; reads it to its end.
  float loudest(AudioSource& source) const;

 private:
  struct Plan;
  std::vector<float> padded_samples(const AudioClip& clip, std::optional<int64_t> silence) const;
  void mel_powers(const float* samples, int64_t frames, float* out, int64_t stride) const;

  LogMelOptions options_;
  std::vector<double> window_;
  std::vector<MelFilter> filters_;
  std::unique_ptr<Plan> plan_;
};

}  // namespace millrace
