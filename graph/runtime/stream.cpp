#include "graph/runtime/stream.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace millrace {

Stream::Stream(const Plan& plan, int node, size_t item, std::vector<EdgeQueue>& queues)
    : plan_(plan),
      node_(plan.nodes[static_cast<size_t>(node)]),
      index_(node),
      item_(item),
      queues_(queues),
      latched_(node_.in_edges.size()),
      emitted_(node_.out_edges.size()) {}

bool Stream::changed() { return std::exchange(changed_, false); }

// --- Passing on what was made ---

bool Stream::has_room(const Emission& emission) const {
  for (size_t port = 0; port < emission.size(); ++port) {
    if (!emission[port]) continue;
    for (const int edge : node_.out_edges[port])
      if (!queues_[static_cast<size_t>(edge)].has_room()) return false;
  }
  return true;
}

void Stream::pass_on(const Emission& emission, int64_t sequence) {
  changed_ = true;
  for (size_t port = 0; port < emission.size(); ++port) {
    if (!emission[port]) continue;
    const bool keeps = node_.form == NodeForm::map && !node_.optional_out[port];
    const int64_t number = keeps ? sequence : emitted_[port]++;
    for (const int edge : node_.out_edges[port])
      queues_[static_cast<size_t>(edge)].push(number, emission[port]);
  }
}

void Stream::drain() {
  while (!ended_) {
    if (!pending_.empty()) {
      auto& [sequence, emission] = pending_.front();
      if (!has_room(emission)) return;
      pass_on(emission, sequence);
      pending_.pop_front();
    } else if (!slots_.empty() && slots_.front()->done) {
      const std::shared_ptr<Slot> slot = std::move(slots_.front());
      slots_.pop_front();
      if (slot->failure) return end(slot->failure);
      for (Emission& emission : slot->made) pending_.emplace_back(slot->sequence, std::move(emission));
    } else {
      return;
    }
  }
}

bool Stream::wanted() const {
  bool any = false;
  for (const auto& edges : node_.out_edges)
    for (const int edge : edges) {
      any = true;
      if (!queues_[static_cast<size_t>(edge)].closed()) return true;
    }
  return !any;
}

void Stream::end(Failure failure) {
  ended_ = changed_ = true;
  failure_ = std::move(failure);
  slots_.clear();
  pending_.clear();
  latched_.clear();
  if (running_ == 0) state_.reset();
  for (const int edge : node_.in_edges)
    if (edge >= 0) queues_[static_cast<size_t>(edge)].close();
  for (const auto& edges : node_.out_edges)
    for (const int edge : edges) {
      EdgeQueue& queue = queues_[static_cast<size_t>(edge)];
      if (failure_) queue.push_failure(failure_);
      queue.end();
    }
}

void Stream::cut_off() {
  if (!ended_) end(nullptr);
}

// --- Joining inputs ---

// Drops heads that lost their partner to a policy. True when all heads are of the same number.
bool Stream::align_heads() {
  int64_t newest = -1;
  for (size_t i = 0; i < node_.in_edges.size(); ++i)
    if (node_.joining[i] == Joining::in_step) newest = std::max(newest, queue(i).front().sequence);
  bool aligned = true;
  for (size_t i = 0; i < node_.in_edges.size(); ++i) {
    if (node_.joining[i] != Joining::in_step) continue;
    if (queue(i).front().sequence == newest) continue;
    queue(i).drop();
    changed_ = true;
    aligned = false;
  }
  return aligned;
}

// Decides only when every port has a head, so that the outcome does not depend on which came first.
Stream::Step Stream::look_at_inputs() {
  while (true) {
    bool any = false, ended = false;
    const Failure* failure = nullptr;
    for (size_t i = 0; i < node_.in_edges.size(); ++i) {
      const Joining joining = node_.joining[i];
      if (joining == Joining::unwired || joining == Joining::feedback || latched_[i]) continue;
      const EdgeQueue& waiting = queue(i);
      if (waiting.empty() && !waiting.ended()) return Step::wait;
      if (waiting.ended())
        ended = true;
      else if (waiting.front().failure && !failure)
        failure = &waiting.front().failure;
      any |= joining == Joining::in_step;
    }
    if (failure) {
      fail_after_running(*failure);
      return Step::wait;
    }
    for (size_t i = 0; i < node_.in_edges.size(); ++i)
      if (node_.joining[i] == Joining::latched && !latched_[i] && !queue(i).empty()) {
        latched_[i] = queue(i).pop().packet;
        changed_ = true;
      }
    if (ended) return Step::end;
    if (!any) return fed_once_ ? Step::end : Step::call;  // a node without inputs is called once per item
    if (align_heads()) return Step::call;
  }
}

void Stream::fail_after_running(Failure failure) {
  auto slot = std::make_shared<Slot>();
  slot->failure = std::move(failure);
  slot->done = true;
  slots_.push_back(std::move(slot));
  closing_ = true;
  drain();
}

size_t Stream::waiting() const {
  size_t least = std::numeric_limits<size_t>::max();
  for (size_t i = 0; i < node_.in_edges.size(); ++i)
    if (node_.joining[i] == Joining::in_step) least = std::min(least, queue(i).packets());
  return least == std::numeric_limits<size_t>::max() ? 1 : least;
}

// --- Which call is due ---

