#include "preprocess/sound_processor.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

using Windows = SoundProcessorOptions::Windows;

int64_t quotient_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

LogMelOptions mel_options(const SoundProcessorOptions& options) {
  LogMelOptions mel = options.mel;
  mel.padding = options.windows == Windows::first || options.windows == Windows::each;
  return mel;
}

AudioClip part_of(const AudioClip& clip, int64_t first, int64_t count) {
  AudioClip part;
  part.sample_rate = clip.sample_rate;
  part.samples.assign(clip.samples.begin() + first, clip.samples.begin() + first + count);
  return part;
}

Tensor ones(int64_t count) {
  return Tensor::from<int64_t>({1, count}, std::vector<int64_t>(static_cast<size_t>(count), 1));
}

}  // namespace

SoundProcessor::SoundProcessor(const SoundProcessorOptions& options)
    : options_(options), mel_(mel_options(options)) {
  if (options.windows == Windows::whole &&
      (options.stacked_frames < 1 || options.projector_downsampling < 1 ||
       options.projector_window < options.projector_downsampling))
    fail(ErrorKind::model, "windows of {} rows of {} frames, {} times less, make no sense",
         options.projector_window, options.stacked_frames, options.projector_downsampling);
}

int64_t SoundProcessor::most_windows() const {
  if (options_.windows == Windows::first) return 1;
  if (options_.longest_seconds == 0 || options_.windows == Windows::whole) return 0;
  return std::max<int64_t>(1, options_.longest_seconds / options_.mel.chunk_seconds);
}

std::optional<int64_t> SoundProcessor::longest_samples() const {
  if (most_windows() == 0) return std::nullopt;
  return most_windows() * options_.mel.chunk_samples();
}

SoundProcessor::Features SoundProcessor::operator()(const AudioClip& clip) const {
  if (clip.samples.empty()) fail(ErrorKind::input, "the sound is empty: there is nothing to hear");
  if (options_.windows == Windows::whole) return whole(clip);
  int64_t windows = quotient_up(std::ssize(clip.samples), options_.mel.chunk_samples());
  if (most_windows() > 0) windows = std::min(windows, most_windows());
  return options_.windows == Windows::joint ? joint(clip, windows) : windowed(clip, windows);
}

SoundProcessor::Features SoundProcessor::windowed(const AudioClip& clip, int64_t windows) const {
  const int64_t chunk = options_.mel.chunk_samples();
  Features result;
  for (int64_t i = 0; i < windows; ++i) {
    const int64_t samples = std::min(chunk, std::ssize(clip.samples) - i * chunk);
    const Tensor mel = mel_(part_of(clip, i * chunk, samples));
    const int64_t bands = mel.dim(0), frames = mel.dim(1);
    if (i == 0) {
      result.values = Tensor(DType::float32, {windows, bands, frames});
      result.mask = Tensor(DType::int64, {windows, frames});
    }
    std::ranges::copy(mel.values<float>(), result.values.mutable_data<float>() + i * mel.count());
    std::fill_n(result.mask.mutable_data<int64_t>() + i * frames,
                std::min(frames, quotient_up(samples, options_.mel.hop)), int64_t{1});
  }
  if (options_.mask.empty()) result.mask = {};
  return result;
}

SoundProcessor::Features SoundProcessor::joint(const AudioClip& clip, int64_t windows) const {
  const int64_t length = windows * options_.mel.chunk_samples();
  AudioClip filled = part_of(clip, 0, std::min(length, std::ssize(clip.samples)));
  filled.samples.resize(static_cast<size_t>(length));
  const Tensor mel = mel_(filled);
  const int64_t bands = mel.dim(0), frames = mel.dim(1) / windows;
  Tensor values(DType::float32, {windows, bands, frames});
  float* to = values.mutable_data<float>();
  for (int64_t window = 0; window < windows; ++window)
    for (int64_t band = 0; band < bands; ++band)
      to = std::copy_n(mel.data<float>() + band * mel.dim(1) + window * frames, frames, to);
  return {.values = std::move(values), .mask = {}};
}

SoundProcessor::Features SoundProcessor::whole(const AudioClip& clip) const {
  const Tensor mel = mel_(part_of(clip, 0, std::ssize(clip.samples)));
  const int64_t bands = mel.dim(0), frames = mel.dim(1), together = options_.stacked_frames;
  const int64_t rows = frames / together;
  if (rows == 0)
    fail(ErrorKind::input, "{} samples are too short a sound: features need {} frames of {}",
         clip.samples.size(), together, options_.mel.hop);
  Tensor values(DType::float32, {1, rows, together * bands});
  float* to = values.mutable_data<float>();
  for (int64_t frame = 0; frame < rows * together; ++frame)
    for (int64_t band = 0; band < bands; ++band) *to++ = mel.data<float>()[band * frames + frame];
  const int64_t made = quotient_up(rows, options_.projector_window) *
                       (options_.projector_window / options_.projector_downsampling);
  return {.values = std::move(values), .mask = options_.mask.empty() ? Tensor() : ones(made)};
}

}  // namespace millrace
