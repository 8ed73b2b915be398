// Millrace's process in the comparison: compare_worker MODEL WEIGHTS THREADS sequential|batched
// Answers the requests of compare.py.
#include <map>
#include <memory>

#include "base/embedded.h"
#include "bench/protocol/worker.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/model_cache.h"
#include "nodes/packets.h"
#include "nodes/register.h"

namespace millrace {
namespace {

std::string transcribe(const Graph& graph, const std::string& file) {
  std::string text;
  Sink sink;
  sink.packet = [&](const OutputPacket& packet) {
    if (packet.output_name == "transcript") text = packet.packet.get<Transcript>()->text;
  };
  sink.finished = [](const FinishedItem& item) {
    if (item.error) throw *item.error;
  };
  graph.run(items_of({text_item(file)}), sink);
  return text;
}

Graph load(const std::vector<std::string>& arguments) {
  const std::string file = arguments.at(3) == "batched" ? "pipelines/asr_batched.yaml" : "pipelines/asr.yaml";
  std::map<std::string, std::string> values = {{"model", arguments.at(0)},
                                               {"language", "en"},
                                               {"text.beam_size", "1"},
                                               {"text.temperature", "[0]"},
                                               {"text.condition_on_previous_text", "false"}};
  if (arguments.at(3) != "batched") values["voice_activity"] = "none";
  const Registry registry = shipped_nodes();
  const auto source =
      std::make_shared<SourceText>(SourceText{file, std::string(embedded_file(file).value())});
  const auto checked =
      check_pipeline(source, registry, {}, {.values = std::move(values), .need_values = true});
  Resources resources;
  resources.emplace<ModelCache>(
      ModelCache::Options{.load = {.weights = bench::weight_type(arguments.at(1))}, .pull = {}});
  return Graph::build(checked, resources);
}

}  // namespace
}  // namespace millrace

int main(int count, char** words) {
  using namespace millrace;
  return bench::run_worker(
      count, words, "compare_worker MODEL WEIGHTS THREADS sequential|batched", [](const auto& arguments) {
        bench::serve(std::stoi(arguments[2]), [&]() -> bench::Answer {
          const auto graph = std::make_shared<const Graph>(load(arguments));
          return [graph](const bench::Json& request) -> bench::Json {
            const auto start = bench::Clock::now();
            const std::string text = transcribe(*graph, request.at("file").get<std::string>());
            return {{"seconds", bench::seconds_since(start)}, {"text", text}};
          };
        });
      });
}
