#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace millrace {

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a named pipe without a writer must fail here rather than wait.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail_at(ErrorKind::io, path.string(), "cannot be opened: {}", std::strerror(errno));
  struct stat status {};
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = static_cast<size_t>(status.st_size);
  void* data = nullptr;
  if (regular && size != 0) data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  const int error = errno;
  ::close(file);
  if (!regular) fail_at(ErrorKind::io, path.string(), "is not a regular file");
  if (data == MAP_FAILED) fail_at(ErrorKind::io, path.string(), "cannot be mapped: {}", std::strerror(error));
  return std::shared_ptr<const MappedFile>(
      new MappedFile(path, static_cast<const std::byte*>(data), size, true));
}

std::shared_ptr<const MappedFile> MappedFile::in_memory(std::filesystem::path name,
                                                        std::span<const std::byte> bytes) {
  void* data = nullptr;
  if (!bytes.empty()) {
    data = ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) fail_at(ErrorKind::io, name.string(), "no memory: {}", std::strerror(errno));
    std::memcpy(data, bytes.data(), bytes.size());
  }
  return std::shared_ptr<const MappedFile>(
      new MappedFile(std::move(name), static_cast<const std::byte*>(data), bytes.size(), false));
}

MappedFile::MappedFile(std::filesystem::path path, const std::byte* data, size_t size, bool on_disk)
    : path_(std::move(path)), data_(data), size_(size), on_disk_(on_disk) {}

void MappedFile::release(std::span<const std::byte> part) const {
  if (!on_disk_ || part.empty()) return;
  assert(part.data() >= data_ && part.data() + part.size() <= data_ + size_);
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = static_cast<size_t>(part.data() - data_) / page * page;
  const auto end = static_cast<size_t>(part.data() - data_) + part.size();
  // A file's private pages that were never written to are as the file says when they come back.
  ::madvise(const_cast<std::byte*>(data_) + begin, end - begin, MADV_DONTNEED);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace millrace
