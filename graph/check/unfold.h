#pragma once
#include <memory>
#include <string>
#include <vector>

#include "graph/check/check.h"
#include "graph/check/scope.h"
#include "graph/pipeline/diagnostics.h"

namespace millrace {

// A pipeline with all that it includes, as one flat list of nodes.
struct Unfolded {
  std::unique_ptr<Scope> root;
  std::vector<FlatNode> nodes;
};

// Looks up node types, reads included pipelines and binds their parameters. A pipeline that includes itself,
// in however many steps, is a fault.
Unfolded unfold(const std::shared_ptr<const SourceText>& source, const Registry& registry,
                const PipelineLibrary& library, const CheckOptions& options, Diagnostics& faults);

// The names of the inputs ("" for plain $input) that a pipeline refers to.
std::vector<std::string> input_names(const Pipeline& pipeline);

}  // namespace millrace
