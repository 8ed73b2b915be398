#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/stream_clock.h"

namespace millrace {
namespace {

thread_local const void* runs_this_thread = nullptr;  // the Turns whose work the thread does

}  // namespace

// Who may run. One thread at a time has the turn: it does a work to its end, or to where the work waits, and
// passes the turn to what is due next. A work that waits keeps its thread, so there are as many threads as
// works that wait at the same time, and one more.
class VirtualClock::Turns {
 public:
  ~Turns() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      events_.clear();
    }
    offered_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  double now() const {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  bool wait_until(double seconds, const CancelToken* cancel) {
    if (cancel && cancel->cancelled()) return false;
    std::unique_lock lock(mutex_);
    if (runs_this_thread != this) now_ = std::max(now_, seconds);
    if (seconds <= now_) return true;
    Waiter waiter{.woken = {}, .cancel = cancel, .has_turn = false};
    events_.emplace(std::pair(seconds, posted_++), Event{{}, &waiter});
    pass_turn();
    offer();
    waiter.woken.wait(lock, [&] { return waiter.has_turn; });
    return !cancel || !cancel->cancelled();
  }

  void post(double seconds, std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    events_.emplace(std::pair(std::max(seconds, now_), posted_++), Event{std::move(work), nullptr});
    if (taken_) return;
    pass_turn();
    offer();
  }

 private:
  struct Waiter {
    std::condition_variable woken;
    const CancelToken* cancel;
    bool has_turn;
  };
  struct Event {
    std::function<void()> work;  // to begin, or
    Waiter* waiter;              // to go on
  };
  using Events = std::map<std::pair<double, int64_t>, Event>;

  // Whose wait has been cancelled, or else the earliest.
  Events::iterator next_event() {
    const auto cancelled = std::find_if(events_.begin(), events_.end(), [](const auto& entry) {
      const Waiter* waiter = entry.second.waiter;
      return waiter && waiter->cancel && waiter->cancel->cancelled();
    });
    if (cancelled != events_.end()) return cancelled;
    if (!events_.empty()) now_ = std::max(now_, events_.begin()->first.first);
    return events_.begin();
  }

  // To a waiting thread, or to `next_`, for which there has to be a thread.
  void pass_turn() {
    taken_ = !events_.empty();
    if (!taken_) return;
    const auto event = next_event();
    if (Waiter* waiter = event->second.waiter) {
      waiter->has_turn = true;
      waiter->woken.notify_one();
    } else {
      next_ = std::move(event->second.work);
    }
    events_.erase(event);
  }

  void offer() {
    if (!next_) return;
    if (idle_ > 0)
      offered_.notify_one();
    else
      threads_.emplace_back([this] { do_work(); });
  }

  void do_work() {
    runs_this_thread = this;
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      offered_.wait(lock, [this] { return closing_ || next_; });
      --idle_;
      if (!next_) return;
      while (next_) {
        auto work = std::exchange(next_, nullptr);
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
        pass_turn();
      }
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable offered_;
  Events events_;
  std::function<void()> next_;  // has the turn, and waits for a thread
  std::vector<std::thread> threads_;
  double now_ = 0;
  int64_t posted_ = 0;
  int idle_ = 0;
  bool taken_ = false, closing_ = false;
};

VirtualClock::VirtualClock() : turns_(std::make_unique<Turns>()) {}
VirtualClock::~VirtualClock() = default;
double VirtualClock::now() const { return turns_->now(); }
bool VirtualClock::wait_until(double seconds, const CancelToken* cancel) {
  return turns_->wait_until(seconds, cancel);
}
void VirtualClock::post(double seconds, std::function<void()> work) {
  turns_->post(seconds, std::move(work));
}

}  // namespace millrace
