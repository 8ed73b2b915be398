// Live captions in 50 lines: what a microphone hears, as text, while it is being spoken.
//
//   live_microphone [MODEL [SOURCE]]     MODEL: a folder, or a name such as openai/whisper-base; SOURCE: a
//                                        microphone, or a recording, which is played as if it were spoken now
#include <csignal>
#include <cstdio>
#include <memory>

#include "base/cancel.h"
#include "base/embedded.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/model_cache.h"
#include "nodes/packets.h"
#include "nodes/register.h"

namespace {
const auto stop = std::make_shared<millrace::StopToken>();
}

int main(int argc, char** argv) try {
  using namespace millrace;
  const std::string model = argc > 1 ? argv[1] : "openai/whisper-base",
                    microphone = argc > 2 ? argv[2] : "default";
  // Ctrl-C ends the sound; what has been heard is written down before run() returns.
  std::signal(SIGINT, [](int) { stop->cancel(); });

  const auto source = std::make_shared<SourceText>(
      SourceText{"live_captions.yaml", std::string(embedded_file("pipelines/live_captions.yaml").value())});
  const Registry registry = shipped_nodes();
  const CheckedPipeline pipeline = check_pipeline(source, registry, {}, {.values = {{"model", model}}});

  Resources resources;
  resources.emplace<ModelCache>(
      ModelCache::Options{.load = {.weights = kernels::WeightType::int8}, .pull = {}});
  resources.set<StopToken>(stop);
  const Graph graph = Graph::build(pipeline, resources);

  Sink sink;
  sink.packet = [](const OutputPacket& out) {
    if (out.output_name == "partial") {  // it may change: rewritten in place
      std::printf("\r\033[K%.79s", out.packet.get<PartialText>()->text().c_str());
      std::fflush(stdout);
    } else if (out.output_name == "segment") {  // it never changes again
      const Segment& segment = *out.packet.get<Segment>();
      std::printf("\r\033[K%7.2f %7.2f%s\n", segment.start, segment.end, segment.text.c_str());
    }
  };
  RunOptions options;
  options.stop = stop.get();
  options.live_source = true;
  const RunReport report = graph.run(items_of({text_item(microphone)}), sink, options);
  if (report.failed() > 0) throw *report.items.front().error;
  return 0;
} catch (const millrace::Error& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return millrace::exit_code(error.kind());
}
