#include "cli/pipeline_run.h"

#include <memory>

#include "base/log.h"
#include "cli/pull_progress_line.h"
#include "cli/run_progress.h"
#include "cli/thread_limit.h"
#include "graph/runtime/graph.h"
#include "graph/trace.h"
#include "nodes/model_cache.h"

namespace millrace::cli {
namespace {

// The console's own tokens: main keeps them.
template <class Token>
std::shared_ptr<Token> borrowed(Token& token) {
  return {&token, [](Token*) {}};
}

}  // namespace

int run_pipeline(const PipelineRun& run, const Sink& sink, Console& console) {
  const ThreadLimit limit(run.threads);
  Resources resources;
  resources.set<StopToken>(borrowed(console.interrupts.stop));
  resources.set<CancelToken>(borrowed(console.interrupts.abort));
  resources.emplace<ModelCache>(
      ModelCache::Options{.load = {.weights = weight_type(run.weights)}, .pull = pull_options(console)});
  if (run.prepare) run.prepare(resources);
  console.progress.show("loading");
  const Graph graph = Graph::build(run.pipeline, resources);
  console.progress.clear();

  std::vector<Item> items;
  for (const std::string& input : run.inputs) items.push_back(text_item(input));
  std::unique_ptr<TraceWriter> trace;
  if (!run.trace.empty()) trace = std::make_unique<TraceWriter>(run.trace);
  RunOptions options;
  options.stop = &console.interrupts.stop;
  options.abort = &console.interrupts.abort;
  options.trace = trace.get();
  if (run.live) {
    options.items_in_flight = run.inputs.size();
    options.in_order = false;
    options.fair = options.live_source = true;
  }
  RunProgress told(run.inputs);
  if (!run.live && console.progress.enabled())
    options.progress = [&](const Progress& progress) { console.progress.show(told.text(progress)); };
  options.stalled = [](const std::string& report) { log::warning("{}", report); };
  const RunReport report = graph.run(items_of(std::move(items)), sink, options);
  console.progress.clear();
  if (trace) trace->flush();
  if (run.report) run.report(report);

  if (report.interrupted || console.interrupts.happened()) return console.interrupts.exit_code();
  if (run.inputs.size() == 1 && report.failed() == 1) throw *report.items.front().error;
  for (const FinishedItem& item : report.items)
    if (item.error) log::message(log::Level::error, fmt::format("error: {}", item.error->what()));
  return report.failed() > 0 ? 1 : 0;
}

}  // namespace millrace::cli
