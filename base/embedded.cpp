#include "base/embedded.h"

#include "base/embedded_table.h"

namespace millrace {

std::optional<std::string_view> embedded_file(std::string_view name) {
  for (const EmbeddedEntry* entry = kEmbeddedEntries; entry->name != nullptr; ++entry)
    if (name == entry->name) return std::string_view(entry->begin, entry->end);
  return std::nullopt;
}

std::vector<std::string_view> embedded_files(std::string_view prefix) {
  std::vector<std::string_view> names;
  for (const EmbeddedEntry* entry = kEmbeddedEntries; entry->name != nullptr; ++entry)
    if (std::string_view(entry->name).starts_with(prefix)) names.emplace_back(entry->name);
  return names;
}

}  // namespace millrace
