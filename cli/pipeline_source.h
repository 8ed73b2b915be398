#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/check/checked_pipeline.h"
#include "graph/pipeline/library.h"
#include "graph/registry.h"

// From what a command line says to a checked pipeline.
namespace millrace::cli {

// The names of the pipelines that ship.
std::vector<std::string> shipped_pipelines();

// The text of the pipeline `name_or_path`: a file, or one that ships. Error(pipeline) with the nearest name
// when it is neither, Error(io) when the file cannot be read.
std::shared_ptr<const SourceText> pipeline_text(const std::string& name_or_path);

// NAME=VALUE words to a map. Error(usage) for a word without '=' and a name given twice.
std::map<std::string, std::string> parse_settings(const std::vector<std::string>& words);

// Reads and checks it; pipelines that it includes are files in its folder, or ship. Logs the warnings. With
// `outputs`, it has those alone, and the nodes that make them.
CheckedPipeline checked_pipeline(const std::string& name_or_path, const Registry& registry,
                                 std::map<std::string, std::string> values, bool need_values,
                                 std::vector<std::string> outputs = {});

}  // namespace millrace::cli
