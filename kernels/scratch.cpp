#include "kernels/scratch.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "kernels/large_buffer.h"

namespace millrace::kernels {

struct SharedScratch::Block {
  LargeBuffer buffer;
};

namespace {

constexpr size_t kMostKept = 4;  // blocks that wait for reuse

struct Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<SharedScratch::Block>> free;
};

Pool& pool() {
  static Pool one;
  return one;
}

}  // namespace

std::byte* thread_scratch(size_t bytes) {
  static thread_local LargeBuffer buffer;
  if (buffer.size() < bytes) {
    buffer = LargeBuffer();
    buffer = LargeBuffer(bytes + bytes / 4);
  }
  return buffer.data();
}

SharedScratch::SharedScratch(size_t bytes) {
  {
    const std::lock_guard lock(pool().mutex);
    auto& free = pool().free;
    const auto fits =
        std::find_if(free.begin(), free.end(), [&](const auto& b) { return b->buffer.size() >= bytes; });
    if (fits != free.end()) {
      block_ = std::move(*fits);
      free.erase(fits);
      return;
    }
  }
  block_ = std::make_unique<Block>(Block{LargeBuffer(bytes)});
}

SharedScratch::~SharedScratch() {
  const std::lock_guard lock(pool().mutex);
  auto& free = pool().free;
  free.push_back(std::move(block_));
  if (free.size() > kMostKept) {  // the smallest is the cheapest to make again
    free.erase(std::min_element(free.begin(), free.end(), [](const auto& a, const auto& b) {
      return a->buffer.size() < b->buffer.size();
    }));
  }
}

std::byte* SharedScratch::data() const { return block_->buffer.data(); }

}  // namespace millrace::kernels
