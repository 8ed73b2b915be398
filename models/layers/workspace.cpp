#include "models/layers/workspace.h"

#include <algorithm>
#include <new>

namespace millrace {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr size_t kLine = 16;                 // floats
constexpr size_t kSmallestBlock = 1u << 20;  // floats

}  // namespace

void Workspace::Free::operator()(float* block) const { ::operator delete[](block, kAlignment); }

Rows Workspace::rows(int64_t count, int64_t width) {
  const size_t size = (static_cast<size_t>(count * width) + kLine - 1) / kLine * kLine;
  while (block_ < blocks_.size() && blocks_[block_].size - used_ < size) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const size_t room = std::max(size, kSmallestBlock);
    blocks_.push_back({std::unique_ptr<float[], Free>(
                           static_cast<float*>(::operator new[](room * sizeof(float), kAlignment))),
                       room});
  }
  float* data = blocks_[block_].data.get() + used_;
  used_ += size;
  return {data, count, width, static_cast<size_t>(width)};
}

}  // namespace millrace
