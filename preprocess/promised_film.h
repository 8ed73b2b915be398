#pragma once
#include <cstdint>

#include "preprocess/input_file.h"

namespace millrace {

// How many bytes of a regular file of the kinds AVI, MP4 (MOV, 3GP), Matroska or WebM are missing at its end,
// by the sizes that its outermost parts say they have. 0 for whole files, and for others. Players show what
// is there and say nothing. Leaves the file's position anywhere.
int64_t missing_film_bytes(InputFile& file);

}  // namespace millrace
