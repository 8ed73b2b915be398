#include "graph/runtime/call.h"

#include <exception>
#include <new>
#include <span>

namespace millrace {
namespace {

Failure describe_exception(const PlannedNode& node) {
  const std::string where = fmt::format("node '{}'", node.name);
  try {
    throw;
  } catch (const Error& error) {
    return std::make_shared<const Error>(error.at(where));
  } catch (const std::bad_alloc&) {
    return std::make_shared<const Error>(ErrorKind::internal, "out of memory", where);
  } catch (const std::exception& error) {
    return std::make_shared<const Error>(ErrorKind::internal, error.what(), where);
  } catch (...) {
    return std::make_shared<const Error>(ErrorKind::internal, "an exception of unknown type", where);
  }
}

void call_part(const PlannedNode& node, Call& call, CallPart& part) {
  const NodeInstance& instance = *node.instance;
  std::vector<Emission>& made = part.slot->made;
  switch (node.form) {
    case NodeForm::map:
      made = instance.map(std::span(&part.inputs, 1));
      break;
    case NodeForm::expand:
      made = instance.expand(part.inputs);
      break;
    case NodeForm::stateful:
      if (!*call.state) *call.state = instance.begin();
      made = call.kind == CallKind::flush ? instance.flush(*call.state)
                                          : instance.step(*call.state, part.inputs);
      break;
    case NodeForm::generator:
      if (!*call.state) *call.state = instance.begin(part.inputs);
      call.more = instance.next(*call.state, made);
      break;
  }
}

bool call_batch(const PlannedNode& node, Call& call) {
  std::vector<Inputs> batch;
  for (const CallPart& part : call.parts) batch.push_back(part.inputs);
  try {
    std::vector<Emission> made = node.instance->map(batch);
    for (size_t i = 0; i < call.parts.size(); ++i) call.parts[i].slot->made.push_back(std::move(made[i]));
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

void perform(const PlannedNode& node, Call& call) noexcept {
  const bool together = call.parts.size() > 1 && node.takes_batches;
  if (!together || !call_batch(node, call)) {
    for (CallPart& part : call.parts) {
      try {
        call_part(node, call, part);
      } catch (...) {
        part.slot->made.clear();
        part.slot->failure = describe_exception(node);
        call.more = false;
      }
    }
  }
  for (CallPart& part : call.parts) {
    part.inputs.clear();
    for (Emission& emission : part.slot->made)
      for (Packet& packet : emission) {
        packet.inherit_seconds(part.slot->seconds);
        packet.inherit_captured_at(part.slot->captured_at);
      }
  }
}

}  // namespace millrace
