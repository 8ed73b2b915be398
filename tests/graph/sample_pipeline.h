#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "tests/graph/sample_nodes.h"

namespace millrace::sample {

inline Registry registry() {
  Registry registry;
  registry.add<ChangeCase>();
  registry.add<Split>();
  registry.add<Gather>();
  registry.add<Repeat>();
  registry.add<Chunk>();
  registry.add<Read>();
  registry.add<Judge>();
  registry.add<Discard>();
  return registry;
}

inline std::shared_ptr<const SourceText> source(std::string text, std::string name = "test.yaml") {
  return std::make_shared<const SourceText>(SourceText{std::move(name), std::move(text)});
}

// What came out of a run, in order.
struct Results {
  std::vector<std::string> packets;  // "item.output: …"
  RunReport report;
};

inline std::string show(const Packet& packet) {
  if (packet.type() == &kPacketType<Word>) return packet.get<Word>()->text;
  if (packet.type() == &kPacketType<Line>) return packet.get<Line>()->text;
  if (packet.type() == &kPacketType<std::string>) return *packet.get<std::string>();
  if (packet.type() == &kPacketType<int64_t>) return std::to_string(*packet.get<int64_t>());
  return "?";
}

inline Results run(const Graph& graph, const std::vector<std::string>& inputs, RunOptions options = {}) {
  std::vector<Item> items;
  for (const std::string& input : inputs) items.push_back(text_item(input));
  Results results;
  const Sink sink{
      .packet =
          [&](const OutputPacket& out) {
            results.packets.push_back(std::to_string(out.item) + "." + std::string(out.output_name) + ": " +
                                      show(out.packet));
          },
      .finished =
          [&](const FinishedItem& item) {
            results.packets.push_back(std::to_string(item.item) +
                                      (item.error ? " failed: " + std::string(item.error->what()) : " done"));
          }};
  results.report = graph.run(items_of(std::move(items)), sink, options);
  return results;
}

}  // namespace millrace::sample
