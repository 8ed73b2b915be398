#include <algorithm>

#include "base/utf8.h"
#include "tokenizers/jinja/arguments.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/evaluation.h"
#include "tokenizers/jinja/filters.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/json_text.h"
#include "tokenizers/jinja/methods.h"
#include "tokenizers/jinja/number_format.h"
#include "tokenizers/jinja/operators.h"
#include "tokenizers/jinja/printf_format.h"
#include "tokenizers/jinja/value_text.h"
#include "tokenizers/jinja/word_wrap.h"

namespace millrace::jinja {
namespace {

Value like(const Value& source, std::string text) {
  return source.is_text() && source.text().markup ? Value::markup(std::move(text)) : Value(std::move(text));
}

// The method of that name, of the input as a text.
Value through_method(Evaluation& evaluation, std::string_view name, const Value& input,
                     const Arguments& arguments) {
  return find_text_method(name)(evaluation, as_text(input), arguments);
}

Value upper(Evaluation& e, const Value& input, const Arguments& a) {
  return through_method(e, "upper", input, a);
}
Value lower(Evaluation& e, const Value& input, const Arguments& a) {
  return through_method(e, "lower", input, a);
}
Value capitalize(Evaluation& e, const Value& input, const Arguments& a) {
  return through_method(e, "capitalize", input, a);
}
Value trim(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("trim", arguments, {"chars"});
  return through_method(evaluation, "strip", input, {{bound.value(0)}, {}});
}

Value string(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("string", arguments, {});
  return as_text(input);
}

// Words begin behind white space, hyphens and opening brackets.
Value title(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("title", arguments, {});
  constexpr std::u32string_view kBefore = U"-({[<";
  const std::u32string codes = decode(to_text(input));
  std::string out;
  for (size_t i = 0; i < codes.size();) {
    size_t end = i;
    const auto parts = [&](size_t at) {
      return is_space(codes[at]) || kBefore.find(codes[at]) != std::u32string_view::npos;
    };
    while (end < codes.size() && parts(end) == parts(i)) ++end;
    out += to_upper(encode(codes.substr(i, 1))) + to_lower(encode(codes.substr(i + 1, end - i - 1)));
    i = end;
  }
  return like(input, std::move(out));
}

Value center(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("center", arguments, {"width"});
  return through_method(evaluation, "center", input, {{bound.value(0, 80)}, {}});
}

Value replace(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("replace", arguments, {"old", "new", "count"}, 2);
  return replaced(to_text(input), to_text(bound[0]), to_text(bound[1]), bound.given(2) ? bound.whole(2) : -1);
}

Value format(Evaluation&, const Value& input, const Arguments& arguments) {
  if (!arguments.positional.empty() && !arguments.named.empty())
    fail(ErrorKind::input, "can't handle positional and keyword arguments at the same time");
  if (arguments.named.empty()) return printf_format(as_text(input), Value::tuple(arguments.positional));
  std::vector<Dict::Entry> entries;
  for (const auto& [name, value] : arguments.named) entries.emplace_back(Value(name), value);
  return printf_format(as_text(input), make_dict(std::move(entries)));
}

Value indent(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("indent", arguments, {"width", "first", "blank"});
  const Value text = add(input, Value("\n"));  // refuses what is no text
  const int64_t width = bound.has(0) && bound[0].is_text() ? 0 : std::max<int64_t>(bound.whole(0, 4), 0);
  check_text_size(static_cast<size_t>(width));
  const std::string indentation =
      bound.has(0) && bound[0].is_text() ? bound.text(0) : std::string(static_cast<size_t>(width), ' ');
  const auto lines = split_lines(text.bytes());
  std::string out = bound.truth(1) ? indentation : "";
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += '\n';
    if (i > 0 && (bound.truth(2) || !lines[i].empty())) out += indentation;
    out += lines[i];
    check_text_size(out.size());
  }
  return like(input, std::move(out));
}

Value truncate(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("truncate", arguments, {"length", "killwords", "end", "leeway"});
  const int64_t length = bound.whole(0, 255), leeway = bound.given(3) ? bound.whole(3) : 5;
  const Value end = bound.value(2, Value("..."));
  if (!end.is_text()) bound.refuse("wants a string as 'end', got {}", type_name(end));
  const auto end_length = static_cast<int64_t>(end.text().length);
  if (length < end_length) fail(ErrorKind::input, "expected length >= {}, got {}", end_length, length);
  if (leeway < 0) fail(ErrorKind::input, "expected leeway >= 0, got {}", leeway);
  const auto size = length_of(input);
  if (!size) fail(ErrorKind::input, "object of type '{}' has no len()", type_name(input));
  if (static_cast<int64_t>(*size) <= length + leeway) return input;
  if (!input.is_text()) fail(ErrorKind::input, "truncate wants a string, got {}", type_name(input));
  std::string_view kept = slice(input.text(), 0, static_cast<size_t>(length - end_length));
  if (!bound.truth(1)) kept = split(kept, " ", 1, true).front();
  return like(input, std::string(kept) + end.bytes());
}

Value wordwrap(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("wordwrap", arguments, {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
  if (!input.is_text()) bound.refuse("wants a string, got {}", type_name(input));
  const WordWrap wrap{bound.whole(0, 79), bound.truth(1, true), bound.truth(3, true)};
  const std::string between = bound.given(2) ? bound.text(2) : "\n";
  std::string out;
  bool first_line = true;
  for (const std::string_view line : split_lines(input.bytes())) {
    if (!first_line) out += between;
    first_line = false;
    const auto wrapped = wrapped_lines(line, wrap);
    for (size_t i = 0; i < wrapped.size(); ++i) {
      out += (i > 0 ? between : "") + wrapped[i];
      check_text_size(out.size());
    }
  }
  return Value(std::move(out));
}

Value wordcount(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("wordcount", arguments, {});
  int64_t words = 0;
  bool inside = false;
  for (const char32_t code : decode(to_text(input))) {
    const bool word = code == '_' || is_alphabetic(code) || is_numeric(code) || is_digit(code);
    words += word && !inside;
    inside = word;
  }
  return words;
}

Value escape(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("escape", arguments, {});
  return input.is_text() && input.text().markup ? input : Value::markup(escape_html(to_text(input)));
}

Value force_escape(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("forceescape", arguments, {});
  return Value::markup(escape_html(to_text(input)));
}

Value safe(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("safe", arguments, {});
  return Value::markup(to_text(input));
}

// "&lt;" and its like, and numbers, as characters. Names beyond the common ones stay as they are.
std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const size_t end = text[at] == '&' ? text.find(';', at) : std::string_view::npos;
    const std::string_view name =
        end == std::string_view::npos || end - at > 10 ? "" : text.substr(at + 1, end - at - 1);
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", "\xC2\xA0"}};
    const auto known =
        std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& n) { return n.first == name; });
    if (known != std::end(kNames)) {
      out += known->second;
      at = end;
    } else if (name.size() > 1 && name[0] == '#') {
      const bool hex = name[1] == 'x' || name[1] == 'X';
      const std::string digits(name.substr(hex ? 2 : 1));
      char* stop = nullptr;
      const unsigned long code = std::strtoul(digits.c_str(), &stop, hex ? 16 : 10);
      const bool whole = !digits.empty() && *stop == '\0' && code > 0 && code <= 0x10FFFF &&
                         !(code >= 0xD800 && code < 0xE000);
      whole ? utf8::append(out, static_cast<char32_t>(code))
            : (void)out.append(text.substr(at, end + 1 - at));
      at = end;
    } else {
      out += text[at];
    }
  }
  return out;
}

