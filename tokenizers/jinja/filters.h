#pragma once
#include <span>
#include <string_view>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// A filter: `input|name(arguments)`.
struct FilterEntry {
  std::string_view name;
  Value (*apply)(Evaluation& evaluation, const Value& input, const Arguments& arguments);
  bool light = false;  // takes no longer for a larger input
};

// Null where there is none of that name.
const FilterEntry* find_filter(std::string_view name);

// The tables that find_filter looks through.
std::span<const FilterEntry> text_filters();
std::span<const FilterEntry> number_filters();
std::span<const FilterEntry> sequence_filters();
std::span<const FilterEntry> selection_filters();

}  // namespace millrace::jinja
