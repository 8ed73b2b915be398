#pragma once
#include <filesystem>
#include <string>

#include "graph/check/checked_pipeline.h"

namespace millrace {

// The pipeline in Graphviz's language: a box per node with its type and settings, an arrow per edge with its
// ports and packet type, feedback dashed, included pipelines framed.
std::string to_dot(const CheckedPipeline& pipeline);

// Draws `dot` into the file, in the format its name asks for: .svg, .png, .pdf by running Graphviz's `dot`
// program, .dot and .gv as they are. Error(usage) for another ending, Error(io) when the program is missing
// or fails or the file cannot be written.
void draw(const std::string& dot, const std::filesystem::path& file);

}  // namespace millrace
