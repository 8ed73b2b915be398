#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "base/json_file.h"

namespace millrace::testing {

// A reference of tests/golden/transcribe.
inline nlohmann::json transcribe_golden(const std::string& name) {
  return read_json(std::string(MILLRACE_SOURCE_DIR "/tests/golden/transcribe/") + name + ".json",
                   ErrorKind::internal, 1u << 20);
}

}  // namespace millrace::testing
