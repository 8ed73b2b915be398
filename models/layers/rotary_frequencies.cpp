#include "models/layers/rotary_frequencies.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/error.h"

namespace millrace {
namespace {

// The length that was trained on, from which the longer context is stretched.
int64_t original_positions(const Settings& settings) {
  return settings.has("original_positions") ? settings.size("original_positions")
                                            : settings.size("positions");
}

// A stretching's factor, else the ratio between the lengths after and before it.
double stretch_factor(const Settings& settings) {
  if (settings.has("factor")) return settings.real("factor");
  return static_cast<double>(settings.size("positions")) / static_cast<double>(original_positions(settings));
}

// A stretching that is given may come with values that its type has no use for.
void accept_all(const Settings& settings) {
  for (const char* name : {"factor", "original_positions", "positions", "low_frequency_factor",
                           "high_frequency_factor", "beta_fast", "beta_slow", "attention_factor", "mscale",
                           "mscale_all_dim", "truncate", "short_factors", "long_factors"})
    settings.has(name);
}

std::vector<double> factors(const Settings& settings, std::string_view name, size_t count) {
  auto result = settings.reals(name);
  if (result.size() != count)
    fail_at(ErrorKind::model, settings.where(name), "{} factors are needed, not {}", count, result.size());
  return result;
}

void divide(std::vector<float>& frequencies, const Settings& settings) {
  const auto divisors = factors(settings, "divisors", frequencies.size());
  for (size_t i = 0; i < frequencies.size(); ++i)
    frequencies[i] = static_cast<float>(frequencies[i] / divisors[i]);
}

}  // namespace

RotaryFrequencies::RotaryFrequencies(const Settings& settings, int64_t dim)
    : dim_(dim), base_(settings.real("base")), frequencies_(plain(base_)) {
  accept_all(settings);
  const std::string type = settings.text("scaling", "default");
  if (type == "linear") {
    const auto factor = static_cast<float>(settings.real("factor"));
    for (float& frequency : frequencies_) frequency /= factor;
  } else if (type == "dynamic") {
    dynamic_factor_ = settings.real("factor");
    switch_length_ = settings.size("positions");
    if (dim <= 2) fail_at(ErrorKind::model, settings.where("scaling"), "heads of {} are too small", dim);
  } else if (type == "llama3") {
    stretch_llama3(settings);
  } else if (type == "yarn") {
    stretch_yarn(settings);
  } else if (type == "longrope" || type == "su") {
    stretch_long(settings);
  } else if (type != "default") {
    fail_at(
        ErrorKind::model, settings.where("scaling"),
        "the rope type '{}' is not supported; there are default, linear, dynamic, llama3, yarn and longrope",
        type);
  }
  if (settings.has("divisors")) divide(frequencies_, settings);
}

std::vector<float> RotaryFrequencies::plain(double base) const {
  std::vector<float> result;
  for (int64_t i = 0; i < dim_; i += 2) {
    const float exponent = static_cast<float>(i) / static_cast<float>(dim_);
    result.push_back(1 / static_cast<float>(std::pow(base, static_cast<double>(exponent))));
  }
  return result;
}

void RotaryFrequencies::stretch_llama3(const Settings& settings) {
  const double factor = settings.real("factor"), low = settings.real("low_frequency_factor"),
               high = settings.real("high_frequency_factor");
  const auto original = static_cast<double>(original_positions(settings));
  for (float& frequency : frequencies_) {
    const double wavelength = 2 * std::numbers::pi / static_cast<double>(frequency);
    if (wavelength < original / high) continue;
    if (wavelength > original / low) {
      frequency = static_cast<float>(frequency / factor);
    } else {
      const double smooth = (original / wavelength - low) / (high - low);
      frequency = static_cast<float>((1 - smooth) * (frequency / factor) + smooth * frequency);
    }
  }
}

void RotaryFrequencies::stretch_yarn(const Settings& settings) {
  const double factor = stretch_factor(settings);
  const auto original = static_cast<double>(original_positions(settings)), dim = static_cast<double>(dim_);
  const auto magnitude = [&](double scale) { return factor <= 1 ? 1 : 0.1 * scale * std::log(factor) + 1; };
  const double mscale = settings.real("mscale", 0), mscale_all_dim = settings.real("mscale_all_dim", 0);
  if (settings.has("attention_factor"))
    magnitude_ = static_cast<float>(settings.real("attention_factor"));
  else if (mscale != 0 && mscale_all_dim != 0)
    magnitude_ = static_cast<float>(magnitude(mscale) / magnitude(mscale_all_dim));
  else
    magnitude_ = static_cast<float>(magnitude(1));

  // The pair that turns so many times over the original length.
  const auto pair_of = [&](double turns) {
    return dim * std::log(original / (turns * 2 * std::numbers::pi)) / (2 * std::log(base_));
  };
  const auto given = [&](std::string_view name, double otherwise) {
    const double value = settings.real(name, otherwise);
    return value == 0 ? otherwise : value;
  };
  double first = pair_of(given("beta_fast", 32)), last = pair_of(given("beta_slow", 1));
  if (settings.flag("truncate", true)) first = std::floor(first), last = std::ceil(last);
  first = std::max(first, 0.);
  last = std::min(last, dim - 1);
  if (first == last) last += 0.001;
  for (size_t i = 0; i < frequencies_.size(); ++i) {
    const double stretched = std::clamp((static_cast<double>(i) - first) / (last - first), 0., 1.);
    frequencies_[i] =
        static_cast<float>(frequencies_[i] / factor * stretched + frequencies_[i] * (1 - stretched));
  }
}

void RotaryFrequencies::stretch_long(const Settings& settings) {
  switch_length_ = original_positions(settings);
  const double factor = stretch_factor(settings);
  if (settings.has("attention_factor"))
    magnitude_ = static_cast<float>(settings.real("attention_factor"));
  else if (factor > 1)
    magnitude_ =
        static_cast<float>(std::sqrt(1 + std::log(factor) / std::log(static_cast<double>(switch_length_))));
  const auto near = factors(settings, "short_factors", frequencies_.size()),
             far = factors(settings, "long_factors", frequencies_.size());
  long_frequencies_ = frequencies_;
  for (size_t i = 0; i < frequencies_.size(); ++i) {
    frequencies_[i] = static_cast<float>(frequencies_[i] / near[i]);
    long_frequencies_[i] = static_cast<float>(long_frequencies_[i] / far[i]);
  }
}

int64_t RotaryFrequencies::steady_length() const {
  return dynamic_factor_ != 0 || !long_frequencies_.empty() ? switch_length_
                                                            : std::numeric_limits<int64_t>::max();
}

std::vector<float> RotaryFrequencies::of_length(int64_t length) const {
  if (dynamic_factor_ != 0 && length > switch_length_) {
    const auto dim = static_cast<double>(dim_);
    const double ratio = static_cast<double>(length) / static_cast<double>(switch_length_);
    return plain(base_ * std::pow(dynamic_factor_ * ratio - (dynamic_factor_ - 1), dim / (dim - 2)));
  }
  return !long_frequencies_.empty() && length > switch_length_ ? long_frequencies_ : frequencies_;
}

}  // namespace millrace
