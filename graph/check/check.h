#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/check/checked_pipeline.h"
#include "graph/pipeline/library.h"
#include "graph/pipeline/source_text.h"
#include "graph/registry.h"

namespace millrace {

struct CheckOptions {
  // The pipeline's parameters, as text; and settings of its nodes as NODE.SETTING, which go before what the
  // pipeline says.
  std::map<std::string, std::string> values = {};
  bool need_values = false;               // a parameter with neither value nor default is a fault
  std::vector<std::string> outputs = {};  // those that are taken, by name; empty: all. Nodes that only others
                                          // need are left out
  std::vector<CheckedInput> inputs = {{"", &kPacketType<std::string>}};  // what an item consists of
};

// Reads and checks a whole pipeline without running or loading anything. All that is wrong is told in one
// Error(pipeline), rendered as by Diagnostics; a value for a parameter or setting that does not exist is
// Error(usage).
CheckedPipeline check_pipeline(const std::shared_ptr<const SourceText>& source, const Registry& registry,
                               const PipelineLibrary& library, const CheckOptions& options = {});

}  // namespace millrace
