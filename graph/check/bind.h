#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/check/checked_pipeline.h"
#include "graph/check/scope.h"
#include "graph/pipeline/diagnostics.h"

namespace millrace {

// The value that `node` stands for in the parameter `info`: its own, or that of a parameter ($name) of
// `scope`. Nothing when it is faulty, which is reported, or when the parameter has no value or leaves the
// default (null).
std::optional<ParamValue> bind_value(const YamlNode& node, const ParamInfo& info, Scope& scope,
                                     Diagnostics& faults);

// The same for text from the command line; `place` says so.
std::optional<ParamValue> bind_text(const std::string& text, const ParamInfo& info, const Place& place,
                                    Diagnostics& faults);

// What is wrong with `text`, from a command line, as a value of the parameter `info`; empty when nothing is.
std::string fault_of_text(const std::string& text, const ParamInfo& info);

// A setting of a node from outside the pipeline.
struct Override {
  std::string name, text;
  Place place;
};

// The settings of a node: parameters of its type and properties; overrides go before what the pipeline says.
// Reports unknown and missing ones; an unknown override is Error(usage).
void bind_settings(const FlatNode& node, std::span<const Override> overrides, CheckedNode& checked,
                   Diagnostics& faults);

// A pipeline's parameter as a contract would declare it.
ParamInfo info_of(const ParameterDecl& decl);

}  // namespace millrace
