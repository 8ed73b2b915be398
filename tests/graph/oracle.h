#pragma once
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "graph/check/checked_pipeline.h"
#include "graph/check/rates.h"

namespace millrace::oracle {

// What a pipeline means, without threads, bounds, batches or policies: one item at a time through queues
// without end, one node after another until nothing moves. Slow and plain on purpose: the runtime is compared
// with it.
struct ItemResult {
  std::vector<std::vector<int64_t>> outputs;  // per output
  std::string error;                          // empty: none
};

class Interpreter {
 public:
  Interpreter(const CheckedPipeline& pipeline, Resources& resources) : pipeline_(pipeline) {
    for (const CheckedNode& node : pipeline.nodes)
      instances_.push_back(node.type->make(node.settings, resources));
  }

  ItemResult run(const std::vector<Packet>& item) {
    nodes_.assign(pipeline_.nodes.size(), {});
    outputs_.assign(pipeline_.outputs.size(), {});
    for (size_t n = 0; n < nodes_.size(); ++n) {
      nodes_[n].inputs.resize(pipeline_.nodes[n].inputs.size());
      nodes_[n].made.resize(pipeline_.nodes[n].type->outputs.size());
    }
    for (size_t i = 0; i < item.size(); ++i) {
      send({PortSource::kPipelineInput, static_cast<int>(i)}, 0, item[i]);
      close({PortSource::kPipelineInput, static_cast<int>(i)}, {});
    }
    for (bool moved = true; moved;) {
      moved = false;
      for (size_t n = 0; n < nodes_.size(); ++n)
        while (step(n)) moved = true;
    }
    return result();
  }

 private:
  struct Line {
    std::deque<std::pair<int64_t, Packet>> packets;
    bool closed = false;
    std::optional<std::string> failure;  // after the packets
    bool at_end() const { return packets.empty() && closed; }
  };
  struct Node {
    std::vector<Line> inputs;
    std::vector<Packet> latched;
    std::vector<int64_t> made;
    NodeInstance::State state;
    int64_t unanswered = 0;
    bool flushed = false, ended = false;
    std::optional<std::string> failure;
  };

  template <class F>
  void for_each_line(PortSource from, F&& f) {
    for (size_t n = 0; n < nodes_.size(); ++n)
      for (size_t i = 0; i < nodes_[n].inputs.size(); ++i) {
        const PortSource& source = pipeline_.nodes[n].inputs[i];
        if (source.node == from.node && source.port == from.port) f(nodes_[n].inputs[i]);
      }
    for (size_t o = 0; o < outputs_.size(); ++o) {
      const PortSource& source = pipeline_.outputs[o].from;
      if (source.node == from.node && source.port == from.port) f(outputs_[o]);
    }
  }
  void send(PortSource from, int64_t sequence, const Packet& packet) {
    for_each_line(from, [&](Line& line) { line.packets.emplace_back(sequence, packet); });
  }
  void close(PortSource from, const std::optional<std::string>& failure) {
    for_each_line(from, [&](Line& line) {
      line.closed = true;
      line.failure = failure;
    });
  }

  void end(size_t n, std::optional<std::string> failure) {
    nodes_[n].ended = true;
    nodes_[n].failure = failure;
    for (size_t port = 0; port < nodes_[n].made.size(); ++port)
      close({static_cast<int>(n), static_cast<int>(port)}, failure);
  }

  void send_all(size_t n, int64_t sequence, const std::vector<Emission>& made) {
    const NodeType& type = *pipeline_.nodes[n].type;
    for (const Emission& emission : made) {
      ++nodes_[n].unanswered;
      for (size_t port = 0; port < emission.size(); ++port) {
        if (!emission[port]) continue;
        const bool keeps = type.form == NodeForm::map && type.outputs[port].role != PortRole::optional;
        send({static_cast<int>(n), static_cast<int>(port)}, keeps ? sequence : nodes_[n].made[port]++,
             emission[port]);
      }
    }
  }

  int rate_of(PortSource source) const {
    return source.from_node()
               ? pipeline_.nodes[static_cast<size_t>(source.node)].rates[static_cast<size_t>(source.port)]
               : kItemRate;
  }

