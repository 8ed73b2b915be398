// Watches a camera: runs the pipeline for live pictures and prints what is on the newest, until Ctrl-C.
//
//   live_camera SOURCE [MODEL]        SOURCE is a camera's number, an http or rtsp address, or a film
#include <csignal>
#include <cstdio>
#include <memory>

#include "base/embedded.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/image_packets.h"
#include "nodes/model_cache.h"
#include "nodes/packets.h"
#include "nodes/register.h"

static millrace::StopToken stop;  // ends the camera; what is on its way is still told

int main(int argc, char** argv) try {
  using namespace millrace;
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s SOURCE [MODEL]\n", argv[0]);
    return exit_code(ErrorKind::usage);
  }
  std::signal(SIGINT, [](int) { stop.cancel(); });

  // The queue before the model keeps the newest picture and drops the older ones: the YAML says so.
  const auto source = std::make_shared<SourceText>(
      SourceText{"live_camera.yaml", std::string(embedded_file("pipelines/live_camera.yaml").value())});
  const Registry registry = shipped_nodes();
  CheckOptions settings{.values = {{"smooth", "0.5"}, {"top_k", "1"}}};
  if (argc > 2) settings.values["model"] = argv[2];
  const CheckedPipeline pipeline = check_pipeline(source, registry, {}, settings);

  Resources resources;
  resources.emplace<ModelCache>();
  resources.set<StopToken>({&stop, [](StopToken*) {}});
  const Graph graph = Graph::build(pipeline, resources);

  Sink sink;
  sink.packet = [](const OutputPacket& out) {
    if (out.output_name == "gap")
      std::printf("nothing was seen for %.1f s\n", out.packet.get<StreamGap>()->seconds);
    if (out.output_name != "predictions") return;
    const Prediction& best = out.packet.get<Predictions>()->best.front();
    std::printf("%8.2f s  %3.0f %%  %s\n", out.packet.seconds(), best.score * 100, best.label.c_str());
    std::fflush(stdout);
  };
  const RunReport report =
      graph.run(items_of({text_item(argv[1])}), sink, {.live_source = true, .stop = &stop});
  std::fprintf(stderr, "%s", describe_losses(report).c_str());
  if (report.failed() > 0) throw *report.items.front().error;
  return 0;
} catch (const millrace::Error& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return millrace::exit_code(error.kind());
}
