#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "preprocess/audio_clip.h"
#include "preprocess/audio_reader.h"

namespace millrace {

// A recording as the speech models take it: 16 kHz, mono, block by block.
class AudioSource {
 public:
  virtual ~AudioSource() = default;
  // The next block (one span: its time in the recording), or nothing at the end. The last block says so.
  virtual std::optional<AudioClip> next() = 0;
  // How long the recording is, where that is known beforehand: for showing progress.
  virtual std::optional<double> seconds() const { return std::nullopt; }
  // After the end: what was wrong with a recording that could not be read to its end, or empty.
  virtual std::string fault() const { return {}; }
};

struct AudioOptions {
  int64_t block_samples = 16384;        // per block, but for the last
  std::optional<RawPcm> raw = {};       // the file has no header: this is how it is stored
  RawPcm headerless = {};               // how standard input is stored where it turns out to have none
  const CancelToken* cancel = nullptr;  // once set, a pipe or standard input is at its end
};

// Opens the recording at `path`, whatever its format, or standard input for "-": what has no header there is
// options.headerless; files with a header are known by it. Several channels are
// averaged; rates are converted by libsoxr; samples that are not numbers become 0, and those beyond full
// scale are clipped. Error(io): it cannot be opened or read. Error(input): it is not sound, damaged from the
// start, or empty. What is damaged further on is read up to there, and fault() tells.
std::unique_ptr<AudioSource> open_audio(const std::string& path, const AudioOptions& options = {});

// All of it at once, for short recordings.
std::vector<float> read_all(AudioSource& source);

}  // namespace millrace
