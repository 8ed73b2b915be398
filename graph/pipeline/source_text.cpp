#include "graph/pipeline/source_text.h"

#include <fmt/core.h>

namespace millrace {

std::string_view SourceText::line(int number) const {
  std::string_view rest = text;
  for (int i = 1; i < number; ++i) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string Place::to_string() const {
  const std::string& name = source->name;
  return line < 1 ? name : fmt::format("{}:{}:{}", name, line, column);
}

}  // namespace millrace
