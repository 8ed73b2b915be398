#include "tokenizers/jinja/json_text.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/float_text.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

class JsonWriter {
 public:
  explicit JsonWriter(const JsonStyle& style) : style_(style) {}

  std::string run(const Value& value) {
    write(value);
    return std::move(out_);
  }

 private:
  void write(const Value& value) {
    if (value.is_none()) {
      out_ += "null";
    } else if (value.is_bool()) {
      out_ += truth(value) ? "true" : "false";
    } else if (value.is_int()) {
      out_ += std::to_string(*value.index());
    } else if (value.is_float()) {
      out_ += number(*value.number());
    } else if (value.is_text()) {
      string(value.bytes());
    } else if (value.is_list() || value.is_tuple()) {
      list(value.items());
    } else if (value.is_dict()) {
      object(value.dict());
    } else {
      fail(ErrorKind::input, "Object of type {} is not JSON serializable", type_name(value));
    }
    check_text_size(out_.size());
  }

  static std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    return float_text(value);
  }

  void string(std::string_view text) {
    out_ += '"';
    for (size_t at = 0; at < text.size();) {
      const auto [code, size] = utf8::decode_at(text, at);
      constexpr std::u32string_view kSpecial = U"\"\\\n\r\t\f\b";
      constexpr std::string_view kShort = "\"\\nrtfb";
      const size_t special = kSpecial.find(code);
      if (special != std::u32string_view::npos) {
        out_ += '\\';
        out_ += kShort[special];
      } else if (code < 0x20 || (style_.ascii && code > 0x7E && code < 0x10000)) {
        out_ += fmt::format("\\u{:04x}", static_cast<uint32_t>(code));
      } else if (style_.ascii && code >= 0x10000) {
        const uint32_t above = static_cast<uint32_t>(code) - 0x10000;
        out_ += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (above >> 10), 0xDC00 + (above & 0x3FF));
      } else {
        out_.append(text, at, size);
      }
      at += size;
    }
    out_ += '"';
  }

  void new_line() {
    if (!style_.indent) return;
    out_ += '\n';
    for (int i = 0; i < depth_; ++i) {
      out_ += *style_.indent;
      check_text_size(out_.size());
    }
  }

  void list(const std::vector<Value>& items) {
    out_ += '[';
    ++depth_;
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      new_line();
      write(items[i]);
    }
    --depth_;
    if (!items.empty()) new_line();
    out_ += ']';
  }

  static std::string key_text(const Value& key) {
    if (key.is_text()) return key.bytes();
    if (key.is_none()) return "null";
    if (key.is_bool()) return truth(key) ? "true" : "false";
    if (key.is_int()) return std::to_string(*key.index());
    if (key.is_float()) return number(*key.number());
    fail(ErrorKind::input, "keys must be str, int, float, bool or None, not {}", type_name(key));
  }

  void object(const Dict& dict) {
    std::vector<const Dict::Entry*> entries;
    for (const auto& entry : dict.entries) entries.push_back(&entry);
    if (style_.sorted)
      std::stable_sort(entries.begin(), entries.end(),
                       [](const auto* a, const auto* b) { return less(a->first, b->first); });
    out_ += '{';
    ++depth_;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      new_line();
      string(key_text(entries[i]->first));
      out_ += style_.key_separator;
      write(entries[i]->second);
    }
    --depth_;
    if (!entries.empty()) new_line();
    out_ += '}';
  }

  const JsonStyle& style_;
  std::string out_;
  int depth_ = 0;
};

}  // namespace

std::string json_text(const Value& value, const JsonStyle& style) { return JsonWriter(style).run(value); }

}  // namespace millrace::jinja
