#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graph/pipeline/source_text.h"

namespace millrace {

// Where pipelines come from when another one names them: the ones that ship, files beside, whatever the
// program has.
struct PipelineLibrary {
  // The text of the pipeline called `name`, or null. Throws Error(io) when it is there but cannot be read.
  std::function<std::shared_ptr<const SourceText>(const std::string& name)> find;
  std::vector<std::string> names;  // for "did you mean"
};

}  // namespace millrace
