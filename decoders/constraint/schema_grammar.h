#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "decoders/constraint/grammar.h"
#include "decoders/constraint/json_pieces.h"

namespace millrace {

// The texts of JSON values that a JSON Schema (draft 2020-12, and what older ones write alike) lets through.
// Every text of the grammar is valid; of the valid ones some are left out, as a model is to write only one:
//
//   - properties come in the schema's order; an object with properties has no others unless
//     additionalProperties says so; keywords of one type without "type" mean that type;
//   - numbers with bounds have no exponent; dates have days 1 to 28, 30 or 31; further names have no escapes.
//
// Supported: type, enum, const, properties, required, additionalProperties, patternProperties (without
// properties), minProperties and maxProperties (of objects without properties), items, prefixItems, minItems,
// maxItems, minLength, maxLength, pattern, format, minimum, maximum and their exclusive forms, anyOf, oneOf
// (of alternatives that exclude each other), allOf, $ref within the schema, recursive ones too. Keywords that
// change the meaning otherwise (not, if, uniqueItems, multipleOf, …) are Error(input) that names the keyword
// and its place, "schema#/properties/x".
Grammar schema_grammar(const nlohmann::ordered_json& schema, JsonSpacing spacing = JsonSpacing::free);

// Whether the whole text is of the grammar.
bool grammar_fits(const Grammar& grammar, std::string_view text);

}  // namespace millrace
