#pragma once
#include <string_view>
#include <vector>

#include "graph/param_value.h"

namespace millrace {

// What an edge does with a packet that finds it full.
enum class QueuePolicy { block, drop_oldest, drop_newest, fail };
std::string_view name_of(QueuePolicy policy);

constexpr double kWaitForever = -1;

// What YAML may say of any node; the runtime does it, not the node.
struct NodeProperties {
  int64_t queue = 4;  // packets of one item that each of its inputs holds
  QueuePolicy policy = QueuePolicy::block;
  int64_t batch = 1;                  // at most so many inputs a call, of one item or several
  double max_wait_ms = kWaitForever;  // for a batch to fill; unless given, until nothing else is left to do
  int64_t concurrency = 1;            // calls at the same time
};

// The properties as parameters, in the order of the struct: for reading, ranges and documentation.
const std::vector<ParamInfo>& property_infos();
void set_property(NodeProperties& properties, size_t index, const ParamValue& value);

}  // namespace millrace
