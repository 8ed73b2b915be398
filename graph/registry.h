#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/node_adaptor.h"
#include "graph/node_type.h"

namespace millrace {

// The node types a pipeline may name.
class Registry {
 public:
  // A faulty contract (a name twice, a name YAML cannot say, a default out of its own range) is
  // Error(internal).
  template <class N>
  void add() {
    add(node_detail::type_of<N>());
  }
  void add(NodeType type);

  const NodeType* find(std::string_view type) const;  // null when unknown
  std::vector<const NodeType*> all() const;           // by name
  std::vector<std::string> names() const;

  // A type that takes `from` as its only required input and puts out `to`; null when there is none.
  const NodeType* converter(const PacketType* from, const PacketType* to) const;

 private:
  std::map<std::string, NodeType, std::less<>> types_;
};

}  // namespace millrace