  // One call of the node, or its end. False when it has to wait.
  bool step(size_t n) {
    const CheckedNode& checked = pipeline_.nodes[n];
    Node& node = nodes_[n];
    if (node.ended) return false;
    int rate = kItemRate;
    std::optional<size_t> feedback;
    for (size_t i = 0; i < checked.inputs.size(); ++i) {
      if (checked.type->inputs[i].role == PortRole::feedback)
        feedback = i;
      else
        rate = std::max(rate, rate_of(checked.inputs[i]));
    }
    if (feedback && node.unanswered > 0) {
      Line& line = node.inputs[*feedback];
      if (line.packets.empty()) {
        if (line.failure) end(n, line.failure);
        return node.ended;
      }
      Inputs inputs(checked.inputs.size());
      inputs[*feedback] = take(line).second;
      --node.unanswered;
      return call(n, 0, [&] { return instances_[n]->step(node.state, inputs); });
    }
    if (node.flushed) return end(n, {}), true;
    node.latched.resize(checked.inputs.size());
    std::optional<std::string> failure;
    bool ended = false;
    for (size_t i = 0; i < checked.inputs.size(); ++i) {
      if (checked.inputs[i].node == PortSource::kUnwired || feedback == i || node.latched[i]) continue;
      const Line& line = node.inputs[i];
      if (line.packets.empty() && !line.closed) return false;
      if (line.at_end() && line.failure && !failure) failure = line.failure;
      if (line.at_end() && !line.failure) ended = true;
    }
    if (failure) return end(n, failure), true;
    if (ended) {
      if (checked.type->form != NodeForm::stateful) return end(n, {}), true;
      node.flushed = true;
      if (!node.state) node.state = instances_[n]->begin();
      return call(n, 0, [&] { return instances_[n]->flush(node.state); });
    }
    Inputs inputs(checked.inputs.size());
    int64_t sequence = 0;
    for (size_t i = 0; i < checked.inputs.size(); ++i) {
      if (checked.inputs[i].node == PortSource::kUnwired || feedback == i) continue;
      if (rate_of(checked.inputs[i]) != rate) {
        if (!node.latched[i]) node.latched[i] = take(node.inputs[i]).second;
        inputs[i] = node.latched[i];
      } else {
        std::tie(sequence, inputs[i]) = take(node.inputs[i]);
      }
    }
    return call(n, sequence, [&] {
      const NodeInstance& instance = *instances_[n];
      switch (checked.type->form) {
        case NodeForm::map:
          return instance.map(std::span(&inputs, 1));
        case NodeForm::expand:
          return instance.expand(inputs);
        case NodeForm::stateful:
          if (!node.state) node.state = instance.begin();
          return instance.step(node.state, inputs);
        case NodeForm::generator:
          break;
      }
      std::vector<Emission> all, some;
      NodeInstance::State state = instance.begin(inputs);
      for (bool more = true; more;) {
        try {
          more = instance.next(state, some);
        } catch (...) {
          send_all(n, 0, all);  // what came before the failure stays
          throw;
        }
        all.insert(all.end(), some.begin(), some.end());
      }
      return all;
    });
  }

  static std::pair<int64_t, Packet> take(Line& line) {
    auto packet = std::move(line.packets.front());
    line.packets.pop_front();
    return packet;
  }

  template <class F>
  bool call(size_t n, int64_t sequence, F&& f) {
    try {
      send_all(n, sequence, f());
    } catch (const Error& error) {
      end(n, error.at("node '" + pipeline_.nodes[n].name + "'").what());
    }
    return true;
  }

  ItemResult result() {
    ItemResult result;
    for (Line& line : outputs_) {
      result.outputs.emplace_back();
      for (const auto& [sequence, packet] : line.packets)
        result.outputs.back().push_back(*packet.get<int64_t>());
      if (line.failure && result.error.empty()) result.error = *line.failure;
    }
    for (size_t n = 0; n < nodes_.size(); ++n)
      if (pipeline_.nodes[n].type->outputs.empty() && nodes_[n].failure && result.error.empty())
        result.error = *nodes_[n].failure;
    return result;
  }

  const CheckedPipeline& pipeline_;
  std::vector<std::unique_ptr<NodeInstance>> instances_;
  std::vector<Node> nodes_;
  std::vector<Line> outputs_;
};

}  // namespace millrace::oracle
