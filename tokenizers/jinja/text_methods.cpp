#include <algorithm>

#include "base/utf8.h"
#include "tokenizers/jinja/arguments.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/methods.h"
#include "tokenizers/jinja/number_format.h"
#include "tokenizers/jinja/string_format.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

// A method's result is HTML where what it is a method of is.
Value like(const Value& self, std::string text) {
  return self.text().markup ? Value::markup(std::move(text)) : Value(std::move(text));
}
Value like(const Value& self, std::string_view text) { return like(self, std::string(text)); }
Value like(const Value& self, const char* text) { return like(self, std::string(text)); }
Value like(const Value& self, std::vector<std::string_view> pieces) {
  std::vector<Value> items;
  for (const std::string_view piece : pieces) items.push_back(like(self, piece));
  return Value::list(std::move(items));
}
// A string that goes into HTML.
std::string into(const Value& self, const Value& text) {
  return self.text().markup && !text.text().markup ? escape_html(text.bytes()) : text.bytes();
}

template <std::string (*map)(std::string_view)>
Value mapped(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("method", arguments, {});
  return like(self, map(self.bytes()));
}

template <Ends ends>
Value stripped(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("strip", arguments, {"chars"});
  return like(self, bound.given(0) ? strip(self.bytes(), bound.text(0), ends) : strip(self.bytes(), ends));
}

template <bool from_right>
Value split_method(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound(from_right ? "rsplit" : "split", arguments, {"sep", "maxsplit"});
  const auto separator = bound.given(0) ? std::optional<std::string_view>(bound.text(0)) : std::nullopt;
  return like(self, split(self.bytes(), separator, bound.whole(1, -1), from_right));
}

Value splitlines(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("splitlines", arguments, {"keepends"});
  return like(self, split_lines(self.bytes(), bound.truth(0)));
}

// What `start` and `end` leave of a text, for the methods that look for something in it.
struct Window {
  std::string_view text;
  size_t begin;  // character
  bool possible;
};
Window window(const Value& self, const Bound& bound) {
  const auto length = static_cast<int64_t>(self.text().length);
  const auto place = [&](size_t i, int64_t absent) {
    if (!bound.given(i)) return absent;
    const int64_t given = bound.whole(i);
    return given < 0 ? std::max<int64_t>(given + length, 0) : given;
  };
  const int64_t begin = place(1, 0), end = std::min(place(2, length), length);
  const auto first = static_cast<size_t>(begin);
  return {begin <= end ? slice(self.text(), first, static_cast<size_t>(end)) : std::string_view(), first,
          begin <= end};
}

template <bool at_end>
Value has_affix(Evaluation&, const Value& self, const Arguments& arguments) {
  const char* name = at_end ? "endswith" : "startswith";
  const Bound bound(name, arguments, {"affix", "start", "end"}, 1);
  const Window within = window(self, bound);
  const auto matches = [&](const Value& affix) {
    if (!affix.is_text()) bound.refuse("first arg must be str or a tuple of str, not {}", type_name(affix));
    if (!within.possible) return false;
    return at_end ? within.text.ends_with(affix.bytes()) : within.text.starts_with(affix.bytes());
  };
  if (!bound[0].is_tuple()) return matches(bound[0]);
  return std::any_of(bound[0].items().begin(), bound[0].items().end(), matches);
}

template <bool from_right, bool must>
Value find(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("find", arguments, {"sub", "start", "end"}, 1);
  const std::string& wanted = bound.text(0);
  const Window within = window(self, bound);
  const size_t at = !within.possible ? std::string_view::npos
                    : from_right     ? within.text.rfind(wanted)
                                     : within.text.find(wanted);
  if (at != std::string_view::npos) return within.begin + index_of_byte(Text(std::string(within.text)), at);
  if (must) fail(ErrorKind::input, "substring not found");
  return -1;
}

Value count(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("count", arguments, {"sub", "start", "end"}, 1);
  const std::string& wanted = bound.text(0);
  const Window within = window(self, bound);
  if (!within.possible) return 0;
  if (wanted.empty()) return Text(std::string(within.text)).length + 1;
  int64_t found = 0;
  for (size_t at = 0; (at = within.text.find(wanted, at)) != std::string_view::npos; at += wanted.size())
    ++found;
  return found;
}

