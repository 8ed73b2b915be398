#include "tokenizers/jinja/filters.h"

namespace millrace::jinja {

const FilterEntry* find_filter(std::string_view name) {
  for (const auto table : {text_filters(), number_filters(), sequence_filters(), selection_filters()})
    for (const FilterEntry& entry : table)
      if (entry.name == name) return &entry;
  return nullptr;
}

}  // namespace millrace::jinja
