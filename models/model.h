#pragma once
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/tensor.h"
#include "kernels/kernels.h"

namespace millrace {

struct MethodInfo {
  std::string name;                    // "encoder", "text_decoder", "forward", …
  std::vector<std::string> arguments;  // transformers' names
  std::vector<std::string> results;
};

// A loaded model: a set of named methods, as in exported programs. Immutable: one instance serves all
// threads. Whoever implements this is a backend; nodes ask for methods and never which architecture it is.
class Model {
 public:
  virtual ~Model() = default;
  virtual const std::string& source() const = 0;  // the folder or file it was loaded from
  virtual const std::vector<MethodInfo>& methods() const = 0;
  // Runs a method without cache. Unknown methods, missing, unknown or misshapen arguments are Error(input)
  // that names them and what the method takes.
  virtual NamedTensors run(std::string_view method, const NamedTensors& arguments) const = 0;
};

struct LoadOptions {
  // Of all matrices; none: float32, but those that the file has quantised stay as they are.
  std::optional<kernels::WeightType> weights;
};

}  // namespace millrace
