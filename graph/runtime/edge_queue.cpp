#include "graph/runtime/edge_queue.h"

#include <algorithm>
#include <utility>

namespace millrace {

void EdgeQueue::push(int64_t sequence, Packet packet) {
  ++count_->captured;
  const bool full = packets_ >= edge_->capacity;
  if (closed_ || ended_ || (full && edge_->policy == QueuePolicy::drop_newest)) {
    ++count_->dropped;
    return;
  }
  if (full && edge_->policy == QueuePolicy::drop_oldest) drop();
  if (full && edge_->policy == QueuePolicy::fail) {
    ++count_->dropped;
    push_failure(std::make_shared<const Error>(
        ErrorKind::input,
        fmt::format("packets came faster than they were taken: the queue of {} is full (policy: fail)",
                    edge_->capacity),
        edge_->name));
    return;
  }
  tokens_.push_back({sequence, std::move(packet), nullptr});
  ++packets_;
  count_->deepest = std::max(count_->deepest, ++count_->depth);
}

void EdgeQueue::push_failure(Failure failure) {
  if (closed_ || ended_) return;
  tokens_.push_back({0, {}, std::move(failure)});
  ended_ = true;
}

Token EdgeQueue::pop() {
  Token token = std::move(tokens_.front());
  tokens_.pop_front();
  if (!token.failure) {
    --packets_;
    --count_->depth;
    ++count_->processed;
  }
  return token;
}

void EdgeQueue::drop() {
  if (!tokens_.front().failure) {
    --packets_;
    --count_->depth;
    ++count_->dropped;
  }
  tokens_.pop_front();
}

void EdgeQueue::close() {
  closed_ = true;
  while (!tokens_.empty()) drop();
}

}  // namespace millrace
