#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace millrace {

// In which format the folder holds all the weights of a model: "safetensors", "ctranslate2", "gguf",
// "pytorch"; "" when there are none, or some of the files of a sharded model are missing.
std::string weights_format(const std::filesystem::path& folder);

// The bytes of all files in the folder and below; a link counts as the file it leads to.
uint64_t bytes_below(const std::filesystem::path& folder);

}  // namespace millrace