Value striptags(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("striptags", arguments, {});
  std::string text = to_text(input);
  for (const auto& [open, close] :
       {std::pair<std::string_view, std::string_view>("<!--", "-->"), {"<", ">"}}) {
    std::string kept;
    size_t at = 0;
    for (size_t begin = 0; (begin = text.find(open, at)) != std::string::npos;) {
      const size_t end = text.find(close, begin);
      if (end == std::string::npos) break;
      kept.append(text, at, begin - at);
      at = end + close.size();
    }
    text = kept.append(text, at);
  }
  std::string out;
  for (const std::string_view word : split(text, std::nullopt, -1, false))
    out.append(out.empty() ? "" : " ").append(word);
  return unescaped(out);
}

Value xmlattr(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("xmlattr", arguments, {"autospace"});
  if (!input.is_dict()) bound.refuse("wants a mapping, got {}", type_name(input));
  std::string out;
  for (const auto& [key, value] : input.dict().entries) {
    if (value.is_none() || value.is_undefined()) continue;
    if (!key.is_text()) bound.refuse("wants strings as keys, got {}", type_name(key));
    if (key.bytes().find_first_of(" \t\n\r\f\v/>=") != std::string::npos)
      fail(ErrorKind::input, "Invalid character in attribute name: {}", quoted(key.bytes()));
    const auto html = [](const Value& v) {
      return v.is_text() && v.text().markup ? v.bytes() : escape_html(to_text(v));
    };
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : " ", html(key), html(value));
    check_text_size(out.size());
  }
  return bound.truth(0, true) && !out.empty() ? " " + out : out;
}

