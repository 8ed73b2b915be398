#include "tokenizers/jinja/json_value.h"

#include <limits>

#include "base/utf8.h"

namespace millrace::jinja {

Value value_from_json(const nlohmann::ordered_json& json) {
  switch (json.type()) {
    case nlohmann::json::value_t::boolean:
      return json.get<bool>();
    case nlohmann::json::value_t::number_unsigned:
      if (json.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        fail(ErrorKind::input, "the whole number {} is beyond 64 bits", json.get<uint64_t>());
      return static_cast<int64_t>(json.get<uint64_t>());
    case nlohmann::json::value_t::number_integer:
      return json.get<int64_t>();
    case nlohmann::json::value_t::number_float:
      return json.get<double>();
    case nlohmann::json::value_t::string:
      return Value(utf8::sanitized(json.get_ref<const std::string&>()));
    case nlohmann::json::value_t::array: {
      std::vector<Value> items;
      for (const auto& item : json) items.push_back(value_from_json(item));
      return Value::list(std::move(items));
    }
    case nlohmann::json::value_t::object: {
      std::vector<Dict::Entry> entries;
      for (const auto& [key, value] : json.items())
        entries.emplace_back(Value(utf8::sanitized(key)), value_from_json(value));
      return make_dict(std::move(entries));
    }
    default:
      return {};
  }
}

}  // namespace millrace::jinja
