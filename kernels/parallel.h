#pragma once
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <cstdint>

namespace millrace::kernels {

inline int64_t thread_count() { return tbb::this_task_arena::max_concurrency(); }

// body(i) for i in [0, count) on the arena of the caller, neighbours in order on one thread where nobody
// steals. A thread that waits here takes no other work meanwhile: a step of a few microseconds must not wait
// for an encoder.
template <class Body>
void parallel_chunks(int64_t count, const Body& body) {
  if (count <= 1) {
    if (count == 1) body(int64_t{0});
    return;
  }
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(
        tbb::blocked_range<int64_t>(0, count, 1),
        [&](const tbb::blocked_range<int64_t>& range) {
          for (int64_t i = range.begin(); i < range.end(); ++i) body(i);
        },
        tbb::simple_partitioner());
  });
}

}  // namespace millrace::kernels