std::string url_quoted(std::string_view text, bool in_query) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("_.-~").find(c) != std::string_view::npos || (c == '/' && !in_query);
    if (plain) {
      out += c;
    } else {
      out += in_query && c == ' ' ? "+" : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  check_text_size(out.size());
  return out;
}

Value urlencode(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("urlencode", arguments, {});
  if (input.is_text() || !is_iterable(input)) return url_quoted(to_text(input), false);
  std::string out;
  bool first = true;
  const auto put = [&](const Value& key, const Value& value) {
    out += std::string(first ? "" : "&") + url_quoted(to_text(key), true) + "=" +
           url_quoted(to_text(value), true);
    first = false;
    check_text_size(out.size());
  };
  if (input.is_dict()) {
    for (const auto& [key, value] : input.dict().entries) put(key, value);
    return out;
  }
  for (const Value& pair : to_items(input)) {
    const std::vector<Value> items = to_items(pair);
    if (items.size() != 2) fail(ErrorKind::input, "urlencode wants pairs, got {} items", items.size());
    put(items[0], items[1]);
  }
  return out;
}

Value join(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const Bound bound("join", arguments, {"d", "attribute"});
  Value items = input;
  if (bound.given(1)) items = evaluation.filter("map", input, {{}, {{"attribute", bound[1]}}});
  const std::string between = bound.has(0) ? to_text(bound[0]) : "";
  const Iterator next = iterate(items);
  std::string out;
  bool first = true;
  for (Value item; next(item); first = false) {
    if (!first) out += between;
    out += to_text(item);
    check_text_size(out.size());
  }
  return out;
}

Value tojson(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  style.ascii = bound.truth(0), style.sorted = bound.truth(3);
  if (bound.given(1)) {
    const bool words = bound[1].is_text();
    const int64_t width = words ? 0 : std::max<int64_t>(bound.whole(1), 0);
    check_text_size(static_cast<size_t>(width));
    style.indent = words ? bound.text(1) : std::string(static_cast<size_t>(width), ' ');
    style.item_separator = ",";
  }
  if (bound.given(2)) {
    const std::vector<Value> separators = to_items(bound[2]);
    if (separators.size() != 2 || !separators[0].is_text() || !separators[1].is_text())
      bound.refuse("wants two strings as 'separators'");
    style.item_separator = separators[0].bytes(), style.key_separator = separators[1].bytes();
  }
  return json_text(input, style);
}

Value pprint(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("pprint", arguments, {});
  return to_repr(input);
}

constexpr FilterEntry kFilters[] = {
    {"upper", upper},
    {"lower", lower},
    {"capitalize", capitalize},
    {"title", title},
    {"trim", trim},
    {"string", string},
    {"center", center},
    {"replace", replace},
    {"format", format},
    {"indent", indent},
    {"truncate", truncate},
    {"wordwrap", wordwrap},
    {"wordcount", wordcount},
    {"escape", escape},
    {"e", escape},
    {"forceescape", force_escape},
    {"safe", safe},
    {"striptags", striptags},
    {"xmlattr", xmlattr},
    {"urlencode", urlencode},
    {"join", join, true},
    {"tojson", tojson, true},
    {"pprint", pprint, true},
};

}  // namespace

std::span<const FilterEntry> text_filters() { return kFilters; }

}  // namespace millrace::jinja
