#include "graph/runtime/blocking_lane.h"

#include <utility>

namespace millrace {

BlockingLane::~BlockingLane() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wakeup_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BlockingLane::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
    if (idle_ < posted_.size() && threads_.size() < most_threads_)
      threads_.emplace_back([this] { this->work(); });
  }
  wakeup_.notify_one();
}

void BlockingLane::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wakeup_.wait(lock, [this] { return closing_ || !posted_.empty(); });
    --idle_;
    if (posted_.empty()) return;
    const std::function<void()> next = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    next();
    lock.lock();
  }
}

}  // namespace millrace
