#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "cli/console.h"
#include "cli/shared_options.h"
#include "cli/thread_limit.h"
#include "graph/resources.h"
#include "graph/runtime/graph.h"
#include "graph/trace.h"
#include "nodes/text_packets.h"

namespace millrace::cli {

// A pipeline that writes text, loaded once and run for one input after the other: 'chat' or 'generate'. What
// one run computed of a conversation serves the next. What all runs did goes to the file `trace`, where it is
// given.
class TextPipeline {
 public:
  TextPipeline(const std::string& pipeline, std::map<std::string, std::string> values,
               const ModelOptions& options, Console& console, const std::string& trace = {});

  // `piece` hears of the text as it is written. When the console's stop or abort is asked for, the text ends
  // there: the result then has no value. What fails is thrown.
  std::shared_ptr<const Completion> run(const std::string& input,
                                        const std::function<void(std::string_view)>& piece) const;

 private:
  Console& console_;
  ThreadLimit limit_;
  Resources resources_;
  std::unique_ptr<TraceWriter> trace_;
  std::unique_ptr<const Graph> graph_;
};

}  // namespace millrace::cli
