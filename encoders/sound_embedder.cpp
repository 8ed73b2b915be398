#include "encoders/sound_embedder.h"

#include <algorithm>

#include "base/error.h"
#include "encoders/sound_mask.h"

namespace millrace {
namespace {

constexpr const char* kFeatures = "input_features";

}  // namespace

SoundEmbedder::SoundEmbedder(const Settings& settings, const WeightScope& weights,
                             std::shared_ptr<const AudioEncoder> encoder, int64_t width)
    : encoder_(std::move(encoder)),
      stacked_width_(settings.size("stacked_width", encoder_->width())),
      mask_(settings.text("mask", "")),
      masked_attention_(settings.flag("masked_attention", false)),
      positions_a_row_(settings.size("positions_a_row", 1)),
      listed_(settings.flag("listed", false)),
      projector_(settings.at("projector"), weights.at("projector"),
                 {.inputs = stacked_width_, .outputs = width}) {}

std::vector<std::string> SoundEmbedder::arguments() const {
  if (mask_.empty()) return {kFeatures};
  return {kFeatures, mask_};
}

std::vector<std::string> SoundEmbedder::optional_arguments() const {
  if (mask_.empty()) return {};
  return {mask_};
}

// Of each window, the positions of the stem that stand for sound; none where no mask says it.
std::vector<int64_t> SoundEmbedder::heard_positions(const NamedTensors& sounds,
                                                    const Tensor& features) const {
  const auto given = sounds.find(mask_);
  if (mask_.empty() || given == sounds.end() || features.rank() != 3) return {};
  auto counts = ones_of_rows(given->second, {features.dim(0), features.dim(2)}, mask_);
  for (int64_t& count : counts)
    if (count > 0) count = encoder_->positions_of(count);
  return counts;
}

// [windows, positions, width] as [windows, rows, stacked], or where windows are no whole rows and all are
// listed, as [1, rows, stacked].
Tensor SoundEmbedder::stacked(const Tensor& states) const {
  const int64_t windows = states.dim(0), values = states.count() / windows;
  if (values % stacked_width_ == 0)
    return states.reshaped({windows, values / stacked_width_, stacked_width_});
  if (!listed_ || states.count() % stacked_width_ != 0)
    fail(ErrorKind::input,
         "'input_features' make {} positions of {} values, which are no whole rows of {} values",
         states.dim(1), states.dim(2), stacked_width_);
  return states.reshaped({1, states.count() / stacked_width_, stacked_width_});
}

Tensor SoundEmbedder::embed(const NamedTensors& sounds) const {
  const Tensor& features = sounds.at(kFeatures);
  const auto heard = heard_positions(sounds, features);
  const auto seen = masked_attention_ ? std::span<const int64_t>(heard) : std::span<const int64_t>();
  const Tensor rows = projector_.project(stacked(encoder_->encode(features, seen)));
  if (!heard.empty()) {
    std::vector<int64_t> counts;
    for (const int64_t positions : heard) counts.push_back(positions / positions_a_row_);
    return first_rows(rows, counts);
  }
  if (!listed_) return rows;
  return rows.reshaped({rows.dim(0) * rows.dim(1), rows.dim(2)});
}

}  // namespace millrace
