#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/stream_clock.h"
#include "graph/check/checked_pipeline.h"
#include "graph/node_type.h"

namespace millrace {

// How an input port's packets meet those of the other ports.
enum class Joining {
  unwired,   // always empty
  in_step,   // joined by sequence number
  latched,   // one per item, held for all calls
  feedback,  // one per emission of the node itself
};

struct PlannedEdge {
  PortSource from;
  int to_node = -1;  // or, at an output, -1
  int to_port = 0;   // or the output
  size_t capacity = 0;
  QueuePolicy policy = QueuePolicy::block;
  std::string name;  // "audio.clip → features.clip"
};

struct PlannedNode {
  std::string name, type;
  NodeForm form = NodeForm::map;
  bool blocking = false, takes_batches = false;
  NodeProperties properties;
  std::vector<std::string> input_names;
  std::vector<Joining> joining;             // per input port
  std::vector<int> in_edges;                // per input port, -1 where unwired
  std::vector<std::vector<int>> out_edges;  // per output port
  std::vector<bool> optional_out;           // per output port
  int feedback_port = -1;
  std::unique_ptr<NodeInstance> instance;
};

// A checked pipeline with its nodes constructed and its edges numbered: what every run shares.
struct Plan {
  std::string name;
  std::vector<PlannedNode> nodes;  // each after those it gets packets from
  std::vector<PlannedEdge> edges;
  std::vector<std::vector<int>> input_edges;  // per input of the pipeline
  std::vector<std::string> outputs;
  std::vector<int> output_edges;
  size_t largest_batch = 1;
  std::shared_ptr<StreamClock> clock;  // the one of the resources, or this machine's
};

// Constructs all nodes; what a constructor throws comes with the node's name.
Plan make_plan(const CheckedPipeline& pipeline, Resources& resources);

}  // namespace millrace
