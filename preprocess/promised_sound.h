#pragma once
#include <cstdint>
#include <optional>

#include "preprocess/input_file.h"

namespace millrace {

// What programs that write to a pipe put where a size of 32 bits would be: about the largest number of 31 or
// of 32 bits, or none.
bool is_unknown_size(uint64_t size);

// The bytes of sound in a chunked file: those that its header promises, and those that are there.
struct PromisedSound {
  int64_t promised = 0, present = 0;
};

// Of a regular file of the RIFF kind (WAV, also RIFX and RF64) or AIFF. Nothing of other files, nor where the
// header of a stream says that it did not know the length. libsndfile corrects a wrong size by itself and
// says nothing. Leaves the file's position anywhere.
std::optional<PromisedSound> promised_sound(InputFile& file);

}  // namespace millrace
