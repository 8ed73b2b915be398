#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/layers/rows.h"
#include "models/layers/transformer_layer.h"

namespace millrace {

// The encoder states that a session's slots attend to, as keys and values of every layer. Several slots may
// share one; it is dropped with its last slot, and its memory used for the next.
class AttentionMemories {
 public:
  // `layers` outlives this; each has cross-attention.
  AttentionMemories(std::span<const TransformerLayer> layers, int slots);

  // Computes the keys and values of `states` [positions, width] and gives the memory's id.
  int add(const Rows& states, Workspace& workspace);
  bool known(int memory) const;
  void attach(int slot, int memory);
  // Slot i gets what slot sources[i] had; slots from sources.size() on keep theirs.
  void reorder(std::span<const int> sources);

  int of(int slot) const { return slots_[static_cast<size_t>(slot)]; }  // -1: none
  int64_t positions(int memory) const { return memories_[static_cast<size_t>(memory)].positions; }
  const std::byte* keys_values(int memory, int layer) const;

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  struct Memory {
    std::unique_ptr<std::byte, Free> data;  // [layers, positions, keys then values]
    size_t bytes = 0;
    int64_t positions = 0;
    int users = 0;
    bool live = false;
  };
  void release(int memory);

  std::span<const TransformerLayer> layers_;
  size_t position_bytes_;
  std::vector<Memory> memories_;
  std::vector<int> slots_;
};

}  // namespace millrace
