#pragma once
#include <cstddef>
#include <optional>
#include <set>

#include "graph/runtime/plan.h"

namespace millrace {

// Which items have a call due at a node, how many calls it is running, and since when a batch is filling.
class NodeGate {
 public:
  NodeGate(const PlannedNode& node, const StreamClock& clock) : node_(&node), clock_(&clock) {}

  void set_ready(size_t item, bool ready) {
    if (ready)
      ready_.insert(item);
    else
      ready_.erase(item);
    if (ready_.empty())
      filling_since_.reset();
    else if (!filling_since_ && node_->properties.batch > 1)
      filling_since_ = clock_->now();
  }
  const std::set<size_t>& ready() const { return ready_; }
  bool may_run() const { return !ready_.empty() && running_ < node_->properties.concurrency; }

  // The item whose turn it is. Oldest first, or one after another.
  size_t pick(bool fair) const {
    if (!fair) return *ready_.begin();
    const auto next = ready_.upper_bound(last_served_);
    return next == ready_.end() ? *ready_.begin() : *next;
  }

  void started(size_t item) {
    ++running_;
    last_served_ = item;
    filling_since_.reset();
    if (!ready_.empty() && node_->properties.batch > 1) filling_since_ = clock_->now();
  }
  void finished() { --running_; }

  // When, by the run's clock, a batch that is not full goes all the same; nothing when it waits until nothing
  // else is left to do.
  std::optional<double> deadline() const {
    if (!filling_since_ || node_->properties.max_wait_ms < 0) return std::nullopt;
    return *filling_since_ + node_->properties.max_wait_ms / 1000;
  }

 private:
  const PlannedNode* node_;
  const StreamClock* clock_;
  std::set<size_t> ready_;
  int64_t running_ = 0;
  size_t last_served_ = 0;
  std::optional<double> filling_since_;
};

}  // namespace millrace
