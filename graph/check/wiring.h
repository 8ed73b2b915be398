#pragma once
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "graph/check/check.h"
#include "graph/check/unfold.h"

namespace millrace {

// Follows wires to the port they start from, through included pipelines.
class Wiring {
 public:
  Wiring(const Unfolded& unfolded, const std::vector<CheckedInput>& inputs, const Registry& registry,
         Diagnostics& faults)
      : unfolded_(unfolded), inputs_(inputs), registry_(registry), faults_(faults) {}

  // Wires the ports of the flat node, one PortSource per input of its type, and reports what is missing,
  // unknown or of another type.
  std::vector<PortSource> wire(const FlatNode& node);
  CheckedOutput output(const OutputDecl& decl);

  // Nodes of every used pipeline that nobody there wires to anything.
  void report_unused_nodes();

 private:
  PortSource resolve(const PortRef& from, Scope& scope, int depth);
  PortSource resolve_input(const PortRef& from, Scope& scope, int depth);
  const PacketType* type_of(PortSource source) const;
  void connect(const Wire& wire, const FlatNode& node, bool feedback, std::vector<PortSource>& sources);
  void check_types(const Wire& wire, const FlatNode& node, const PortInfo& port, PortSource source);
  void report_unused_nodes(const Scope& scope);

  const Unfolded& unfolded_;
  const std::vector<CheckedInput>& inputs_;
  const Registry& registry_;
  Diagnostics& faults_;
};

}  // namespace millrace
