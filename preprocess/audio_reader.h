#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "preprocess/input_file.h"

namespace millrace {

// How samples without a header are stored. Little-endian; frames of interleaved channels.
enum class PcmFormat : uint8_t { u8, s16le, s24le, s32le, f32le, f64le };

struct RawPcm {
  PcmFormat format = PcmFormat::s16le;
  int sample_rate = 16000;
  int channels = 1;
};

// Sound as it is stored: at its own rate, with its own channels.
class AudioReader {
 public:
  virtual ~AudioReader() = default;
  virtual int sample_rate() const = 0;
  virtual int channels() const = 0;
  // How long the header says the recording is, where it says so.
  virtual std::optional<double> seconds() const { return std::nullopt; }
  // Up to `frames` frames of interleaved samples, full scale ±1; 0 at the end. What is damaged ends the
  // recording.
  virtual int64_t read(float* samples, int64_t frames) = 0;
  // After the end: why the recording ended too early, or empty.
  virtual std::string fault() const { return {}; }
};

// Every rate and channel count goes through here. Error(input) outside of limits::kAudio….
void check_audio_format(const std::string& name, int64_t sample_rate, int64_t channels);

// The fault of a recording of which `missing` of `whole` seconds are not there.
std::string cut_short(double missing, double whole);

// `bytes`: how many there should be; what follows them is not read.
std::unique_ptr<AudioReader> open_raw_pcm(std::shared_ptr<InputFile> file, const RawPcm& format,
                                          std::optional<int64_t> bytes = std::nullopt);

// By libsndfile: WAV, RF64, W64, AIFF, AU, CAF, FLAC. Regular files only. Null, with the reason in `why_not`,
// for what it does not read.
std::unique_ptr<AudioReader> open_sndfile(const std::shared_ptr<InputFile>& file, std::string& why_not);

constexpr std::string_view kNoSoundTrack = "it has no sound track";  // of open_ffmpeg's reasons

// By FFmpeg's libraries: MP3, Ogg (Vorbis, Opus), MP4 (m4a, mov, 3gp), Matroska and WebM, AAC, AMR, AVI,
// Windows Media; and from pipes the above as well. Null, with the reason in `why_not`, for what it does not
// read.
std::unique_ptr<AudioReader> open_ffmpeg(std::shared_ptr<InputFile> file, std::string& why_not);

}  // namespace millrace
