#include "nodes/turn.h"

#include <utility>

namespace millrace {
namespace {

constexpr double kEchoSeconds = 0.3;  // a room's echo, and what a sound card still holds

}  // namespace

Turn Floor::begin_turn() {
  auto token = std::make_shared<CancelToken>();
  const std::lock_guard lock(mutex_);
  if (const auto before = std::exchange(latest_, token)) before->cancel();
  return {.number = ++turns_, .over = std::move(token), .floor = shared_from_this()};
}

void Floor::starts_speaking(double now) {
  const std::lock_guard lock(mutex_);
  speaks_from_ = now;
  speaks_until_ = std::numeric_limits<double>::infinity();
}

void Floor::stops_speaking(double now) {
  const std::lock_guard lock(mutex_);
  speaks_until_ = now;
}

bool Floor::hears_itself(double time) const {
  const std::lock_guard lock(mutex_);
  return time >= speaks_from_ && time <= speaks_until_ + kEchoSeconds;
}

}  // namespace millrace
