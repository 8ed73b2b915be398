#include "tokenizers/metaspace.h"

#include "base/utf8.h"

namespace millrace {

Metaspace::Metaspace(const ComponentSpec& spec) {
  utf8::append(replacement, only_character(spec, "replacement"));
  split = spec.flag("split", true);
  const bool prefix = spec.flag("add_prefix_space", true);  // the older name for it
  const std::string scheme = spec.text("prepend_scheme", prefix ? "always" : "never");
  if (scheme == "always") {
    prepend = Prepend::always;
  } else if (scheme == "first") {
    prepend = Prepend::first;
  } else if (scheme == "never") {
    prepend = Prepend::never;
  } else {
    spec.refuse("'prepend_scheme' is '{}'; it must be always, first or never", scheme);
  }
}

char32_t only_character(const ComponentSpec& spec, std::string_view key) {
  const std::string text = spec.text(key);
  if (text.empty() || utf8::decode_at(text, 0).size != text.size())
    spec.refuse("'{}' must be one character", key);
  return utf8::decode_at(text, 0).code;
}

}  // namespace millrace
