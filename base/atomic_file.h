#pragma once
#include <filesystem>
#include <string_view>

namespace millrace {

// A file that appears whole or not at all: written beside its place, renamed into it by commit(). Destroyed
// without commit, it leaves nothing. Every failure to write is Error(io).
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void commit();                               // flushes to the disk, then renames
  void commit_as(std::filesystem::path path);  // under another name in the same folder

 private:
  std::filesystem::path path_, beside_;
  int file_ = -1;
};

}  // namespace millrace
