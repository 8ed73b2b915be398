#pragma once
#include <filesystem>
#include <string_view>

namespace millrace::cli {

// A file that is written while it is made and read at any moment, or left as it is by a process that is
// killed: each append() is in it whole or not at all. Every failure to write is Error(io).
class GrowingFile {
 public:
  explicit GrowingFile(std::filesystem::path path);  // begins empty
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  void append(std::string_view text);

 private:
  std::filesystem::path path_;
  int file_ = -1;
};

}  // namespace millrace::cli
