#include "graph/check/properties.h"

#include <limits>

namespace millrace {
namespace {

ParamInfo integer(const char* name, double most, int64_t value, const char* help) {
  return {.name = name,
          .help = help,
          .unit = "",
          .type = {ParamKind::integer},
          .min = 1,
          .max = most,
          .choices = {},
          .required = false,
          .default_value = {value}};
}

}  // namespace

std::string_view name_of(QueuePolicy policy) {
  switch (policy) {
    case QueuePolicy::block:
      return "block";
    case QueuePolicy::drop_oldest:
      return "drop_oldest";
    case QueuePolicy::drop_newest:
      return "drop_newest";
    case QueuePolicy::fail:
      return "fail";
  }
  return "block";
}

const std::vector<ParamInfo>& property_infos() {
  static const std::vector<ParamInfo> infos = {
      integer("queue", 65536, NodeProperties{}.queue,
              "packets of one item that each input of the node holds"),
      {.name = "policy",
       .help = "what happens to a packet that finds the queue full: its sender waits, the oldest or the "
               "newest is "
               "dropped, or the item fails",
       .unit = "",
       .type = {ParamKind::choice},
       .min = 0,
       .max = 0,
       .choices = {"block", "drop_oldest", "drop_newest", "fail"},
       .required = false,
       .default_value = {std::string("block")}},
      integer("batch", 4096, NodeProperties{}.batch,
              "most inputs given to one call, of one item or several (map nodes)"),
      {.name = "max_wait_ms",
       .help = "longest wait for a batch to fill; null waits until nothing else is left to do",
       .unit = "ms",
       .type = {ParamKind::number, false, true},
       .min = 0,
       .max = 3.6e6,
       .choices = {},
       .required = false,
       .default_value = {}},
      integer("concurrency", 256, NodeProperties{}.concurrency, "calls of the node at the same time"),
  };
  return infos;
}

void set_property(NodeProperties& properties, size_t index, const ParamValue& value) {
  const auto number = [&] { return std::get<int64_t>(value.value); };
  switch (index) {
    case 0:
      properties.queue = number();
      break;
    case 1: {
      const auto& name = std::get<std::string>(value.value);
      for (const auto policy :
           {QueuePolicy::block, QueuePolicy::drop_oldest, QueuePolicy::drop_newest, QueuePolicy::fail})
        if (name == name_of(policy)) properties.policy = policy;
      break;
    }
    case 2:
      properties.batch = number();
      break;
    case 3:
      if (value.is_null())
        properties.max_wait_ms = kWaitForever;
      else if (const auto* whole = std::get_if<int64_t>(&value.value))
        properties.max_wait_ms = static_cast<double>(*whole);
      else
        properties.max_wait_ms = std::get<double>(value.value);
      break;
    case 4:
      properties.concurrency = number();
      break;
  }
}

}  // namespace millrace
