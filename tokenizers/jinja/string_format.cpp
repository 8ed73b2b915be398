#include "tokenizers/jinja/string_format.h"

#include <algorithm>
#include <charconv>

#include "tokenizers/jinja/evaluation.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

constexpr int kMostFields = 2;  // a field in a field's specification, as in Python

class Formatter {
 public:
  Formatter(Evaluation& evaluation, const Arguments& arguments)
      : evaluation_(evaluation), arguments_(arguments) {}

  std::string run(std::string_view format, int depth) {
    if (depth < 0) fail(ErrorKind::input, "Max string recursion exceeded");
    std::string out;
    for (size_t at = 0; at < format.size();) {
      const char c = format[at];
      if (c != '{' && c != '}') {
        const size_t next = std::min(format.find_first_of("{}", at), format.size());
        out.append(format.substr(at, next - at));
        at = next;
      } else if (at + 1 < format.size() && format[at + 1] == c) {
        out += c;
        at += 2;
      } else if (c == '}') {
        fail(ErrorKind::input, "Single '}}' encountered in format string");
      } else {
        const size_t end = end_of_field(format, at + 1);
        out += field(format.substr(at + 1, end - at - 1), depth);
        at = end + 1;
      }
      check_text_size(out.size());
    }
    return out;
  }

 private:
  static size_t end_of_field(std::string_view format, size_t at) {
    int depth = 1;
    for (; at < format.size(); ++at) {
      if (format[at] == '{') ++depth;
      if (format[at] == '}' && --depth == 0) return at;
      if (format[at] == '[')
        while (at + 1 < format.size() && format[at + 1] != ']') ++at;
    }
    fail(ErrorKind::input, "expected '}}' before end of string");
  }

  std::string field(std::string_view text, int depth) {
    size_t end = 0;
    while (end < text.size() && text[end] != '!' && text[end] != ':') {
      if (text[end] == '[')
        while (end + 1 < text.size() && text[end] != ']') ++end;
      ++end;
    }
    Value value = lookup(text.substr(0, std::min(end, text.size())));
    text.remove_prefix(std::min(end, text.size()));
    if (text.starts_with('!')) {
      const char conversion = text.size() > 1 ? text[1] : '\0';
      if (conversion != 'r' && conversion != 's' && conversion != 'a')
        fail(ErrorKind::input, "Unknown conversion specifier '{}'", text.substr(1, 1));
      value = Value(conversion == 's' ? to_text(value) : to_repr(value));
      text.remove_prefix(2);
      if (!text.empty() && text[0] != ':') fail(ErrorKind::input, "expected ':' after conversion specifier");
    }
    if (!text.empty()) text.remove_prefix(1);
    return format_value(value, run(text, depth - 1));
  }

  static std::optional<int64_t> number(std::string_view text) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole =
        error == std::errc() && end == text.data() + text.size() && value >= 0 && text[0] != '-';
    return whole ? std::optional(value) : std::nullopt;
  }

  // `alone`: nothing is looked up in the argument.
  Value argument(std::string_view name, bool alone) {
    auto place = number(name);
    if (name.empty()) {
      if (manual_)
        fail(ErrorKind::input, "cannot switch from manual field specification to automatic field numbering");
      automatic_ = true;
      place = next_++;
    } else if (place && alone) {
      if (automatic_)
        fail(ErrorKind::input, "cannot switch from automatic field numbering to manual field specification");
      manual_ = true;
    }
    if (place) {
      if (static_cast<size_t>(*place) >= arguments_.positional.size())
        fail(ErrorKind::input, "Replacement index {} out of range for positional args tuple", *place);
      return arguments_.positional[static_cast<size_t>(*place)];
    }
    for (const auto& [key, value] : arguments_.named)
      if (key == name) return value;
    fail(ErrorKind::input, "the format names {}, which is no argument", quoted(name));
  }

  Value lookup(std::string_view path) {
    const size_t end = std::min(path.find_first_of(".["), path.size());
    Value value = argument(path.substr(0, end), end == path.size());
    path.remove_prefix(end);
    while (!path.empty()) {
      if (path[0] == '.') {
        path.remove_prefix(1);
        const size_t stop = std::min(path.find_first_of(".["), path.size());
        if (stop == 0) fail(ErrorKind::input, "Empty attribute in format string");
        value = evaluation_.attribute(value, std::string(path.substr(0, stop)));
        path.remove_prefix(stop);
      } else {
        const size_t close = path.find(']');
        if (path[0] != '[')
          fail(ErrorKind::input, "Only '.' or '[' may follow ']' in format field specifier");
        if (close == std::string_view::npos) fail(ErrorKind::input, "Missing ']' in format string");
        const std::string_view key = path.substr(1, close - 1);
        if (key.empty()) fail(ErrorKind::input, "Empty attribute in format string");
        const auto index = number(key);
        value = evaluation_.item(value, index ? Value(*index) : Value(key));
        path.remove_prefix(close + 1);
      }
    }
    return value;
  }

  Evaluation& evaluation_;
  const Arguments& arguments_;
  int64_t next_ = 0;
  bool automatic_ = false, manual_ = false;
};

}  // namespace

Value string_format(Evaluation& evaluation, const Value& format, const Arguments& arguments) {
  std::string text = Formatter(evaluation, arguments).run(format.bytes(), kMostFields);
  return format.text().markup ? Value::markup(std::move(text)) : Value(std::move(text));
}

}  // namespace millrace::jinja
