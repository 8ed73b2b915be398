#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.h"

namespace millrace {

// A named method of a model. `run` gets just the arguments that `info` lists, less those that were not given.
struct Method {
  MethodInfo info;
  std::vector<std::string> optional;  // which of the arguments may be missing
  std::function<NamedTensors(const NamedTensors&)> run;
};

// A Model made of its methods.
class MethodTable : public Model {
 public:
  explicit MethodTable(std::string source) : source_(std::move(source)) {}
  void add(Method method);

  const std::string& source() const override { return source_; }
  const std::vector<MethodInfo>& methods() const override { return infos_; }
  NamedTensors run(std::string_view method, const NamedTensors& arguments) const override;

 private:
  const Method& find(std::string_view name) const;

  std::string source_;
  std::vector<Method> methods_;
  std::vector<MethodInfo> infos_;
};

}  // namespace millrace
