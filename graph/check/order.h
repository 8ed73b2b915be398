#pragma once
#include <vector>

#include "graph/check/checked_pipeline.h"
#include "graph/pipeline/diagnostics.h"

namespace millrace {

// An order of the nodes in which each comes after those it gets packets from, feedback aside. Cycles are
// faults, told node by node; the order is empty then.
std::vector<int> sort_nodes(const std::vector<CheckedNode>& nodes, Diagnostics& faults);

// Per node, whether something it makes can reach an output or a node without outputs.
std::vector<bool> find_useful(const std::vector<CheckedNode>& nodes,
                              const std::vector<CheckedOutput>& outputs);

// Every feedback has to come from behind its own node, and no node on the way may drop packets.
void check_feedback(const std::vector<CheckedNode>& nodes, Diagnostics& faults);

}  // namespace millrace