Stream::Due Stream::advance(Stopping stopping) {
  drain();
  if (!ended_ && !wanted()) end(nullptr);
  if (ended_) {
    if (running_ == 0) state_.reset();
    return Due::nothing;
  }
  return due(stopping);
}

Stream::Due Stream::due(Stopping stopping) {
  if (stopping == Stopping::overdue && generating_ && node_.blocking && running_ > 0) {
    cut_short_ = true;
    end(nullptr);
    return Due::nothing;
  }
  const bool alone = node_.form == NodeForm::stateful || node_.form == NodeForm::generator;
  const auto most = static_cast<size_t>(node_.properties.concurrency * node_.properties.batch);
  if (!pending_.empty() || closing_ || slots_.size() >= (alone ? 1 : most)) return Due::nothing;
  if (node_.form == NodeForm::generator && stopping != Stopping::no) {
    cut_short_ |= generating_ || look_at_inputs() != Step::end;
    if (!ended_) end(nullptr);
    return Due::nothing;
  }
  if (generating_) return Due::generate;
  answer_due_ = false;
  if (node_.feedback_port >= 0) {
    EdgeQueue& answers = queue(static_cast<size_t>(node_.feedback_port));
    // Who answers may have been told to stop, or nobody may wait for its answers: then there are no more.
    if (unanswered_ > 0 && !answers.ended()) {
      if (answers.empty()) return Due::nothing;
      if (answers.front().failure) {
        fail_after_running(answers.front().failure);
        return Due::nothing;
      }
      answer_due_ = true;
      return Due::process;
    }
    while (!answers.empty() && !answers.front().failure) answers.drop();
  }
  if (flushed_) {
    end(nullptr);
    return Due::nothing;
  }
  switch (look_at_inputs()) {
    case Step::wait:
      return Due::nothing;
    case Step::call:
      return node_.form == NodeForm::generator ? Due::generate : Due::process;
    case Step::end:
      return at_end_of_inputs();
  }
  return Due::nothing;
}

Stream::Due Stream::at_end_of_inputs() {
  if (node_.form == NodeForm::stateful) return Due::flush;
  if (slots_.empty()) end(nullptr);
  return Due::nothing;
}

void Stream::take(Due due, Call& call) {
  CallPart part{this, item_, std::make_shared<Slot>(), {}};
  Slot& slot = *part.slot;
  call.node = index_;
  call.state = &state_;
  call.kind = due == Due::flush      ? CallKind::flush
              : due == Due::generate ? CallKind::generate
                                     : CallKind::process;
  const bool joins = due != Due::flush && !generating_;
  if (joins) part.inputs.resize(node_.in_edges.size());
  for (size_t i = 0; joins && i < node_.in_edges.size(); ++i) {
    const Joining joining = node_.joining[i];
    if (joining == Joining::unwired || answer_due_ != (joining == Joining::feedback)) continue;
    if (joining == Joining::latched) {
      part.inputs[i] = latched_[i];
      continue;
    }
    Token token = queue(i).pop();
    slot.sequence = token.sequence;
    if (slot.seconds != slot.seconds) slot.seconds = token.packet.seconds();
    if (const double at = token.packet.captured_at(); at == at) captured_at_ = at;
    part.inputs[i] = std::move(token.packet);
  }
  slot.captured_at = captured_at_;
  if (answer_due_) --unanswered_;
  if (due == Due::flush) flushed_ = true;
  if (due == Due::generate) generating_ = true;
  fed_once_ = changed_ = true;
  ++running_;
  slots_.push_back(part.slot);
  call.parts.push_back(std::move(part));
}

void Stream::finish(const Call& call, const CallPart& part, Stopping stopping) {
  --running_;
  part.slot->done = true;
  if (node_.feedback_port >= 0) unanswered_ += static_cast<int64_t>(part.slot->made.size());
  if (call.kind == CallKind::generate && !call.more) {
    generating_ = false;
    cut_short_ |= stopping != Stopping::no;  // sources may look for it themselves
    state_.reset();
  }
}

// --- For people ---

std::string Stream::describe_wait() const {
  if (running_ > 0) return "is running";
  if (!pending_.empty()) {
    for (size_t port = 0; port < node_.out_edges.size(); ++port)
      for (const int edge : node_.out_edges[port])
        if (pending_.front().second[port] && !queues_[static_cast<size_t>(edge)].has_room())
          return fmt::format("waits for room on {} ({} packets)", plan_.edges[static_cast<size_t>(edge)].name,
                             queues_[static_cast<size_t>(edge)].packets());
  }
  if (node_.feedback_port >= 0 && unanswered_ > 0)
    return fmt::format(
        "waits for its feedback {}: {} unanswered",
        plan_.edges[static_cast<size_t>(node_.in_edges[static_cast<size_t>(node_.feedback_port)])].name,
        unanswered_);
  for (size_t i = 0; i < node_.in_edges.size(); ++i) {
    if (node_.joining[i] == Joining::unwired || node_.joining[i] == Joining::feedback || latched_[i])
      continue;
    const auto edge = static_cast<size_t>(node_.in_edges[i]);
    if (queues_[edge].empty()) return fmt::format("waits for a packet on {}", plan_.edges[edge].name);
  }
  return "waits for its turn";
}

}  // namespace millrace
