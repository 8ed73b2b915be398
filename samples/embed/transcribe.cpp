// Embeds Millrace: runs the speech pipeline over the files given and prints each segment with its times.
//
//   embed_transcribe MODEL FILE...        MODEL is a folder, or a name such as openai/whisper-base
#include <oneapi/tbb/global_control.h>

#include <cstdio>
#include <memory>

#include "base/embedded.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/model_cache.h"
#include "nodes/packets.h"
#include "nodes/register.h"

int main(int argc, char** argv) try {
  using namespace millrace;
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s MODEL FILE...\n", argv[0]);
    return exit_code(ErrorKind::usage);
  }
  // How many threads compute: the whole process's, as the host program likes.
  const oneapi::tbb::global_control threads(oneapi::tbb::global_control::max_allowed_parallelism, 2);

  // A pipeline is text: one that ships, or one of your own. The check finds every fault before anything runs.
  const auto source = std::make_shared<SourceText>(
      SourceText{"asr.yaml", std::string(embedded_file("pipelines/asr.yaml").value())});
  const Registry registry = shipped_nodes();  // add<YourNode>() here
  const CheckedPipeline pipeline =
      check_pipeline(source, registry, {}, {.values = {{"model", argv[1]}, {"text.beam_size", "1"}}});

  Resources resources;
  resources.emplace<ModelCache>();  // nodes that name the same model share it
  const Graph graph = Graph::build(pipeline, resources);

  std::vector<Item> items;
  for (int i = 2; i < argc; ++i) items.push_back(text_item(argv[i]));
  Sink sink;
  sink.packet = [](const OutputPacket& out) {
    if (out.output_name != "segment") return;
    const Segment& segment = *out.packet.get<Segment>();
    std::printf("%7.2f %7.2f%s\n", segment.start, segment.end, segment.text.c_str());
  };
  sink.finished = [](const FinishedItem& item) {
    if (item.error) std::fprintf(stderr, "%s: %s\n", item.name.c_str(), item.error->what());
  };
  return graph.run(items_of(std::move(items)), sink).failed() == 0 ? 0 : 1;
} catch (const millrace::Error& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return millrace::exit_code(error.kind());
}
