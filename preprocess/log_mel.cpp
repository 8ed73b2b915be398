#include "preprocess/log_mel.h"

#include <fftw3.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numbers>

#include "base/error.h"

namespace millrace {
namespace {

constexpr float kFloor = 1e-10f;        // of mel powers
constexpr float kDynamicRange = 8.0f;   // decades kept below the loudest
constexpr double kHighestHertz = 8000;  // whatever the sample rate, as in WhisperFeatureExtractor
constexpr int64_t kLanes = 8;           // frames computed side by side

std::mutex planner;  // FFTW plans on one thread at a time; executing is free

using FftwArray = std::unique_ptr<fftw_complex[], decltype([](fftw_complex* p) { fftw_free(p); })>;

// log10(x) of positive normal numbers, to 1e-7: x = m · 2^e with m around 1, and log(m) by the series of
// 2 atanh((m - 1) / (m + 1)). Written so that the compiler makes vectors of it; std::log10 is five times
// slower.
float fast_log10(float x) {
  constexpr uint32_t kHalfRoot = 0x3f3504f3;  // √½
  const uint32_t shifted = std::bit_cast<uint32_t>(x) - kHalfRoot;
  const float exponent = static_cast<float>(static_cast<int32_t>(shifted) >> 23);
  const float m = std::bit_cast<float>((shifted & 0x007fffff) + kHalfRoot);
  const float s = (m - 1) / (m + 1), s2 = s * s;
  const float series = 1 + s2 * (1.0f / 3 + s2 * (1.0f / 5 + s2 * (1.0f / 7 + s2 * (1.0f / 9))));
  constexpr float kLog10Of2High = 0.30102539f, kLog10Of2Low = 4.6050390e-6f;
  return exponent * kLog10Of2High +
         (2 * std::numbers::log10e_v<float> * s * series + exponent * kLog10Of2Low);
}

}  // namespace

struct LogMel::Plan {
  fftw_plan fft = nullptr;
  ~Plan() {
    const std::lock_guard lock(planner);
    fftw_destroy_plan(fft);
  }
};

LogMelOptions log_mel_options(const nlohmann::json& config, const std::string& file, LogMelOptions options) {
  const auto read = [&](const char* key, int& value) {
    const auto found = config.find(key);
    if (found == config.end() || found->is_null()) return;
    if (!found->is_number_integer() || *found < 1 || *found > 1'000'000)
      fail_at(ErrorKind::model, file, "{} is {}, not a sensible positive integer", key, found->dump());
    value = found->get<int>();
  };
  if (!config.is_object()) fail_at(ErrorKind::model, file, "is not a JSON object");
  if (options.window > 0) read("n_mels", options.bands);
  read("feature_size", options.bands);
  read("n_fft", options.n_fft);
  if (options.window > 0) read("win_length", options.window);
  read("hop_length", options.hop);
  read("chunk_length", options.chunk_seconds);
  read("sampling_rate", options.sample_rate);
  if (const auto side = config.find("padding_side");
      side != config.end() && !side->is_null() && *side != "right")
    fail_at(ErrorKind::model, file, "padding_side is {}; only \"right\" is possible", side->dump());
  for (const char* key : {"dither", "padding_value"}) {
    const auto found = config.find(key);
    if (found != config.end() && !found->is_null() && !(found->is_number() && found->get<double>() == 0))
      fail_at(ErrorKind::model, file, "{} is {}; only 0 is possible", key, found->dump());
  }
  return options;
}

LogMel::LogMel(const LogMelOptions& options) : options_(options), plan_(std::make_unique<Plan>()) {
  const auto check = [](bool good, const char* what, int value) {
    if (!good) fail(ErrorKind::model, "log-mel features with {} = {} make no sense", what, value);
  };
  check(options.bands >= 1 && options.bands <= 1024, "feature_size", options.bands);
  check(options.n_fft >= 4 && options.n_fft <= 1 << 16 && options.n_fft % 2 == 0, "n_fft", options.n_fft);
  check(options.hop >= 1 && options.hop <= options.n_fft, "hop_length", options.hop);
  check(options.chunk_seconds >= 1 && options.chunk_seconds <= 3600, "chunk_length", options.chunk_seconds);
  check(options.sample_rate >= 1000 && options.sample_rate <= 192'000, "sampling_rate", options.sample_rate);

  check(options.window >= 0 && options.window <= options.n_fft, "win_length", options.window);

  window_.resize(static_cast<size_t>(options.n_fft));  // Hann, periodic, in the middle of the frame
  const int length = options.window == 0 ? options.n_fft : options.window;
  for (int i = 0; i < length; ++i)
    window_[static_cast<size_t>((options.n_fft - length) / 2 + i)] =
        static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / length));
  filters_ = options.htk_scale
                 ? htk_mel_filters(options.bands, options.n_fft, options.sample_rate)
                 : slaney_mel_filters(options.bands, options.n_fft, options.sample_rate, kHighestHertz);

