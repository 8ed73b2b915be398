#include "encoders/audio_encoder.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "models/layers/activation.h"
#include "models/layers/positions.h"

namespace millrace {
namespace {

// Windows are taken through the layers together up to this many rows: enough to keep many cores busy, few
// enough for the memory of a batch not to grow with it.
constexpr int64_t kRowsTogether = 6000;

// [bands, frames] to the rows of `padded` [before + frames + after, bands], with zeros around.
void transpose_into(const float* features, int64_t frames, int64_t padding, const Rows& padded) {
  const int64_t bands = padded.width;
  std::fill_n(padded.data, padding * bands, 0.0f);
  std::fill_n(padded.row(padding + frames), padding * bands, 0.0f);
  for (int64_t band = 0; band < bands; ++band)
    for (int64_t frame = 0; frame < frames; ++frame)
      padded.row(padding + frame)[band] = features[band * frames + frame];
}

}  // namespace

AudioEncoder::AudioEncoder(const Settings& settings, const WeightScope& weights)
    : bands_(settings.size("bands")),
      width_(settings.size("width")),
      stem_activation_(activation_setting(settings, "stem_activation")),
      strides_(settings.sizes("stem_strides")),
      positions_(position_embeddings(settings, weights, 0, width_)),
      norm_(weights.at("norm"), width_, norm_options(settings)) {
  int64_t inputs = bands_;
  for (size_t i = 0; i < strides_.size(); ++i) {
    stem_.emplace_back(weights.at("stem", static_cast<int64_t>(i)), width_, inputs, strides_[i]);
    inputs = width_;
  }
  if (stem_.empty())
    fail_at(ErrorKind::model, settings.where("stem_strides"), "a stem has at least one layer");
  const auto options = transformer_layer_options(settings, /*causal=*/false);
  for (int64_t i = 0, count = settings.count("layers"); i < count; ++i)
    layers_.emplace_back(weights.at("layers", i), options);
}

int64_t AudioEncoder::frames() const {
  int64_t frames = positions();
  for (const int64_t stride : strides_) frames *= stride;
  return frames;
}

void AudioEncoder::check(const Tensor& features) const {
  const bool right = features.dtype() == DType::float32 && features.rank() == 3 &&
                     features.dim(1) == bands_ && features.dim(2) >= 1 && features.dim(2) <= frames();
  if (!right)
    fail(ErrorKind::input,
         "input_features should be float32 [windows, {} bands, at most {} frames], but is {} {}", bands_,
         frames(), name_of(features.dtype()), to_string(features.shape()));
}

void AudioEncoder::embed(const float* features, int64_t frames, const Rows& states,
                         Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  Rows padded = workspace.rows(frames + 2 * stem_[0].padding(), bands_);
  transpose_into(features, frames, stem_[0].padding(), padded);
  for (size_t i = 0; i < stem_.size(); ++i) {
    const int64_t outputs = stem_[i].output_count(frames);
    if (i + 1 == stem_.size()) {
      stem_[i].forward(padded, states,
                       {.activation = stem_activation_, .residual = positions_.data<float>()});
      return;
    }
    const int64_t padding = stem_[i + 1].padding();
    const Rows next = workspace.rows(outputs + 2 * padding, width_);
    std::fill_n(next.data, padding * width_, 0.0f);
    std::fill_n(next.row(padding + outputs), padding * width_, 0.0f);
    stem_[i].forward(padded, next.slice(padding, outputs), {.activation = stem_activation_});
    padded = next;
    frames = outputs;
  }
}

Tensor AudioEncoder::encode(const Tensor& features) const {
  check(features);
  const int64_t windows = features.dim(0), frames = features.dim(2);
  int64_t positions = frames;
  for (const auto& layer : stem_) positions = layer.output_count(positions);
  Tensor out(DType::float32, {windows, positions, width_});
  const Rows all = rows_of(out);

  const auto workspace = workspaces_.take();
  const int64_t together = std::max<int64_t>(1, kRowsTogether / positions);
  for (int64_t first = 0; first < windows; first += together) {
    const int64_t count = std::min(together, windows - first);
    const Rows states = all.slice(first * positions, count * positions);
    std::vector<SequenceRows> sequences;
    for (int64_t i = 0; i < count; ++i) {
      embed(features.data<float>() + (first + i) * bands_ * frames, frames,
            states.slice(i * positions, positions), *workspace);
      sequences.push_back({.first_row = i * positions, .rows = positions});
    }
    for (const auto& layer : layers_)
      layer.forward(states, {.sequences = sequences, .memories = {}, .angles = {}, .key_bias = {}},
                    *workspace);
    norm_.forward(states, states);
  }
  return out;
}

}  // namespace millrace
