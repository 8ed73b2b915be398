#include "encoders/voice_activity.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/embedded.h"
#include "base/error.h"
#include "models/safetensors_header.h"

namespace millrace {
namespace {

constexpr const char* kWeightsFile = "models/data/silero_vad.safetensors";
constexpr int64_t kBatch = 64;   // chunks at a time
constexpr int64_t kFrame = 256;  // samples of a Fourier frame
constexpr int64_t kFrameHop = 128;
constexpr int64_t kFrames = 4;  // of a chunk
constexpr int64_t kBins = 129;
constexpr int64_t kPadded = 640;  // samples of a chunk with its context and its mirrored end
constexpr int64_t kTaps = 3;      // of every convolution
constexpr int64_t kChannels[] = {kBins, 128, 64, 64, 128};

NamedTensors embedded_weights() {
  const auto file = embedded_file(kWeightsFile);
  if (!file) fail(ErrorKind::internal, "this program was built without {}", kWeightsFile);
  const auto bytes = std::as_bytes(std::span(file->data(), file->size()));
  NamedTensors weights;
  const SafetensorsHeader header = read_safetensors_header(bytes, kWeightsFile);
  for (const auto& [name, entry] : header.entries)
    weights[name] = Tensor(safetensors_dtype(entry.type).value(), entry.shape,
                           bytes.subspan(header.data_start + entry.begin, entry.end - entry.begin), nullptr);
  return weights;
}

Tensor get(const NamedTensors& weights, const std::string& name, const Shape& shape) {
  const auto found = weights.find(name);
  if (found == weights.end()) fail(ErrorKind::model, "the voice activity weights have no '{}'", name);
  if (found->second.shape() != shape)
    fail(ErrorKind::model, "the voice activity weights' '{}' has shape {}, not {}", name,
         to_string(found->second.shape()), to_string(shape));
  return found->second.to_float32();
}

std::vector<float> values_of(const Tensor& tensor) {
  return {tensor.data<float>(), tensor.data<float>() + tensor.count()};
}

// A convolution's [outputs, inputs, taps] as a product over rows of [taps, inputs]; one tap alone where the
// others only ever meet padding.
kernels::PackedMatrix pack_convolution(const Tensor& weight, int64_t first_tap, int64_t taps) {
  const int64_t outputs = weight.dim(0), inputs = weight.dim(1), all = weight.dim(2);
  Tensor matrix(DType::float32, {outputs, taps * inputs});
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t tap = 0; tap < taps; ++tap)
        matrix.mutable_data<float>()[(o * taps + tap) * inputs + i] =
            weight.data<float>()[(o * inputs + i) * all + first_tap + tap];
  return kernels::pack_matrix(matrix, kernels::WeightType::float32);
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

VoiceActivityNetwork::VoiceActivityNetwork() : VoiceActivityNetwork(embedded_weights()) {}

VoiceActivityNetwork::VoiceActivityNetwork(const NamedTensors& weights) {
  const auto pack = [](const Tensor& t) { return kernels::pack_matrix(t, kernels::WeightType::float32); };
  stft_.weight = pack(get(weights, "stft.weight", {2 * kBins, 1, kFrame}).reshaped({2 * kBins, kFrame}));
  for (int64_t i = 0; i < 4; ++i) {
    const std::string name = "conv." + std::to_string(i);
    const Tensor weight = get(weights, name + ".weight", {kChannels[i + 1], kChannels[i], kTaps});
    // The last one's input is a single row: its outer taps see nothing.
    convs_[i].weight = i == 3 ? pack_convolution(weight, 1, 1) : pack_convolution(weight, 0, kTaps);
    convs_[i].bias = values_of(get(weights, name + ".bias", {kChannels[i + 1]}));
  }
  lstm_input_.weight = pack(get(weights, "lstm.weight_ih", {4 * kWidth, kWidth}));
  lstm_hidden_ = pack(get(weights, "lstm.weight_hh", {4 * kWidth, kWidth}));
  lstm_input_.bias = values_of(get(weights, "lstm.bias_ih", {4 * kWidth}));
  const Tensor hidden_bias = get(weights, "lstm.bias_hh", {4 * kWidth});
  kernels::add(hidden_bias.data<float>(), 4 * kWidth, lstm_input_.bias.data());
  output_ = values_of(get(weights, "output.weight", {1, kWidth, 1}));
  output_bias_ = get(weights, "output.bias", {1}).data<float>()[0];
}

std::vector<float> VoiceActivityNetwork::operator()(State& state, std::span<const float> samples) const {
  if (samples.size() % kChunkSamples != 0)
    fail(ErrorKind::internal, "{} samples are no whole number of chunks of {}", samples.size(),
         kChunkSamples);
  std::vector<float> probabilities(samples.size() / kChunkSamples);
  for (size_t first = 0; first < probabilities.size(); first += kBatch) {
    const size_t chunks = std::min<size_t>(kBatch, probabilities.size() - first);
    run_chunks(state, samples.subspan(first * kChunkSamples, chunks * kChunkSamples), &probabilities[first]);
  }
  return probabilities;
}

// All chunks go through each layer together, one step in time after the other; only the LSTM must take turns.
// The convolutions pad with one row of zeros at each end, so each chunk's rows lie behind a row that stays
// zero.
void VoiceActivityNetwork::run_chunks(State& state, std::span<const float> samples,
                                      float* probabilities) const {
  const int64_t chunks = static_cast<int64_t>(samples.size()) / kChunkSamples;
  constexpr int64_t kRows = kFrames + 1;
  std::vector<float> signal(static_cast<size_t>(chunks * kPadded));
  std::vector<float> spectrum(static_cast<size_t>(chunks * 2 * kBins));
  std::vector<float> magnitudes(static_cast<size_t>((chunks * kRows + 1) * kBins));
  std::vector<float> first(static_cast<size_t>(chunks * kRows * kChannels[1]));
  std::vector<float> second(static_cast<size_t>(chunks * kTaps * kChannels[2]));
  std::vector<float> third(static_cast<size_t>(chunks * kChannels[3]));
  std::vector<float> fourth(static_cast<size_t>(chunks * kChannels[4]));
  std::vector<float> gates(static_cast<size_t>(chunks * 4 * kWidth));

  for (int64_t i = 0; i < chunks; ++i) {
    const float* chunk = samples.data() + i * kChunkSamples;
    float* padded = signal.data() + i * kPadded;
    const float* context = i == 0 ? state.context.data() : chunk - kContextSamples;
    std::copy_n(context, kContextSamples, padded);
    std::copy_n(chunk, kChunkSamples, padded + kContextSamples);
    float* end = padded + kContextSamples + kChunkSamples;
    for (int64_t k = 0; k < kPadded - kContextSamples - kChunkSamples; ++k) end[k] = end[-2 - k];
  }
  std::copy_n(samples.end() - kContextSamples, kContextSamples, state.context.begin());

  const auto product = [&](const Layer& layer, const float* a, int64_t a_stride, float* c, int64_t c_stride,
                           kernels::Activation activation) {
    kernels::matmul(layer.weight, {.a = a,
                                   .a_stride = static_cast<size_t>(a_stride),
                                   .rows = chunks,
                                   .bias = layer.bias.empty() ? nullptr : layer.bias.data(),
                                   .activation = activation,
                                   .c = c,
                                   .c_stride = static_cast<size_t>(c_stride)});
  };
  using kernels::Activation;
  for (int64_t t = 0; t < kFrames; ++t) {
    product(stft_, &signal[t * kFrameHop], kPadded, spectrum.data(), 2 * kBins, Activation::none);
    for (int64_t i = 0; i < chunks; ++i) {
      const float* re = &spectrum[i * 2 * kBins];
      float* magnitude = &magnitudes[(i * kRows + 1 + t) * kBins];
      for (int64_t k = 0; k < kBins; ++k)
        magnitude[k] = std::sqrt(re[k] * re[k] + re[kBins + k] * re[kBins + k]);
    }
  }
  for (int64_t t = 0; t < kFrames; ++t)
    product(convs_[0], &magnitudes[t * kBins], kRows * kBins, &first[(1 + t) * kChannels[1]],
            kRows * kChannels[1], Activation::relu);
  for (int64_t t = 0; t < 2; ++t)  // in steps of two rows
    product(convs_[1], &first[2 * t * kChannels[1]], kRows * kChannels[1], &second[(1 + t) * kChannels[2]],
            kTaps * kChannels[2], Activation::relu);
  product(convs_[2], second.data(), kTaps * kChannels[2], third.data(), kChannels[3], Activation::relu);
  product(convs_[3], third.data(), kChannels[3], fourth.data(), kChannels[4], Activation::relu);
  product(lstm_input_, fourth.data(), kChannels[4], gates.data(), 4 * kWidth, Activation::none);
  for (int64_t i = 0; i < chunks; ++i) probabilities[i] = step(state, &gates[i * 4 * kWidth]);
}

// One step of the LSTM (gates in PyTorch's order: input, forget, cell, output) and the output layer.
float VoiceActivityNetwork::step(State& state, const float* input_gates) const {
  std::array<float, 4 * kWidth> gates;
  kernels::matmul(lstm_hidden_, {.a = state.hidden.data(),
                                 .a_stride = kWidth,
                                 .rows = 1,
                                 .residual = input_gates,
                                 .c = gates.data(),
                                 .c_stride = gates.size()});
  float sum = output_bias_;
  for (size_t i = 0; i < kWidth; ++i) {
    const float in = sigmoid(gates[i]), forget = sigmoid(gates[kWidth + i]);
    const float out = sigmoid(gates[3 * kWidth + i]);
    state.cell[i] = forget * state.cell[i] + in * std::tanh(gates[2 * kWidth + i]);
    state.hidden[i] = out * std::tanh(state.cell[i]);
    sum += output_[i] * std::max(state.hidden[i], 0.0f);
  }
  return sigmoid(sum);
}

}  // namespace millrace
