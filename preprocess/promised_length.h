#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace millrace {

// What the header of the film at `path` promises of its pictures, as far as it says so.
struct PromisedLength {
  std::optional<double> seconds;  // of the pictures alone, whatever the sound has
  std::optional<int64_t> frames;
};

// Of a regular file. Nothing where FFmpeg does not know the header.
PromisedLength promised_length(const std::string& path);

}  // namespace millrace
