#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/tensor.h"
#include "models/checkpoint.h"

namespace millrace {

// A call of a method, and what should come out.
struct ReferenceCase {
  std::string method;
  std::string name;  // empty for a method's only case
  NamedTensors arguments, results;
};

// The cases of a reference: a file of tensors in.METHOD[@CASE].ARGUMENT and out.METHOD[@CASE].RESULT.
// Error(input) for a file of another form, or with a case that has no result.
std::vector<ReferenceCase> read_reference(const Checkpoint& reference);

// The same from a safetensors file. What is wrong with it is Error(input) too.
std::vector<ReferenceCase> read_reference(const std::string& path);

}  // namespace millrace
