#pragma once
#include <vector>

#include "graph/check/checked_pipeline.h"
#include "graph/pipeline/diagnostics.h"

namespace millrace {

// Fills in the rates of all output ports. A map keeps the rate of its inputs, any other node starts a new
// one; what comes once per item joins with everything. Other mixes are faults. `order` as from sort_nodes.
void assign_rates(std::vector<CheckedNode>& nodes, const std::vector<int>& order, Diagnostics& faults);

constexpr int kItemRate = 0;

}  // namespace millrace
