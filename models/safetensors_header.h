#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/tensor.h"

namespace millrace {

// One entry of a safetensors header. Offsets count from the end of the header.
struct SafetensorsEntry {
  std::string type;  // "F32", "BF16", …
  Shape shape;
  uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, SafetensorsEntry, std::less<>> entries;
  std::map<std::string, std::string> metadata;
  uint64_t data_start = 0;  // where offsets count from
};

// Reads and checks the header of a whole safetensors file: 8 bytes with the header's length, the header in
// JSON, the values one tensor after the other without holes or overlap up to the end of the file. What breaks
// these rules is Error(model) at "name @ byte N". Types that are not known are let through with their size
// unchecked. Format: https://huggingface.co/docs/safetensors
SafetensorsHeader read_safetensors_header(std::span<const std::byte> file, const std::string& name);

// The engine's type for a safetensors type, if it has one.
std::optional<DType> safetensors_dtype(std::string_view type);
std::string_view safetensors_name(DType dtype);

}  // namespace millrace
