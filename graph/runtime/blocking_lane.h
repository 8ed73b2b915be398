#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace millrace {

// Threads of their own for work that waits for devices, files or people, so that computing threads never do.
// They start when there is work for them.
class BlockingLane {
 public:
  explicit BlockingLane(size_t most_threads) : most_threads_(most_threads) {}
  ~BlockingLane();  // finishes what was posted
  BlockingLane(const BlockingLane&) = delete;
  BlockingLane& operator=(const BlockingLane&) = delete;

  void post(std::function<void()> work);  // must not throw

 private:
  void work();

  const size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::deque<std::function<void()>> posted_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool closing_ = false;
};

}  // namespace millrace
