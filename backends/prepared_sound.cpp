#include "backends/prepared_sound.h"

#include "base/error.h"
#include "base/log.h"
#include "preprocess/resampler.h"

namespace millrace {
namespace {

AudioClip at_rate(const AudioClip& clip, int rate) {
  AudioClip result;
  result.sample_rate = rate;
  const auto samples =
      std::span(clip.samples)
          .subspan(static_cast<size_t>(clip.context_before), static_cast<size_t>(clip.length()));
  Resampler resampler(clip.sample_rate, rate);
  resampler.push(samples, result.samples);
  resampler.finish(result.samples);
  return result;
}

void warn_if_cut(const AudioClip& clip, const SoundProcessor& processor) {
  const auto heard = processor.longest_samples();
  if (!heard || std::ssize(clip.samples) <= *heard) return;
  log::warning(
      "a sound of {:.1f} seconds is longer than the {:.1f} that the model hears: the rest is left out",
      static_cast<double>(clip.samples.size()) / clip.sample_rate,
      static_cast<double>(*heard) / clip.sample_rate);
}

}  // namespace

PreparedMedia prepare_sound(const LoadedModel& model, const AudioClip& clip) {
  if (!model.multimodal || !model.multimodal->sounds() || !model.sound_processor)
    fail_at(ErrorKind::model, model.methods->source(), "the model does not hear");
  const SoundProcessor processor(*model.sound_processor);
  const AudioClip sound = at_rate(clip, processor.options().mel.sample_rate);
  warn_if_cut(sound, processor);
  const auto features = processor(sound);
  NamedTensors arguments = {{"input_features", features.values}};
  if (!features.mask.empty()) arguments.emplace(processor.options().mask, features.mask);
  const Tensor embeddings = model.multimodal->sounds()->embed(arguments);
  if (embeddings.empty())
    fail(ErrorKind::input, "{} samples are too short a sound for the model to hear", clip.samples.size());
  const int64_t width = embeddings.shape().back(), tokens = embeddings.count() / width;
  return {.embeddings = embeddings.reshaped({tokens, width}), .text = {.tokens = tokens}};
}

}  // namespace millrace
