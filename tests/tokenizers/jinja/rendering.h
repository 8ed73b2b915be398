#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "tokenizers/chat_template.h"

namespace millrace {

// What a template gives, or "KIND: what is wrong with it".
inline std::string rendered(const std::string& text,
                            const nlohmann::ordered_json& variables = nlohmann::ordered_json::object()) {
  try {
    return ChatTemplate::from_text(text, "t").render(variables);
  } catch (const Error& error) {
    return std::string(name_of(error.kind())) + ": " + error.what();
  }
}

// What an expression gives.
inline std::string value_of(const std::string& expression,
                            const nlohmann::ordered_json& variables = nlohmann::ordered_json::object()) {
  return rendered("{{ " + expression + " }}", variables);
}

}  // namespace millrace