  const FftwArray frame(fftw_alloc_complex(window_.size()));
  const std::lock_guard lock(planner);
  // ESTIMATE: measured plans, and with them the rounding, would differ from run to run.
  plan_->fft = fftw_plan_dft_1d(options.n_fft, frame.get(), frame.get(), FFTW_FORWARD, FFTW_ESTIMATE);
}

LogMel::~LogMel() = default;

// The powers of `frames` frames, the first starting at samples[0], in out[band * stride + frame].
//
// Two frames a and b are transformed at once as a + ib; A and B are the halves of the spectrum Z that are
// symmetric and antisymmetric under conjugation. In double precision: in single, rounding moves features by
// 1e-4 where a tone 80 dB above its neighbours sweeps through, and this is the quicker way all the same.
void LogMel::mel_powers(const float* samples, int64_t frames, float* out, int64_t stride) const {
  const size_t n_fft = window_.size(), bins = n_fft / 2 + 1;
  const FftwArray z(fftw_alloc_complex(n_fft));
  std::vector<float> powers(bins * kLanes);  // [bin][lane]
  for (int64_t first = 0; first < frames; first += kLanes) {
    const int64_t lanes = std::min(kLanes, frames - first);
    for (int64_t lane = 0; lane < lanes; lane += 2) {
      const float* a = samples + (first + lane) * options_.hop;
      const float* b = lane + 1 < lanes ? a + options_.hop : a;
      for (size_t i = 0; i < n_fft; ++i) {
        z[i][0] = a[i] * window_[i];
        z[i][1] = b[i] * window_[i];
      }
      fftw_execute_dft(plan_->fft, z.get(), z.get());
      for (size_t bin = 0; bin < bins; ++bin) {
        const double* positive = z[bin];
        const double* negative = z[bin == 0 ? 0 : n_fft - bin];
        const double a_re = positive[0] + negative[0], a_im = positive[1] - negative[1];
        const double b_re = positive[1] + negative[1], b_im = negative[0] - positive[0];
        float* power = powers.data() + bin * kLanes + lane;
        power[0] = static_cast<float>(0.25 * (a_re * a_re + a_im * a_im));
        power[1] = static_cast<float>(0.25 * (b_re * b_re + b_im * b_im));
      }
    }
    for (size_t band = 0; band < filters_.size(); ++band) {
      float sums[kLanes] = {};
      const float* power = powers.data() + filters_[band].first_bin * kLanes;
      for (const float weight : filters_[band].weights) {
        for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += weight * power[lane];
        power += kLanes;
      }
      std::copy_n(sums, lanes, out + static_cast<int64_t>(band) * stride + first);
    }
  }
}

