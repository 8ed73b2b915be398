#include "tokenizers/jinja/globals.h"

#include <chrono>
#include <cstring>

#include "tokenizers/jinja/arguments.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/object_types.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

Value function(std::string name, Function::Body body) {
  return Value(std::make_shared<Function>(std::move(name), std::move(body)));
}

Value range(Evaluation&, const Arguments& arguments) {
  const Bound bound("range", arguments, {"start", "stop", "step"}, 1);
  if (!arguments.named.empty()) bound.refuse("takes no keyword arguments");
  if (!bound.has(1)) return Value(std::make_shared<Range>(0, bound.whole(0), 1));
  return Value(std::make_shared<Range>(bound.whole(0), bound.whole(1), bound.whole(2, 1)));
}

// What dict() and namespace() are made from: a mapping or pairs, then named arguments.
std::vector<Dict::Entry> entries_of(const char* callee, const Arguments& arguments) {
  std::vector<Dict::Entry> entries;
  if (arguments.positional.size() > 1)
    fail(ErrorKind::input, "{} expected at most 1 argument, got {}", callee, arguments.positional.size());
  if (!arguments.positional.empty()) {
    const Value& first = arguments.positional[0];
    if (first.is_undefined()) fail_undefined(first);
    if (first.is_dict()) {
      entries = first.dict().entries;
    } else {
      for (const Value& pair : to_items(first)) {
        const std::vector<Value> items = to_items(pair);
        if (items.size() != 2) fail(ErrorKind::input, "{} wants pairs, got {} items", callee, items.size());
        entries.emplace_back(items[0], items[1]);
      }
    }
  }
  for (const auto& [name, value] : arguments.named) entries.emplace_back(Value(name), value);
  return Dict(std::move(entries)).entries;  // without duplicates
}

Value dict(Evaluation&, const Arguments& arguments) { return make_dict(entries_of("dict", arguments)); }

Value dict_function() {
  auto made = std::make_shared<Function>("dict", dict);
  made->add_attribute("fromkeys", function("fromkeys", [](Evaluation&, const Arguments& arguments) {
                        const Bound bound("fromkeys", arguments, {"keys", "value"}, 1);
                        std::vector<Dict::Entry> entries;
                        for (const Value& key : to_items(bound[0])) entries.emplace_back(key, bound.value(1));
                        return make_dict(std::move(entries));
                      }));
  return Value(std::move(made));
}

Value make_namespace(Evaluation& evaluation, const Arguments& arguments) {
  auto made = std::make_shared<Namespace>(entries_of("namespace", arguments));
  for (const auto& [key, value] : made->entries())
    if (key.is_text() && key.bytes().starts_with('_'))
      fail(ErrorKind::input, "a namespace cannot hold an attribute that begins with an underscore, {}",
           to_repr(key));
  evaluation.keep(made);
  evaluation.budget().spend(kStepsOfKept);
  return Value(std::move(made));
}

Value cycler(Evaluation&, const Arguments& arguments) {
  return Value(std::make_shared<Cycler>(arguments.positional));
}

Value joiner(Evaluation&, const Arguments& arguments) {
  const Bound bound("joiner", arguments, {"sep"});
  return Value(std::make_shared<Joiner>(bound.value(0, Value(", "))));
}

// Jinja makes up random Latin; what a template does with it cannot depend on which.
Value lipsum(Evaluation&, const Arguments& arguments) {
  const Bound bound("lipsum", arguments, {"n", "html", "min", "max"});
  constexpr std::string_view kParagraph = "Lorem ipsum dolor sit amet consectetuer adipiscing elit.";
  const bool html = bound.truth(1, true);
  std::string text;
  for (int64_t i = 0; i < bound.whole(0, 5); ++i) {
    if (i > 0) text += html ? "\n" : "\n\n";
    text += html ? fmt::format("<p>{}</p>", kParagraph) : std::string(kParagraph);
    check_text_size(text.size());
  }
  return html ? Value::markup(std::move(text)) : Value(std::move(text));
}

Value raise_exception(Evaluation&, const Arguments& arguments) {
  const Bound bound("raise_exception", arguments, {"message"}, 1);
  throw Error(ErrorKind::input, to_text(bound[0]));
}

Value strftime_now(Evaluation&, const Arguments& arguments) {
  const Bound bound("strftime_now", arguments, {"format"}, 1);
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm local{};
  localtime_r(&seconds, &local);
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  return format_time(bound.text(0), local, since % 1'000'000);
}

}  // namespace

std::string format_time(const std::string& format, const std::tm& time, int64_t microsecond) {
  check_text_size(format.size() * 8);
  std::string expanded;
  for (size_t i = 0; i < format.size(); ++i) {
    const char next = i + 1 < format.size() ? format[i + 1] : '\0';
    if (format[i] != '%' || next == '\0') {
      expanded += format[i];
    } else if (next == 'f') {  // Python's alone
      expanded += fmt::format("{:06}", microsecond);
      ++i;
    } else if (next == 'z' || next == 'Z') {  // a time without a zone
      ++i;
    } else {
      expanded += format[i];
      expanded += next;
      ++i;
    }
  }
  // strftime gives 0 for an empty result too, so something always stands behind it; and it stops at a zero.
  std::string result;
  for (size_t begin = 0; begin <= expanded.size();) {
    const size_t end = std::min(expanded.find('\0', begin), expanded.size());
    const std::string piece = expanded.substr(begin, end - begin) + ".";
    std::vector<char> buffer(piece.size() * 64 + 64);
    const size_t size = std::strftime(buffer.data(), buffer.size(), piece.c_str(), &time);
    if (size > 0) result.append(buffer.data(), size - 1);
    if (end < expanded.size()) result += '\0';
    begin = end + 1;
  }
  return result;
}

std::optional<Value> find_global(Evaluation&, const std::string& name) {
  if (name == "range") return function("range", range);
  if (name == "dict") return dict_function();
  if (name == "namespace") return function("namespace", make_namespace);
  if (name == "cycler") return function("cycler", cycler);
  if (name == "joiner") return function("joiner", joiner);
  if (name == "lipsum") return function("lipsum", lipsum);
  if (name == "raise_exception") return function("raise_exception", raise_exception);
  if (name == "strftime_now") return function("strftime_now", strftime_now);
  return std::nullopt;
}

}  // namespace millrace::jinja
