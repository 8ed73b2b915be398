#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/pipeline/diagnostics.h"
#include "graph/pipeline/source_text.h"

namespace millrace {

// YAML as a tree with places. Scalars stay text: the contract that reads one says what type it has.
struct YamlNode {
  enum class Kind { scalar, list, map };
  Kind kind = Kind::scalar;
  Place place;
  std::string text;                                    // of a scalar
  bool quoted = false;                                 // a scalar that can only be a string
  std::vector<YamlNode> items;                         // of a list
  std::vector<std::pair<YamlNode, YamlNode>> entries;  // of a map, keys once each

  const YamlNode* find(std::string_view key) const;  // in a map
  std::string_view kind_name() const;
};

// The one document in `source`. Aliases, anchors, tags, duplicate keys, keys that are no scalars, tabs as
// indentation, a second document, too deep nesting, too much text or text that is not UTF-8 are errors.
// Nothing when there is no tree to speak of; then `faults` says why.
std::optional<YamlNode> parse_yaml(const std::shared_ptr<const SourceText>& source, Diagnostics& faults);

}  // namespace millrace
