#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace millrace {

// A whole file mapped read-only. Throws Error(io) when it cannot be opened or is not a regular file.
class MappedFile {
 public:
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);
  // A copy of `bytes` that passes for the file `name`.
  static std::shared_ptr<const MappedFile> in_memory(std::filesystem::path name,
                                                     std::span<const std::byte> bytes);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::filesystem::path& path() const { return path_; }
  // Gives back the memory that holds `part` of the file. It stays readable, and is read anew when it is.
  void release(std::span<const std::byte> part) const;

 private:
  MappedFile(std::filesystem::path path, const std::byte* data, size_t size, bool on_disk);
  std::filesystem::path path_;
  const std::byte* data_;
  size_t size_;
  bool on_disk_;
};

}  // namespace millrace
