#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "kernels/kernels.h"

namespace millrace {

// Silero VAD 6 (https://github.com/snakers4/silero-vad, MIT): how likely it is that somebody speaks, for
// every 32 ms of 16 kHz sound. A short-time Fourier transform, four convolutions, an LSTM. Immutable: one
// instance serves all threads and recordings; what it remembers of a recording is the caller's State.
class VoiceActivityNetwork {
 public:
  static constexpr int64_t kChunkSamples = 512;
  static constexpr int64_t kContextSamples = 64;  // of the chunk before, seen again
  static constexpr int64_t kWidth = 128;          // of the LSTM

  struct State {  // at the beginning of a recording: zeros
    std::array<float, kContextSamples> context{};
    std::array<float, kWidth> hidden{}, cell{};
  };

  VoiceActivityNetwork();  // with the weights that the program holds
  // Named as in models/data/silero_vad.safetensors. What is missing or misshapen is Error(model).
  explicit VoiceActivityNetwork(const NamedTensors& weights);

  // One probability for every chunk of `samples`, whose length is a multiple of kChunkSamples (else
  // Error(internal)). Several chunks at once give the same as one by one, and quicker.
  std::vector<float> operator()(State& state, std::span<const float> samples) const;

 private:
  struct Layer {
    kernels::PackedMatrix weight;
    std::vector<float> bias;
  };
  void run_chunks(State& state, std::span<const float> samples, float* probabilities) const;
  float step(State& state, const float* input_gates) const;

  Layer stft_, convs_[4], lstm_input_;
  kernels::PackedMatrix lstm_hidden_;
  std::vector<float> output_;
  float output_bias_ = 0;
};

}  // namespace millrace
