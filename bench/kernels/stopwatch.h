#pragma once
#include <time.h>

#include "kernels/parallel.h"

namespace millrace::bench {

// Seconds for measuring a stretch of work: the clock on the wall, or the thread's own time on a processor
// where the arena has one thread, which neighbours disturb less.
inline double seconds_now() {
  timespec now{};
  clock_gettime(kernels::thread_count() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace millrace::bench
