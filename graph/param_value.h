#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace {

// A parameter's value, its type known at run time only. monostate is null.
struct ParamValue {
  using List = std::vector<ParamValue>;
  std::variant<std::monostate, bool, int64_t, double, std::string, List> value;

  bool is_null() const { return value.index() == 0; }
  friend bool operator==(const ParamValue&, const ParamValue&) = default;
};

enum class ParamKind { boolean, integer, number, text, choice, model };

// A type of parameters: what YAML may say there.
struct ParamType {
  ParamKind kind = ParamKind::text;
  bool list = false;
  bool optional = false;  // null is a value
};

// What a contract says of one parameter.
struct ParamInfo {
  std::string name, help, unit;
  ParamType type;
  double min = 0, max = 0;           // inclusive; infinite where there is no bound
  std::vector<std::string> choices;  // of a choice
  bool required = false;
  ParamValue default_value;  // where not required
};

// "integer", "list of number", …
std::string to_string(const ParamType& type);
// As YAML would say it: 'text' is quoted where it would read as something else.
std::string to_yaml(const ParamValue& value);
std::string quote_yaml(std::string_view text);
// "1 to 256", "at least 0", "transcribe | translate" or "".
std::string describe_range(const ParamInfo& info);

// What is wrong with `value` for this parameter, or empty.
std::string fault_of(const ParamInfo& info, const ParamValue& value);

// The value that `text`, a YAML scalar, stands for in a parameter of this type; nothing when it is none.
// `quoted` text is only ever a string.
std::optional<ParamValue> parse_scalar(const ParamType& type, std::string_view text, bool quoted);

}  // namespace millrace
