#include "decoders/attention_memories.h"

#include <algorithm>
#include <new>

namespace millrace {
namespace {

constexpr std::align_val_t kAlignment{64};

}  // namespace

void AttentionMemories::Free::operator()(std::byte* data) const { ::operator delete(data, kAlignment); }

AttentionMemories::AttentionMemories(std::span<const TransformerLayer> layers, int slots)
    : layers_(layers),
      position_bytes_(layers.empty() ? 0 : layers.front().cross_attention()->bytes_per_position()),
      slots_(static_cast<size_t>(slots), -1) {}

const std::byte* AttentionMemories::keys_values(int memory, int layer) const {
  const auto& found = memories_[static_cast<size_t>(memory)];
  return found.data.get() + static_cast<size_t>(layer * found.positions) * position_bytes_;
}

int AttentionMemories::add(const Rows& states, Workspace& workspace) {
  auto memory = std::ranges::find_if(memories_, [](const Memory& other) { return !other.live; });
  if (memory == memories_.end()) memory = memories_.insert(memories_.end(), Memory{});
  const size_t layer_bytes = static_cast<size_t>(states.count) * position_bytes_;
  if (const size_t bytes = layers_.size() * layer_bytes; memory->bytes < bytes) {
    memory->bytes = 0;
    memory->data.reset(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
    memory->bytes = bytes;
  }
  for (size_t layer = 0; layer < layers_.size(); ++layer)
    layers_[layer].cross_attention()->remember(states, memory->data.get() + layer * layer_bytes, workspace);
  memory->positions = states.count;
  memory->users = 0;
  memory->live = true;
  return static_cast<int>(memory - memories_.begin());
}

bool AttentionMemories::known(int memory) const {
  return memory >= 0 && memory < static_cast<int>(memories_.size()) &&
         memories_[static_cast<size_t>(memory)].live;
}

void AttentionMemories::release(int memory) {
  if (memory < 0) return;
  auto& found = memories_[static_cast<size_t>(memory)];
  if (--found.users == 0) found.live = false;
}

void AttentionMemories::attach(int slot, int memory) {
  ++memories_[static_cast<size_t>(memory)].users;
  release(std::exchange(slots_[static_cast<size_t>(slot)], memory));
}

void AttentionMemories::reorder(std::span<const int> sources) {
  const std::vector<int> before = slots_;
  for (size_t slot = 0; slot < sources.size(); ++slot) {
    slots_[slot] = before[static_cast<size_t>(sources[slot])];
    if (slots_[slot] >= 0) ++memories_[static_cast<size_t>(slots_[slot])].users;
  }
  for (size_t slot = 0; slot < sources.size(); ++slot) release(before[slot]);
}

}  // namespace millrace
