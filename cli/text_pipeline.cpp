#include "cli/text_pipeline.h"

#include "base/log.h"
#include "cli/pipeline_source.h"
#include "cli/pull_progress_line.h"
#include "nodes/model_cache.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

// The console's own tokens: main keeps them.
template <class Token>
std::shared_ptr<Token> borrowed(Token& token) {
  return {&token, [](Token*) {}};
}

}  // namespace

TextPipeline::TextPipeline(const std::string& pipeline, std::map<std::string, std::string> values,
                           const ModelOptions& options, Console& console, const std::string& trace)
    : console_(console), limit_(options.threads) {
  if (!trace.empty()) trace_ = std::make_unique<TraceWriter>(trace);
  values["model"] = options.model;
  const Registry registry = shipped_nodes();
  const auto checked = checked_pipeline(pipeline, registry, std::move(values), true);
  resources_.set<StopToken>(borrowed(console.interrupts.stop));
  resources_.set<CancelToken>(borrowed(console.interrupts.abort));
  resources_.emplace<ModelCache>(
      ModelCache::Options{.load = {.weights = weight_type(options.weights)}, .pull = pull_options(console)});
  console.progress.show("loading");
  graph_ = std::make_unique<const Graph>(Graph::build(checked, resources_));
  console.progress.clear();
}

std::shared_ptr<const Completion> TextPipeline::run(
    const std::string& input, const std::function<void(std::string_view)>& piece) const {
  std::shared_ptr<const Completion> completion;
  Sink sink;
  sink.packet = [&](const OutputPacket& result) {
    if (result.packet.type() == &kPacketType<TextPiece>) piece(result.packet.get<TextPiece>()->text);
    if (result.packet.type() == &kPacketType<Completion>) completion = result.packet.get<Completion>();
  };
  RunOptions options;
  options.stop = options.abort = &console_.interrupts.stop;
  options.trace = trace_.get();
  options.stalled = [](const std::string& report) { log::warning("{}", report); };
  const RunReport report = graph_->run(items_of({text_item(input)}), sink, options);
  if (trace_) trace_->flush();
  if (console_.interrupts.happened()) return nullptr;
  if (report.failed() > 0) throw *report.items.front().error;
  return completion;
}

}  // namespace millrace::cli
