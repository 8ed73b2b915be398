#include "cli/pipeline_run.h"

#include <cstdio>
#include <memory>

#include "base/log.h"
#include "cli/run_progress.h"
#include "cli/run_resources.h"
#include "cli/stats_table.h"
#include "cli/thread_limit.h"
#include "graph/runtime/graph.h"
#include "graph/trace.h"

namespace millrace::cli {
namespace {

void log_losses(const RunReport& report) {
  for (const EdgeReport& edge : report.edges) {
    const std::string line = describe_losses({.items = {}, .edges = {edge}, .interrupted = false});
    if (!line.empty())
      log::message(edge.dropped > 0 ? log::Level::warning : log::Level::info,
                   line.substr(0, line.size() - 1));
  }
}

}  // namespace

int run_pipeline(const PipelineRun& run, const Sink& sink, Console& console) {
  const ThreadLimit limit(run.threads);
  Resources resources;
  share_run_resources(resources, console, run.weights);
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
  if (console.progress.enabled() && !run.live)
    options.progress = [&](const Progress& progress) { console.progress.show(told.text(progress)); };
  if (!run.live) options.stalled = [](const std::string& report) { log::warning("{}", report); };
  StatsView view;
  std::string stats;
  if (run.stats)
    options.stats = [&](const RunStats& now) { console.progress.show_table(stats = view.table(now)); };
  const RunReport report = graph.run(items_of(std::move(items)), sink, options);
  console.progress.clear();
  std::fputs(stats.c_str(), stderr);
  if (trace) trace->flush();
  if (run.report)
    run.report(report);
  else if (run.live)
    log_losses(report);

  if (report.interrupted || console.interrupts.happened()) return console.interrupts.exit_code();
  if (run.inputs.size() == 1 && report.failed() == 1) throw *report.items.front().error;
  for (const FinishedItem& item : report.items)
    if (item.error) log::message(log::Level::error, fmt::format("error: {}", item.error->what()));
  return report.failed() > 0 ? 1 : 0;
}

}  // namespace millrace::cli
