#include "graph/check/scope.h"

namespace millrace {

std::string Scope::path() const { return (parent ? parent->path() + " → " : "") + pipeline->name; }

std::vector<std::string> Scope::node_names() const {
  std::vector<std::string> names;
  for (const NodeDecl& node : pipeline->nodes) names.push_back(node.name.text);
  return names;
}

}  // namespace millrace
