#include "kernels/large_buffer.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace millrace::kernels {
namespace {
constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
}  // namespace

LargeBuffer::LargeBuffer(size_t bytes) : size_(bytes) {
  if (bytes < kHugePage) {
    data_ = static_cast<std::byte*>(::operator new(bytes + kAlignment, std::align_val_t(kAlignment)));
    std::memset(data_, 0, bytes);
    return;
  }
  mapped_ = bytes + 2 * kHugePage;  // room to align
  mapping_ =
      mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    throw std::bad_alloc();
  }
  const auto address = reinterpret_cast<uintptr_t>(mapping_);
  data_ = reinterpret_cast<std::byte*>((address + kHugePage - 1) / kHugePage * kHugePage);
  madvise(data_, (bytes + kHugePage - 1) / kHugePage * kHugePage,
          MADV_HUGEPAGE);  // a hint; refusal is no error
}

LargeBuffer& LargeBuffer::operator=(LargeBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

LargeBuffer::~LargeBuffer() {
  if (mapping_ != nullptr) {
    munmap(mapping_, mapped_);
  } else if (data_ != nullptr) {
    ::operator delete(data_, std::align_val_t(kAlignment));
  }
}

}  // namespace millrace::kernels
