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
// Of encoders that compute their positions.
constexpr int64_t kMostPositions = int64_t{1} << 20;

// [bands, frames] to the rows of `padded` [before + frames + after, bands], with zeros around.
void transpose_into(const float* features, int64_t frames, int64_t padding, const Rows& padded) {
  const int64_t bands = padded.width;
  std::fill_n(padded.data, padding * bands, 0.0f);
  std::fill_n(padded.row(padding + frames), padding * bands, 0.0f);
  for (int64_t band = 0; band < bands; ++band)
    for (int64_t frame = 0; frame < frames; ++frame)
      padded.row(padding + frame)[band] = features[band * frames + frame];
}

Tensor positions_in(const Settings& settings, const WeightScope& weights, int64_t width) {
  if (!settings.has("positions")) return {};
  return position_embeddings(settings, weights, 0, width);
}

std::shared_ptr<const RotaryEmbedding> rotary_in(const Settings& settings, int64_t head_dim) {
  if (!settings.has("base")) return nullptr;
  return std::make_shared<const RotaryEmbedding>(settings, head_dim);
}

}  // namespace

AudioEncoder::AudioEncoder(const Settings& settings, const WeightScope& weights)
    : bands_(settings.size("bands")),
      width_(settings.size("width")),
      stem_activation_(activation_setting(settings, "stem_activation")),
      strides_(settings.sizes("stem_strides")),
      positions_(positions_in(settings, weights, width_)),
      pool_(settings.size("pool", 1)),
      norm_(weights.at("norm"), width_, norm_options(settings)) {
  int64_t inputs = bands_;
  for (size_t i = 0; i < strides_.size(); ++i) {
    stem_.emplace_back(weights.at("stem", static_cast<int64_t>(i)), width_, inputs, strides_[i]);
    inputs = width_;
  }
  if (stem_.empty())
    fail_at(ErrorKind::model, settings.where("stem_strides"), "a stem has at least one layer");
  auto options = transformer_layer_options(settings, /*causal=*/false);
  options.attention.rotary = rotary_ = rotary_in(settings.at("rope"), options.attention.head_dim);
  for (int64_t i = 0, count = settings.count("layers"); i < count; ++i)
    layers_.emplace_back(weights.at("layers", i), options);
}

int64_t AudioEncoder::positions() const { return positions_.empty() ? kMostPositions : positions_.dim(0); }

int64_t AudioEncoder::positions_of(int64_t frames) const {
  for (const auto& layer : stem_) frames = layer.output_count(frames);
  return frames;
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
                       {.activation = stem_activation_,
                        .residual = positions_.empty() ? nullptr : positions_.data<float>()});
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

// Of every position of every window, counted from the window's beginning.
std::vector<RotaryAngles> AudioEncoder::angles(int64_t windows, int64_t positions,
                                               Workspace& workspace) const {
  if (!rotary_) return {};
  std::vector<GridPosition> all(static_cast<size_t>(windows * positions));
  for (size_t i = 0; i < all.size(); ++i) all[i] = position_in_text(static_cast<int64_t>(i) % positions);
  const RotaryAngles result = rotary_->room(windows * positions, workspace);
  rotary_->angles(all, positions, result);
  return {result};
}

void AudioEncoder::pool(const Rows& states, const Rows& out) const {
  for (int64_t i = 0; i < out.count; ++i) {
    float* to = out.row(i);
    std::copy_n(states.row(i * pool_), width_, to);
    for (int64_t j = 1; j < pool_; ++j) kernels::add(states.row(i * pool_ + j), width_, to);
    for (int64_t k = 0; k < width_; ++k) to[k] /= static_cast<float>(pool_);
  }
}

Tensor AudioEncoder::encode(const Tensor& features, std::span<const int64_t> seen) const {
  check(features);
  const int64_t windows = features.dim(0), frames = features.dim(2);
  const int64_t positions = positions_of(frames), pooled = positions / pool_;
  if (pooled == 0) fail(ErrorKind::input, "input_features of {} frames are too short", frames);
  Tensor out(DType::float32, {windows, pooled, width_});
  const Rows all = rows_of(out);

  const auto workspace = workspaces_.take();
  const int64_t together = std::max<int64_t>(1, kRowsTogether / positions);
  for (int64_t first = 0; first < windows; first += together) {
    const Workspace::Frame frame(*workspace);
    const int64_t count = std::min(together, windows - first);
    const Rows results = all.slice(first * pooled, count * pooled);
    const Rows states = pool_ == 1 ? results : (*workspace).rows(count * positions, width_);
    std::vector<SequenceRows> sequences;
    for (int64_t i = 0; i < count; ++i) {
      embed(features.data<float>() + (first + i) * bands_ * frames, frames,
            states.slice(i * positions, positions), *workspace);
      sequences.push_back({.first_row = i * positions,
                           .rows = positions,
                           .seen = seen.empty() ? 0 : seen[static_cast<size_t>(first + i)]});
    }
    const auto turned = angles(count, positions, *workspace);
    for (const auto& layer : layers_)
      layer.forward(states, {.sequences = sequences, .memories = {}, .angles = turned, .key_bias = {}},
                    *workspace);
    if (pool_ > 1)
      for (int64_t i = 0; i < count; ++i)
        pool(states.slice(i * positions, positions), results.slice(i * pooled, pooled));
    norm_.forward(results, results);
  }
  return out;
}

}  // namespace millrace
