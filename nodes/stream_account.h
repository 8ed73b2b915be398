#pragma once
#include <atomic>
#include <cstdint>

namespace millrace {

// What became of the sound of all live streams of a run, in samples of 16 kHz: a Resource that
// audio.utterance adds to. Their time is processed + dropped. Thread-safe.
struct StreamAccount {
  std::atomic<int64_t> processed{0};
  std::atomic<int64_t> dropped{0};  // never captured, or not taken in time
};

}  // namespace millrace
