// Millrace's process in the comparison: compare_worker MODEL WEIGHTS THREADS sequential|batched
// Speaks the protocol of engines/worker.py: a JSON object a line in, a JSON object a line out.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/embedded.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/model_cache.h"
#include "nodes/packets.h"
#include "nodes/register.h"

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void answer(const nlohmann::json& line) { std::cout << line.dump() << std::endl; }

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

kernels::WeightType weight_type(const std::string& name) {
  for (const auto type : {kernels::WeightType::float32, kernels::WeightType::bfloat16,
                          kernels::WeightType::int8, kernels::WeightType::int4})
    if (kernels::name_of(type) == name) return type;
  fail(ErrorKind::usage, "unknown weights '{}'", name);
}

int serve(const std::vector<std::string>& arguments) {
  const int threads = std::stoi(arguments.at(2));
  const std::string file = arguments.at(3) == "batched" ? "pipelines/asr_batched.yaml" : "pipelines/asr.yaml";
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(threads));
  tbb::task_arena arena(threads);

  const auto start = Clock::now();
  const Registry registry = shipped_nodes();
  std::map<std::string, std::string> values = {{"model", arguments.at(0)},
                                               {"language", "en"},
                                               {"text.beam_size", "1"},
                                               {"text.temperature", "[0]"},
                                               {"text.condition_on_previous_text", "false"}};
  if (arguments.at(3) != "batched") values["voice_activity"] = "none";
  const auto source =
      std::make_shared<SourceText>(SourceText{file, std::string(embedded_file(file).value())});
  const auto checked =
      check_pipeline(source, registry, {}, {.values = std::move(values), .need_values = true});
  Resources resources;
  resources.emplace<ModelCache>(
      ModelCache::Options{.load = {.weights = weight_type(arguments.at(1))}, .pull = {}});
  const Graph graph = arena.execute([&] { return Graph::build(checked, resources); });
  answer({{"ready", true}, {"load_seconds", seconds_since(start)}});

  for (std::string line; std::getline(std::cin, line);) {
    const auto begin = Clock::now();
    const std::string text = arena.execute(
        [&] { return transcribe(graph, nlohmann::json::parse(line).at("file").get<std::string>()); });
    const double seconds = seconds_since(begin);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    answer({{"seconds", seconds}, {"text", text}, {"peak_mib", static_cast<double>(usage.ru_maxrss) / 1024}});
  }
  return 0;
}

}  // namespace
}  // namespace millrace

int main(int count, char** words) {
  if (count != 5) {
    std::fputs("compare_worker MODEL WEIGHTS THREADS sequential|batched\n", stderr);
    return 2;
  }
  try {
    return millrace::serve({words + 1, words + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "compare_worker: %s\n", error.what());
    return 70;
  }
}
