#include "graph/check/order.h"

#include <fmt/core.h>

#include <algorithm>

namespace millrace {
namespace {

bool is_feedback(const CheckedNode& node, size_t input) {
  return node.type->inputs[input].role == PortRole::feedback;
}

// What each node feeds, feedback aside.
std::vector<std::vector<int>> find_users(const std::vector<CheckedNode>& nodes) {
  std::vector<std::vector<int>> users(nodes.size());
  for (size_t n = 0; n < nodes.size(); ++n)
    for (size_t i = 0; i < nodes[n].inputs.size(); ++i)
      if (nodes[n].inputs[i].from_node() && !is_feedback(nodes[n], i))
        users[static_cast<size_t>(nodes[n].inputs[i].node)].push_back(static_cast<int>(n));
  return users;
}

// From a node that is in or behind a cycle, walks upstream until a node comes again.
std::vector<int> find_cycle(const std::vector<CheckedNode>& nodes, const std::vector<bool>& sorted,
                            int start) {
  std::vector<int> path = {start};
  while (true) {
    const CheckedNode& node = nodes[static_cast<size_t>(path.back())];
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int from = node.inputs[i].node;
      if (!node.inputs[i].from_node() || is_feedback(node, i) || sorted[static_cast<size_t>(from)]) continue;
      const auto seen = std::find(path.begin(), path.end(), from);
      if (seen != path.end()) {
        std::vector<int> cycle(seen, path.end());
        std::reverse(cycle.begin(), cycle.end());
        std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
        return cycle;
      }
      path.push_back(from);
      break;
    }
  }
}

// Nodes that `start` reaches, itself included.
std::vector<bool> reach(const std::vector<std::vector<int>>& edges, int start) {
  std::vector<bool> seen(edges.size());
  std::vector<int> open = {start};
  seen[static_cast<size_t>(start)] = true;
  while (!open.empty()) {
    const int node = open.back();
    open.pop_back();
    for (const int next : edges[static_cast<size_t>(node)])
      if (!seen[static_cast<size_t>(next)]) seen[static_cast<size_t>(next)] = true, open.push_back(next);
  }
  return seen;
}

}  // namespace

std::vector<int> sort_nodes(const std::vector<CheckedNode>& nodes, Diagnostics& faults) {
  const auto users = find_users(nodes);
  std::vector<int> waits(nodes.size()), order;
  for (const auto& of_node : users)
    for (const int user : of_node) ++waits[static_cast<size_t>(user)];
  std::vector<bool> sorted(nodes.size());
  const auto take = [&](int node) {
    sorted[static_cast<size_t>(node)] = true;
    order.push_back(node);
  };
  for (size_t n = 0; n < nodes.size(); ++n)
    if (waits[n] == 0) take(static_cast<int>(n));
  bool cyclic = false;
  size_t done = 0;
  while (true) {
    for (; done < order.size(); ++done)
      for (const int user : users[static_cast<size_t>(order[done])])
        if (--waits[static_cast<size_t>(user)] == 0 && !sorted[static_cast<size_t>(user)]) take(user);
    const auto left = std::find(sorted.begin(), sorted.end(), false);
    if (left == sorted.end()) break;
    cyclic = true;
    const std::vector<int> cycle = find_cycle(nodes, sorted, static_cast<int>(left - sorted.begin()));
    std::string path;
    for (const int node : cycle) path += nodes[static_cast<size_t>(node)].name + " → ";
    const CheckedNode& first = nodes[static_cast<size_t>(cycle[0])];
    faults.error(first.place, fmt::format("a cycle: {}{}", path, first.name),
                 "only a declared feedback port may close a loop (feedback: {port: node.port})");
    for (const int node : cycle)
      if (!sorted[static_cast<size_t>(node)]) take(node);  // go on to find further cycles
  }
  return cyclic ? std::vector<int>() : order;
}

std::vector<bool> find_useful(const std::vector<CheckedNode>& nodes,
                              const std::vector<CheckedOutput>& outputs) {
  std::vector<bool> useful(nodes.size());
  std::vector<int> open;
  const auto mark = [&](int node) {
    if (node < 0 || useful[static_cast<size_t>(node)]) return;
    useful[static_cast<size_t>(node)] = true;
    open.push_back(node);
  };
  for (const CheckedOutput& output : outputs) mark(output.from.node);
  for (size_t n = 0; n < nodes.size(); ++n)
    if (nodes[n].type->outputs.empty()) mark(static_cast<int>(n));
  while (!open.empty()) {
    const CheckedNode& node = nodes[static_cast<size_t>(open.back())];
    open.pop_back();
    for (const PortSource& source : node.inputs) mark(source.node);
  }
  return useful;
}

void check_feedback(const std::vector<CheckedNode>& nodes, Diagnostics& faults) {
  const auto users = find_users(nodes);
  std::vector<std::vector<int>> sources(nodes.size());
  for (size_t n = 0; n < nodes.size(); ++n)
    for (const int user : users[n]) sources[static_cast<size_t>(user)].push_back(static_cast<int>(n));
  for (size_t n = 0; n < nodes.size(); ++n)
    for (size_t i = 0; i < nodes[n].inputs.size(); ++i) {
      const PortSource from = nodes[n].inputs[i];
      if (!is_feedback(nodes[n], i) || !from.from_node()) continue;
      const std::vector<bool> behind = reach(users, static_cast<int>(n)), before = reach(sources, from.node);
      const CheckedNode& source = nodes[static_cast<size_t>(from.node)];
      if (from.node == static_cast<int>(n) || !behind[static_cast<size_t>(from.node)]) {
        faults.error(nodes[n].place,
                     fmt::format("the feedback '{}' of '{}' comes from '{}', which '{}' does not feed",
                                 nodes[n].type->inputs[i].name, nodes[n].name, source.name, nodes[n].name));
        continue;
      }
      for (size_t m = 0; m < nodes.size(); ++m)
        if (m != n && behind[m] && before[m] && nodes[m].properties.policy != QueuePolicy::block)
          faults.error(
              nodes[m].place,
              fmt::format("'{}' may lose packets (policy: {}), but '{}' waits for an answer to each of them",
                          nodes[m].name, name_of(nodes[m].properties.policy), nodes[n].name),
              "nodes between a node and its feedback have the policy block");
    }
}

}  // namespace millrace
