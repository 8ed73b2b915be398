#pragma once
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace millrace {

// What a model folder says of one of its processors.
struct ProcessorPart {
  nlohmann::json config;  // any value, where the file is not what it should be
  std::string file;
  bool has_own_file = false;  // which may be of another kind of processor
};

// All of preprocessor_config.json, or where there is none the first of `keys` that processor_config.json has.
// Error(model) or Error(io) for a file that cannot be read.
std::optional<ProcessorPart> read_processor_part(const std::filesystem::path& folder,
                                                 std::initializer_list<const char*> keys);

}  // namespace millrace