Value replace(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("replace", arguments, {"old", "new", "count"}, 2);
  bound.text(0), bound.text(1);
  return like(self, replaced(self.bytes(), bound.text(0), into(self, bound[1]), bound.whole(2, -1)));
}

Value join(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("join", arguments, {"iterable"}, 1);
  const Iterator next = iterate(bound[0]);
  std::string out;
  int64_t i = 0;
  for (Value item; next(item); ++i) {
    if (!item.is_text())
      fail(ErrorKind::input, "sequence item {}: expected str instance, {} found", i, type_name(item));
    if (i > 0) out += self.bytes();
    out += into(self, item);
    check_text_size(out.size());
  }
  return like(self, std::move(out));
}

template <bool at_end>
Value remove_affix(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("removeprefix", arguments, {"affix"}, 1);
  const std::string& affix = bound.text(0);
  std::string_view text = self.bytes();
  if (at_end && text.ends_with(affix)) text.remove_suffix(affix.size());
  if (!at_end && text.starts_with(affix)) text.remove_prefix(affix.size());
  return like(self, text);
}

template <bool from_right>
Value partition(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("partition", arguments, {"sep"}, 1);
  const std::string& separator = bound.text(0);
  if (separator.empty()) fail(ErrorKind::input, "empty separator");
  const std::string_view text = self.bytes();
  const size_t at = from_right ? text.rfind(separator) : text.find(separator);
  if (at == std::string_view::npos)
    return from_right ? Value::tuple({like(self, ""), like(self, ""), self})
                      : Value::tuple({self, like(self, ""), like(self, "")});
  return Value::tuple({like(self, text.substr(0, at)), like(self, separator),
                       like(self, text.substr(at + separator.size()))});
}

template <char align>
Value justified(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("justify", arguments, {"width", "fillchar"}, 1);
  const std::u32string fill = bound.has(1) ? decode(bound.text(1)) : U" ";
  if (fill.size() != 1) fail(ErrorKind::input, "The fill character must be exactly one character long");
  const auto length = static_cast<int64_t>(self.text().length);
  const auto width = static_cast<size_t>(std::max(bound.whole(0), length));
  if (align != '^') return like(self, padded(self.bytes(), width, fill[0], align));
  // Where one character is too many, it stands left of the middle if the width is odd.
  const size_t missing = width - static_cast<size_t>(length), left = missing / 2 + (missing & width & 1);
  const std::string begun = padded(self.bytes(), static_cast<size_t>(length) + left, fill[0], '>');
  return like(self, padded(begun, width, fill[0], '<'));
}

Value zfill(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("zfill", arguments, {"width"}, 1);
  std::string_view text = self.bytes();
  const bool has_sign = text.starts_with('-') || text.starts_with('+');
  const std::string sign(text.substr(0, has_sign ? 1 : 0));
  const int64_t width = std::max(bound.whole(0), static_cast<int64_t>(self.text().length));
  return like(self,
              sign + padded(text.substr(sign.size()), static_cast<size_t>(width) - sign.size(), '0', '>'));
}

Value expandtabs(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("expandtabs", arguments, {"tabsize"});
  const int64_t size = bound.whole(0, 8);
  std::string out;
  int64_t column = 0;
  for (const char32_t code : decode(self.bytes())) {
    if (code == '\t') {
      const int64_t spaces = size > 0 ? size - column % size : 0;
      check_text_size(out.size() + static_cast<size_t>(spaces));
      out.append(static_cast<size_t>(spaces), ' ');
      column += spaces;
    } else {
      utf8::append(out, code);
      column = code == '\n' || code == '\r' ? 0 : column + 1;
    }
  }
  return like(self, std::move(out));
}

template <bool (*test)(char32_t)>
Value all(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("method", arguments, {});
  const std::u32string codes = decode(self.bytes());
  return !codes.empty() && std::all_of(codes.begin(), codes.end(), test);
}

bool is_alphanumeric(char32_t code) { return is_alphabetic(code) || is_numeric(code) || is_digit(code); }

