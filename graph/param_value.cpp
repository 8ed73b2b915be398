#include "graph/param_value.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/suggest.h"

namespace millrace {
namespace {

std::string_view name_of(ParamKind kind) {
  switch (kind) {
    case ParamKind::boolean:
      return "bool";
    case ParamKind::integer:
      return "int";
    case ParamKind::number:
      return "float";
    case ParamKind::text:
      return "string";
    case ParamKind::choice:
      return "choice";
    case ParamKind::model:
      return "model";
  }
  return "string";
}

std::string show_number(double value) {
  if (std::abs(value) < 1e15 && value == std::floor(value))
    return fmt::format("{}", static_cast<int64_t>(value));
  return fmt::format("{}", value);
}

// JSON-like numbers only: YAML 1.1's octal, sexagesimal and underscores surprise people.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  if (text == ".inf" || text == "+.inf") return std::numeric_limits<double>::infinity();
  if (text == "-.inf") return -std::numeric_limits<double>::infinity();
  const auto value = parse_number<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string fault_of_one(const ParamInfo& info, const ParamValue& value) {
  const auto expected = [&] {
    return fmt::format("expected {}, got {}", to_string(ParamType{info.type.kind}), to_yaml(value));
  };
  const auto in_range = [&](double number) {
    if (number >= info.min && number <= info.max) return std::string();  // NaN is outside
    return fmt::format("{} is out of range: {}{}{}", show_number(number), describe_range(info),
                       info.unit.empty() ? "" : " ", info.unit);
  };
  switch (info.type.kind) {
    case ParamKind::boolean:
      return std::holds_alternative<bool>(value.value) ? "" : expected();
    case ParamKind::integer:
      if (const auto* number = std::get_if<int64_t>(&value.value))
        return in_range(static_cast<double>(*number));
      return expected();
    case ParamKind::number:
      if (const auto* whole = std::get_if<int64_t>(&value.value))
        return in_range(static_cast<double>(*whole));
      if (const auto* number = std::get_if<double>(&value.value)) return in_range(*number);
      return expected();
    case ParamKind::choice: {
      const auto* text = std::get_if<std::string>(&value.value);
      if (!text) return expected();
      if (std::find(info.choices.begin(), info.choices.end(), *text) != info.choices.end()) return "";
      return fmt::format("'{}' is none of: {}{}", *text, describe_range(info),
                         did_you_mean(*text, info.choices));
    }
    case ParamKind::text:
    case ParamKind::model:
      return std::holds_alternative<std::string>(value.value) ? "" : expected();
  }
  return "";
}

}  // namespace

std::string to_string(const ParamType& type) {
  return fmt::format("{}{}{}", type.list ? "list of " : "", name_of(type.kind),
                     type.optional ? " or null" : "");
}

std::string quote_yaml(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '/';
  };
  const bool word =
      !text.empty() && std::all_of(text.begin(), text.end(), plain) && text[0] != '-' && text[0] != '.';
  const bool other =
      text == "true" || text == "false" || text == "null" || parse_number<double>(text).has_value();
  if (word && !other) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\', quoted += c;
    else if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string to_yaml(const ParamValue& value) {
  struct Show {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(int64_t i) const { return fmt::format("{}", i); }
    std::string operator()(double d) const {
      if (std::isinf(d)) return d > 0 ? ".inf" : "-.inf";
      const std::string text = fmt::format("{}", d);
      return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
    }
    std::string operator()(const std::string& s) const { return quote_yaml(s); }
    std::string operator()(const ParamValue::List& list) const {
      std::string text = "[";
      for (const ParamValue& element : list) text += (text.size() > 1 ? ", " : "") + to_yaml(element);
      return text + "]";
    }
  };
  return std::visit(Show{}, value.value);
}

std::string describe_range(const ParamInfo& info) {
  if (!info.choices.empty()) {
    std::string all;
    for (const std::string& choice : info.choices) all += (all.empty() ? "" : " | ") + choice;
    return all;
  }
  if (info.type.kind != ParamKind::integer && info.type.kind != ParamKind::number) return "";
  const auto given = [](double bound) { return std::isfinite(bound) && std::abs(bound) < 2147483647.0; };
  if (given(info.min) && given(info.max))
    return fmt::format("{} to {}", show_number(info.min), show_number(info.max));
  if (given(info.min)) return fmt::format("at least {}", show_number(info.min));
  if (given(info.max)) return fmt::format("at most {}", show_number(info.max));
  return "";
}

std::string fault_of(const ParamInfo& info, const ParamValue& value) {
  if (value.is_null())
    return info.type.optional ? "" : fmt::format("expected {}, got null", to_string(info.type));
  if (!info.type.list) return fault_of_one(info, value);
  const auto* list = std::get_if<ParamValue::List>(&value.value);
  if (!list) return fmt::format("expected {}, got {}", to_string(info.type), to_yaml(value));
  for (const ParamValue& element : *list)
    if (std::string fault = fault_of_one(info, element); !fault.empty()) return fault;
  return "";
}

namespace {

// Built in place: g++ 12 with sanitizers takes the moved-from value for uninitialised.
template <class T>
std::optional<ParamValue> unquoted(const std::optional<T>& number, bool quoted) {
  std::optional<ParamValue> value;
  if (number && !quoted) value.emplace().value = *number;
  return value;
}

}  // namespace

std::optional<ParamValue> parse_scalar(const ParamType& type, std::string_view text, bool quoted) {
  if (!quoted && type.optional && (text == "null" || text == "~")) return ParamValue{};
  switch (type.kind) {
    case ParamKind::boolean:
      if (!quoted && text == "true") return ParamValue{true};
      if (!quoted && text == "false") return ParamValue{false};
      return std::nullopt;
    case ParamKind::integer:
      return unquoted(parse_number<int64_t>(text), quoted);
    case ParamKind::number:
      return unquoted(parse_real(text), quoted);
    case ParamKind::text:
    case ParamKind::choice:
    case ParamKind::model:
      return ParamValue{std::string(text)};
  }
  return std::nullopt;
}

}  // namespace millrace
