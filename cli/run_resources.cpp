#include "cli/run_resources.h"

#include "cli/pull_progress_line.h"
#include "cli/shared_options.h"
#include "nodes/model_cache.h"

namespace millrace::cli {
namespace {

// main keeps it.
template <class Token>
std::shared_ptr<Token> borrowed(Token& token) {
  return {&token, [](Token*) {}};
}

}  // namespace

void share_run_resources(Resources& resources, Console& console, const std::string& weights) {
  resources.set<StopToken>(borrowed(console.interrupts.stop));
  resources.set<CancelToken>(borrowed(console.interrupts.abort));
  resources.emplace<ModelCache>(
      ModelCache::Options{.load = {.weights = weight_type(weights)}, .pull = pull_options(console)});
}

}  // namespace millrace::cli
