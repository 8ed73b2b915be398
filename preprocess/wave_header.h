#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "preprocess/audio_reader.h"

namespace millrace {

struct WaveHeader {
  RawPcm format;
  std::optional<int64_t> bytes;  // of sound; none where its writer did not know, as into a pipe
  size_t size = 0;               // of the header: the sound begins behind it
};

// Of a WAV file whose samples are stored as they are (Multimedia Programming Interface and Data
// Specifications 1.0, IBM and Microsoft, 1991; WAVEFORMATEXTENSIBLE). Looks at no more than the header, so
// that a live stream's first sound does not wait for what comes later. Nothing of other files, nor where the
// sound begins late.
std::optional<WaveHeader> wave_header(InputFile& file);

}  // namespace millrace
