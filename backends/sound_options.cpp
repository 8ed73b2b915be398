#include "backends/sound_options.h"

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "preprocess/processor_file.h"

namespace millrace {
namespace {

constexpr int64_t kMost = 1'000'000;

SoundProcessorOptions::Windows windows_of(const Settings& settings) {
  using Windows = SoundProcessorOptions::Windows;
  const auto name = settings.text("windows", "first");
  if (name == "first") return Windows::first;
  if (name == "each") return Windows::each;
  if (name == "joint") return Windows::joint;
  if (name == "whole") return Windows::whole;
  fail_at(ErrorKind::model, settings.where("windows"), "'{}' is unknown; there are first, each, joint, whole",
          name);
}

int small_size(const Settings& settings, std::string_view name, int otherwise) {
  const int64_t value = settings.size(name, otherwise);
  if (value > kMost) fail_at(ErrorKind::model, settings.where(name), "{} is too large", value);
  return static_cast<int>(value);
}

ProcessorPart read_extractor(const std::filesystem::path& folder) {
  return read_processor_part(folder, {"feature_extractor", "audio_processor"}).value_or(ProcessorPart{});
}

void read_size(const ProcessorPart& from, const char* key, int64_t& value) {
  const auto found = from.config.find(key);
  if (found == from.config.end() || found->is_null()) return;
  if (!found->is_number() || *found < 1 || *found > kMost)
    fail_at(ErrorKind::model, from.file, "{} is {}, not a sensible positive number", key, found->dump());
  value = found->get<int64_t>();
}

}  // namespace

LogMelOptions read_log_mel_options(const std::filesystem::path& folder, LogMelOptions options) {
  const auto extractor = read_extractor(folder);
  if (extractor.config.is_null()) return options;
  return log_mel_options(extractor.config, extractor.file, options);
}

SoundProcessorOptions sound_processor_options(const Settings& settings, int64_t bands) {
  SoundProcessorOptions options;
  options.windows = windows_of(settings);
  options.mask = settings.text("mask", "");
  options.longest_seconds = settings.count("longest_seconds", 0);
  options.stacked_frames = settings.size("stacked_frames", 1);
  options.projector_window = settings.size("projector_window", 1);
  options.projector_downsampling = settings.size("projector_downsampling", 1);
  if (bands % options.stacked_frames != 0 || bands > kMost)
    fail_at(ErrorKind::model, settings.where("stacked_frames"), "{} bands are not those of {} frames", bands,
            options.stacked_frames);
  options.mel.bands = static_cast<int>(bands / options.stacked_frames);
  options.mel.n_fft = small_size(settings, "n_fft", options.mel.n_fft);
  options.mel.window = settings.has("window_samples") ? small_size(settings, "window_samples", 1) : 0;
  options.mel.htk_scale = options.mel.last_frame = options.mel.window > 0;
  return options;
}

SoundProcessorOptions read_sound_processor(const std::filesystem::path& folder,
                                           SoundProcessorOptions options) {
  options.mel = read_log_mel_options(folder, options.mel);
  const auto extractor = read_extractor(folder);
  if (extractor.config.is_object() && options.windows == SoundProcessorOptions::Windows::whole) {
    read_size(extractor, "projector_window_size", options.projector_window);
    read_size(extractor, "projector_downsample_rate", options.projector_downsampling);
  }
  if (const auto path = folder / "processor_config.json"; options.longest_seconds > 0 && path_exists(path)) {
    const ProcessorPart processor{read_json(path, ErrorKind::model, limits::kConfigBytes), path.string()};
    if (processor.config.is_object()) read_size(processor, "max_audio_len", options.longest_seconds);
  }
  return options;
}

}  // namespace millrace
