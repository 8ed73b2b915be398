#include "preprocess/mel_filters.h"

#include <algorithm>
#include <cmath>

namespace millrace {
namespace {

// Slaney's scale (Auditory Toolbox, 1998): linear to 1 kHz, logarithmic above.
constexpr double kHertzPerMel = 200.0 / 3.0;
constexpr double kBreakHertz = 1000.0, kBreakMel = 15.0;
const double kLogStep = std::log(6.4) / 27.0;

double mel_of(double hertz) {
  if (hertz < kBreakHertz) return hertz / kHertzPerMel;
  return kBreakMel + std::log(hertz / kBreakHertz) / kLogStep;
}

double hertz_of(double mel) {
  if (mel < kBreakMel) return mel * kHertzPerMel;
  return kBreakHertz * std::exp(kLogStep * (mel - kBreakMel));
}

// Each from one edge to the next but one.
std::vector<MelFilter> triangles(const std::vector<double>& edges, int n_fft, int sample_rate,
                                 bool equal_area) {
  const int bins = n_fft / 2 + 1;
  const double bin_hertz = static_cast<double>(sample_rate / 2) / (bins - 1);
  std::vector<MelFilter> filters;
  for (size_t band = 0; band + 2 < edges.size(); ++band) {
    const double low = edges[band], centre = edges[band + 1], high = edges[band + 2];
    MelFilter filter;
    for (int bin = 0; bin < bins; ++bin) {
      const double hertz = bin * bin_hertz;
      const double height = std::min((hertz - low) / (centre - low), (high - hertz) / (high - centre));
      if (height <= 0) continue;
      if (filter.weights.empty()) filter.first_bin = bin;
      filter.weights.push_back(static_cast<float>(equal_area ? height * 2 / (high - low) : height));
    }
    filters.push_back(std::move(filter));
  }
  return filters;
}

}  // namespace

std::vector<MelFilter> slaney_mel_filters(int bands, int n_fft, int sample_rate, double highest_hertz) {
  std::vector<double> edges(static_cast<size_t>(bands) + 2);
  for (size_t i = 0; i < edges.size(); ++i)
    edges[i] = hertz_of(mel_of(highest_hertz) * static_cast<double>(i) / (bands + 1));
  return triangles(edges, n_fft, sample_rate, /*equal_area=*/true);
}

// mel = 2595 log10(1 + hertz / 700) (O'Shaughnessy, 1987).
std::vector<MelFilter> htk_mel_filters(int bands, int n_fft, int sample_rate) {
  constexpr double kMels = 2595, kHertz = 700;
  const double highest = kMels * std::log10(1 + static_cast<double>(sample_rate / 2) / kHertz);
  std::vector<double> edges(static_cast<size_t>(bands) + 2);
  for (size_t i = 0; i < edges.size(); ++i)
    edges[i] = kHertz * (std::pow(10, highest * static_cast<double>(i) / (bands + 1) / kMels) - 1);
  return triangles(edges, n_fft, sample_rate, /*equal_area=*/false);
}

}  // namespace millrace
