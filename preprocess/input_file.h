#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"

namespace millrace {

// Bytes from a regular file, a pipe or standard input ("-"). The beginning can be looked at before it is
// read, also where nothing can be read twice.
class InputFile {
 public:
  // Error(io) when there is no such file, it is a folder, it may not be read, or it is a named pipe that
  // nobody writes to. Once `cancel` is set, a pipe is at its end.
  explicit InputFile(const std::string& path, const CancelToken* cancel = nullptr);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& name() const { return name_; }  // "standard input" for "-"
  bool regular() const { return size_.has_value(); }
  std::optional<int64_t> size() const { return size_; }  // of a regular file
  int descriptor() const { return file_; }  // for libraries that read regular files by themselves

  // The first bytes, fewer only where the file ends. Before any read().
  const std::vector<std::byte>& peek(size_t size);
  // At least one byte, or 0 at the end. Error(io) when the device fails.
  size_t read(void* to, size_t size);
  void seek(int64_t position);  // regular files only

 private:
  size_t read_bytes(void* to, size_t size);
  bool wait_for_bytes();

  std::string name_;
  const CancelToken* cancel_;
  int file_ = -1;
  std::optional<int64_t> size_;
  std::vector<std::byte> head_;
  size_t head_read_ = 0;
};

}  // namespace millrace
