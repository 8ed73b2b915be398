#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace millrace::kernels {

// A thread's own working memory, 64-byte aligned, uninitialised, kept for the next call. For leaf code only:
// a body that waits for other tasks could find that one of them has taken it.
std::byte* thread_scratch(size_t bytes);

// Memory that several threads share during one call, from a pool that outlives it: fresh pages would have to
// be faulted in at every call.
class SharedScratch {
 public:
  explicit SharedScratch(size_t bytes);
  ~SharedScratch();
  SharedScratch(const SharedScratch&) = delete;
  SharedScratch& operator=(const SharedScratch&) = delete;
  std::byte* data() const;

  struct Block;

 private:
  std::unique_ptr<Block> block_;
};

}  // namespace millrace::kernels
