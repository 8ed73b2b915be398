#pragma once
#include <cstdint>
#include <vector>

namespace millrace {

// One triangular filter: weights of the spectrum's bins first_bin, first_bin + 1, …
struct MelFilter {
  int first_bin = 0;
  std::vector<float> weights;
};

// `bands` filters from 0 Hz to `highest_hertz` over the n_fft / 2 + 1 bins of a spectrum, on Slaney's mel
// scale and of equal area, as librosa.filters.mel and transformers' mel_filter_bank(norm="slaney",
// mel_scale="slaney").
std::vector<MelFilter> slaney_mel_filters(int bands, int n_fft, int sample_rate, double highest_hertz);

// The same on HTK's mel scale, whose filters are all 1 high, up to half the sample rate, as torchaudio's
// MelSpectrogram and transformers' mel_filter_bank(norm=None, mel_scale="htk").
std::vector<MelFilter> htk_mel_filters(int bands, int n_fft, int sample_rate);

}  // namespace millrace