// What the frames are cut from: the clip, padded or cut, with half a frame of context or reflection at each
// end.
std::vector<float> LogMel::padded_samples(const AudioClip& clip, std::optional<int64_t> silence) const {
  const int64_t half = options_.n_fft / 2;
  const int64_t own = clip.length();
  if (clip.context_before < 0 || clip.context_after < 0 || own < 0)
    fail(ErrorKind::internal, "a clip of {} samples has more context than that", clip.samples.size());
  if (clip.sample_rate != options_.sample_rate)
    fail(ErrorKind::input, "the model takes sound of {} samples a second, not {}; resample it first",
         options_.sample_rate, clip.sample_rate);
  int64_t length = options_.padding ? options_.chunk_samples() : own;
  if (silence) length = std::min(options_.chunk_samples(), own + std::max<int64_t>(0, *silence));
  if (length <= half)
    fail(ErrorKind::input, "{} samples are too short a sound: features need more than {}", length, half);

  std::vector<float> padded(static_cast<size_t>(half + length + half));
  float* start = padded.data() + half;
  const float* samples = clip.samples.data() + clip.context_before;
  std::copy_n(samples, std::min(own, length), start);
  // Context is the neighbours' sound; where it is missing, the mirror image. What pads a clip has no
  // neighbour.
  const int64_t before = std::min(clip.context_before, half);
  const int64_t after = own == length ? std::min(clip.context_after, half) : 0;
  for (int64_t i = 1; i <= half; ++i) start[-i] = i <= before ? samples[-i] : start[i];
  for (int64_t i = 0; i < half; ++i) start[length + i] = i < after ? samples[own + i] : start[length - 2 - i];
  return padded;
}

Tensor LogMel::operator()(const AudioClip& clip, std::optional<float> loudest,
                          std::optional<int64_t> silence) const {
  const std::vector<float> samples = padded_samples(clip, silence);
  const int64_t frames =
      (static_cast<int64_t>(samples.size()) - options_.n_fft) / options_.hop + (options_.last_frame ? 1 : 0);
  Tensor features(DType::float32, {options_.bands, frames});
  float* values = features.mutable_data<float>();
  mel_powers(samples.data(), frames, values, frames);
  const int64_t count = features.count();
  for (int64_t i = 0; i < count; ++i) values[i] = fast_log10(std::max(values[i], kFloor));
  if (!loudest && count > 0) loudest = *std::max_element(values, values + count);
  const float least = loudest.value_or(0) - kDynamicRange;
  for (int64_t i = 0; i < count; ++i) values[i] = (std::max(values[i], least) + 4.0f) / 4.0f;
  return features;
}

float LogMel::loudest(AudioSource& source) const {
  const int64_t half = options_.n_fft / 2;
  std::vector<float> samples;  // not yet in a whole frame
  std::vector<float> powers;
  float most = kFloor;
  bool begun = false;
  const auto measure = [&] {
    const int64_t have = static_cast<int64_t>(samples.size());
    if (have < options_.n_fft) return;
    const int64_t frames = (have - options_.n_fft) / options_.hop + 1;
    powers.resize(static_cast<size_t>(frames) * filters_.size());
    mel_powers(samples.data(), frames, powers.data(), frames);
    most = std::max(most, *std::ranges::max_element(powers));
    samples.erase(samples.begin(), samples.begin() + frames * options_.hop);
  };
  while (const auto clip = source.next()) {
    if (clip->sample_rate != options_.sample_rate)
      fail(ErrorKind::input, "the model takes sound of {} samples a second, not {}", options_.sample_rate,
           clip->sample_rate);
    samples.insert(samples.end(), clip->samples.begin(), clip->samples.end());
    if (!begun) {  // the first frame's first half is the mirror image of its second
      if (static_cast<int64_t>(samples.size()) <= half && !clip->last) continue;
      samples.resize(std::max(samples.size(), static_cast<size_t>(half) + 1));
      samples.insert(samples.begin(), samples.rend() - half - 1, samples.rend() - 1);
      begun = true;
    }
    measure();
  }
  if (begun) {  // after the end is silence
    samples.resize(samples.size() + static_cast<size_t>(half));
    measure();
  }
  return fast_log10(most);
}

}  // namespace millrace
