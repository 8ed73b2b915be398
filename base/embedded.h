#pragma once
#include <optional>
#include <string_view>
#include <vector>

namespace millrace {

// Files that the program carries in itself, under their paths in the project: "pipelines/asr.yaml". Which
// ones, the millrace_embed line of CMakeLists.txt says. The bytes live as long as the program and start at a
// multiple of 64.
std::optional<std::string_view> embedded_file(std::string_view name);

// The names that begin with `prefix` ("pipelines/"), sorted.
std::vector<std::string_view> embedded_files(std::string_view prefix = {});

}  // namespace millrace
