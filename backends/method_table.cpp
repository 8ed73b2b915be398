#include "backends/method_table.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {

void MethodTable::add(Method method) {
  infos_.push_back(method.info);
  methods_.push_back(std::move(method));
}

const Method& MethodTable::find(std::string_view name) const {
  std::vector<std::string> known;
  for (const auto& method : methods_) {
    if (method.info.name == name) return method;
    known.push_back(method.info.name);
  }
  fail_at(ErrorKind::input, source_, "the model has no method '{}'{}; it has {}", name,
          did_you_mean(name, known), fmt::join(known, ", "));
}

NamedTensors MethodTable::run(std::string_view name, const NamedTensors& arguments) const {
  const Method& method = find(name);
  const auto& known = method.info.arguments;
  for (const auto& [argument, tensor] : arguments)
    if (!std::ranges::count(known, argument))
      fail(ErrorKind::input, "the method '{}' takes no '{}'{}; it takes {}", name, argument,
           did_you_mean(argument, known), fmt::join(known, ", "));
  for (const auto& argument : known)
    if (!arguments.contains(argument) && !std::ranges::count(method.optional, argument))
      fail(ErrorKind::input, "the method '{}' needs '{}'; it takes {}", name, argument,
           fmt::join(known, ", "));
  return method.run(arguments);
}

}  // namespace millrace
