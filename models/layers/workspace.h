#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "kernels/kernels.h"
#include "models/layers/rows.h"

namespace millrace {

// Memory for what lives only during a forward pass. It grows on first use and is used again afterwards, so
// that neither layers nor steps allocate. Not thread-safe.
class Workspace {
 public:
  // Uninitialised rows, valid until the Frame that they were taken in ends.
  Rows rows(int64_t count, int64_t width);

  // Gives back, at its end, everything taken since its beginning.
  class Frame {
   public:
    explicit Frame(Workspace& workspace)
        : workspace_(workspace), block_(workspace.block_), used_(workspace.used_) {}
    ~Frame() {
      workspace_.block_ = block_;
      workspace_.used_ = used_;
    }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

   private:
    Workspace& workspace_;
    size_t block_, used_;
  };

  // An empty list for the arguments of one attention call.
  std::vector<kernels::AttentionSequence>& sequences() {
    sequences_.clear();
    return sequences_;
  }

 private:
  struct Free {
    void operator()(float* block) const;
  };
  struct Block {
    std::unique_ptr<float[], Free> data;
    size_t size;
  };

  std::vector<Block> blocks_;
  size_t block_ = 0, used_ = 0;
  std::vector<kernels::AttentionSequence> sequences_;
};

}  // namespace millrace
