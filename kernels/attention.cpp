#include "kernels/attention.h"

#include <cassert>
#include <vector>

#include "kernels/dispatch.h"

namespace millrace::kernels {

void attention(const AttentionShape& shape, std::span<const AttentionSequence> sequences) {
  assert(shape.kv_heads > 0 && shape.heads % shape.kv_heads == 0);
  std::vector<const AttentionSequence*> direct, packed;
  for (const AttentionSequence& sequence : sequences) {
    if (sequence.queries == 0) continue;
    (sequence.queries <= kDirectQueries ? direct : packed).push_back(&sequence);
  }
  const KernelTable& table = active_table();
  if (!direct.empty()) attend_directly(table, shape, direct);
  if (!packed.empty()) attend_packed(table, shape, packed);
}

}  // namespace millrace::kernels
