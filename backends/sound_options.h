#pragma once
#include <filesystem>

#include "models/settings.h"
#include "preprocess/sound_processor.h"

namespace millrace {

// What an architecture file says of the features of sounds, for an encoder that takes `bands` of them. From
// the settings, each where given,
//   windows           "first", "each", "joint" or "whole": see SoundProcessorOptions
//   mask              the name of the mask
//   longest_seconds   what is beyond is left out
//   stacked_frames    so many frames' bands are the encoder's `bands`
//   n_fft, window_samples   of frames whose middle counts, on HTK's scale, the last one, too
//   projector_window, projector_downsampling
SoundProcessorOptions sound_processor_options(const Settings& settings, int64_t bands);

// `options` with what the folder's preprocessor_config.json or processor_config.json say. Error(model) naming
// file and key for what makes no sense.
SoundProcessorOptions read_sound_processor(const std::filesystem::path& folder,
                                           SoundProcessorOptions options);

// `options` with what preprocessor_config.json says, else processor_config.json of its extractor.
LogMelOptions read_log_mel_options(const std::filesystem::path& folder, LogMelOptions options);

}  // namespace millrace
