#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace millrace {

// Reads the files inside a zip archive; runs and unpacks nothing by itself.
class ZipReader {
 public:
  explicit ZipReader(std::filesystem::path path);  // Error(io) when it is no zip archive
  ~ZipReader();

  // Hands `sink` the content of `member`, piece by piece and never more than `most_bytes`. Error(io) when it
  // is not there, longer, or damaged.
  void read(const std::string& member, uint64_t most_bytes,
            const std::function<void(std::span<const std::byte>)>& sink) const;

 private:
  struct Archive;
  std::filesystem::path path_;
  std::unique_ptr<Archive> archive_;
};

}  // namespace millrace