template <bool (*wanted)(char32_t), bool (*other)(char32_t)>
Value cased(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("method", arguments, {});
  bool found = false;
  for (const char32_t code : decode(self.bytes())) {
    if (other(code) || is_title(code)) return false;
    found = found || wanted(code);
  }
  return found;
}

Value istitle(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("istitle", arguments, {});
  bool found = false, inside = false;
  for (const char32_t code : decode(self.bytes())) {
    if (is_upper(code) || is_title(code)) {
      if (inside) return false;
      found = inside = true;
    } else if (is_lower(code)) {
      if (!inside) return false;
      found = true;
    } else {
      inside = false;
    }
  }
  return found;
}

Value isascii(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("isascii", arguments, {});
  return self.text().ascii();
}

Value isidentifier(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("isidentifier", arguments, {});
  return is_identifier(self.bytes());
}

Value isprintable(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("isprintable", arguments, {});
  std::string plain = self.bytes();
  std::erase_if(plain, [](char c) { return c == '\\' || c == '\'' || c == '"'; });
  return quoted(plain).size() == plain.size() + 2;
}

Value format(Evaluation& evaluation, const Value& self, const Arguments& arguments) {
  return string_format(evaluation, self, arguments);
}

Value format_map(Evaluation& evaluation, const Value& self, const Arguments& arguments) {
  const Bound bound("format_map", arguments, {"mapping"}, 1);
  if (!bound[0].is_dict()) bound.refuse("wants a mapping, got {}", type_name(bound[0]));
  Arguments named;
  for (const auto& [key, value] : bound[0].dict().entries)
    if (key.is_text()) named.named.emplace_back(key.bytes(), value);
  return string_format(evaluation, self, named);
}

Value unsupported(Evaluation&, const Value&, const Arguments&) {
  fail(ErrorKind::input,
       "templates have neither bytes nor translation tables: encode(), maketrans() and translate() are "
       "not supported");
}

struct Named {
  std::string_view name;
  Method method;
};

constexpr Named kMethods[] = {
    {"strip", stripped<Ends::both>},
    {"lstrip", stripped<Ends::left>},
    {"rstrip", stripped<Ends::right>},
    {"split", split_method<false>},
    {"rsplit", split_method<true>},
    {"splitlines", splitlines},
    {"startswith", has_affix<false>},
    {"endswith", has_affix<true>},
    {"replace", replace},
    {"join", join},
    {"format", format},
    {"format_map", format_map},
    {"upper", mapped<to_upper>},
    {"lower", mapped<to_lower>},
    {"title", mapped<to_title>},
    {"capitalize", mapped<to_capitalized>},
    {"swapcase", mapped<to_swapped_case>},
    {"casefold", mapped<to_casefolded>},
    {"find", find<false, false>},
    {"rfind", find<true, false>},
    {"index", find<false, true>},
    {"rindex", find<true, true>},
    {"count", count},
    {"removeprefix", remove_affix<false>},
    {"removesuffix", remove_affix<true>},
    {"partition", partition<false>},
    {"rpartition", partition<true>},
    {"ljust", justified<'<'>},
    {"rjust", justified<'>'>},
    {"center", justified<'^'>},
    {"zfill", zfill},
    {"expandtabs", expandtabs},
    {"isalpha", all<is_alphabetic>},
    {"isdigit", all<is_digit>},
    {"isdecimal", all<is_decimal>},
    {"isnumeric", all<is_numeric>},
    {"isalnum", all<is_alphanumeric>},
    {"isspace", all<is_space>},
    {"islower", cased<is_lower, is_upper>},
    {"isupper", cased<is_upper, is_lower>},
    {"istitle", istitle},
    {"isascii", isascii},
    {"isidentifier", isidentifier},
    {"isprintable", isprintable},
    {"encode", unsupported},
    {"maketrans", unsupported},
    {"translate", unsupported},
};

}  // namespace

Method find_text_method(std::string_view name) {
  for (const auto& [known, method] : kMethods)
    if (known == name) return method;
  return nullptr;
}

}  // namespace millrace::jinja
