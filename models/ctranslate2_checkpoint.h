#pragma once
#include <memory>

#include "base/mapped_file.h"
#include "models/checkpoint.h"

namespace millrace {

// A CTranslate2 model.bin (binary versions 4 to 6). Little-endian throughout; texts are a uint16 length
// that counts their final NUL:
//   uint32 version; text spec; uint32 revision;
//   uint32 variables, each: text name; uint8 rank; uint32 dims[rank]; uint8 type; uint32 bytes; the values;
//   uint32 aliases, each: text alias; text name.
// A variable with a companion NAME_scale is quantised: get() gives value / scale as float32, with one scale
// for each row (int8) or one for all (int16). Format: CTranslate2's python/ctranslate2/specs/model_spec.py.
std::shared_ptr<const Checkpoint> read_ctranslate2(const std::shared_ptr<const MappedFile>& file);

}  // namespace millrace
