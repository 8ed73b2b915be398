#pragma once
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace millrace::kernels {

namespace detail {
inline thread_local bool alone = false;
}

// While one lives, the kernels that this thread calls take no other threads: for bodies of parallel_chunks
// that take their share of the work through several kernels, while it lies in the thread's own cache.
class ThreadAlone {
 public:
  ThreadAlone() : before_(std::exchange(detail::alone, true)) {}
  ~ThreadAlone() { detail::alone = before_; }
  ThreadAlone(const ThreadAlone&) = delete;
  ThreadAlone& operator=(const ThreadAlone&) = delete;

 private:
  bool before_;
};

inline int64_t thread_count() { return detail::alone ? 1 : tbb::this_task_arena::max_concurrency(); }

// Which of thread_count() threads calls, in a body of parallel_chunks.
inline int64_t thread_index() { return std::max(0, tbb::this_task_arena::current_thread_index()); }

// body(i) for i in [0, count) on the arena of the caller, neighbours in order on one thread where nobody
// steals. A thread that waits here takes no other work meanwhile: a step of a few microseconds must not wait
// for an encoder.
template <class Body>
void parallel_chunks(int64_t count, const Body& body) {
  if (count <= 1 || detail::alone) {
    for (int64_t i = 0; i < count; ++i) body(i);
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
