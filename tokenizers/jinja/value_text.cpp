#include "tokenizers/jinja/value_text.h"

#include "base/utf8.h"
#include "tokenizers/jinja/float_text.h"
#include "tokenizers/jinja/object_types.h"
#include "tokenizers/unicode.h"

namespace millrace::jinja {
namespace {

bool is_printable(char32_t code) {
  if (code < 0x7F) return code >= ' ';
  const std::string_view kind = unicode::category(code);
  return kind[0] != 'C' && kind[0] != 'Z';
}

void append_quoted(std::string& out, std::string_view text) {
  const bool double_quotes =
      text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char quote = double_quotes ? '"' : '\'';
  out += quote;
  for (size_t at = 0; at < text.size();) {
    const auto [code, size] = utf8::decode_at(text, at);
    if (code == static_cast<char32_t>(quote) || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code == '\n') {
      out += "\\n";
    } else if (code == '\r') {
      out += "\\r";
    } else if (code == '\t') {
      out += "\\t";
    } else if (is_printable(code)) {
      out.append(text, at, size);
    } else if (code < 0x100) {
      out += fmt::format("\\x{:02x}", static_cast<uint32_t>(code));
    } else {
      out += code < 0x10000 ? fmt::format("\\u{:04x}", static_cast<uint32_t>(code))
                            : fmt::format("\\U{:08x}", static_cast<uint32_t>(code));
    }
    at += size;
  }
  out += quote;
}

void append_repr(std::string& out, const Value& value, std::vector<const void*>& open);

void append_items(std::string& out, const std::vector<Value>& items, std::vector<const void*>& open) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    append_repr(out, items[i], open);
  }
}

void append_dict(std::string& out, const std::vector<Dict::Entry>& entries, std::vector<const void*>& open) {
  out += '{';
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) out += ", ";
    append_repr(out, entries[i].first, open);
    out += ": ";
    append_repr(out, entries[i].second, open);
  }
  out += '}';
}

void append_object(std::string& out, const ObjectPtr& object, std::vector<const void*>& open) {
  if (const auto spaces = std::dynamic_pointer_cast<Namespace>(object)) {
    // A namespace may hold itself.
    for (const void* outer : open)
      if (outer == object.get()) {
        out += "<Namespace {...}>";
        return;
      }
    if (open.size() > static_cast<size_t>(kMostValueDepth))
      fail(ErrorKind::input, "namespaces are nested more than {} deep", kMostValueDepth);
    open.push_back(object.get());
    out += "<Namespace ";
    append_dict(out, spaces->entries(), open);
    out += '>';
    open.pop_back();
  } else if (const auto view = std::dynamic_pointer_cast<DictView>(object)) {
    out += view->type_name() + "([";
    append_items(out, view->items(), open);
    out += "])";
  } else {
    out += object->repr();
  }
}

void append_repr(std::string& out, const Value& value, std::vector<const void*>& open) {
  if (value.is_undefined()) {
    out += "Undefined";
  } else if (value.is_none()) {
    out += "None";
  } else if (value.is_bool()) {
    out += std::get<bool>(value.data()) ? "True" : "False";
  } else if (value.is_int()) {
    out += std::to_string(*value.index());
  } else if (value.is_float()) {
    out += float_text(*value.number());
  } else if (value.is_text()) {
    if (value.text().markup) out += "Markup(";
    append_quoted(out, value.bytes());
    if (value.text().markup) out += ')';
  } else if (value.is_list()) {
    out += '[';
    append_items(out, value.items(), open);
    out += ']';
  } else if (value.is_tuple()) {
    out += '(';
    append_items(out, value.items(), open);
    out += value.items().size() == 1 ? ",)" : ")";
  } else if (value.is_dict()) {
    append_dict(out, value.dict().entries, open);
  } else {
    append_object(out, value.object(), open);
  }
  check_text_size(out.size());
}

}  // namespace

std::string to_text(const Value& value) {
  if (value.is_text()) return value.bytes();
  return value.is_undefined() ? std::string() : to_repr(value);
}

std::string to_repr(const Value& value) {
  std::string out;
  std::vector<const void*> open;
  append_repr(out, value, open);
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

Value as_text(const Value& value) { return value.is_text() ? value : Value(to_text(value)); }

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace millrace::jinja
