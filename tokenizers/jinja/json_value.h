#pragma once
#include <nlohmann/json.hpp>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// JSON as Python's json module reads it. Whole numbers beyond 64 bits are Error(input).
Value value_from_json(const nlohmann::ordered_json& json);

}  // namespace millrace::jinja
