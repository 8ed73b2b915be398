#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/component_spec.h"

namespace millrace {

// A regular expression of a tokenizer (Oniguruma's syntax), run by PCRE2. Immutable: serves all threads.
class Regex {
 public:
  // Error(model) when the pattern is none.
  explicit Regex(std::string_view pattern);
  static Regex literal(std::string_view text);  // matches the text itself

  struct Segment {
    size_t begin, end;  // bytes
    bool match;
  };
  // The whole of `text` (valid UTF-8), cut at every match; no segment between two matches that touch.
  // Error(input) when matching takes more steps than any sane pattern needs.
  std::vector<Segment> segments(std::string_view text) const;

 private:
  Regex(std::string_view pattern, bool literal);
  std::shared_ptr<const void> code_;  // pcre2_code
};

// `text` with `content` in place of every match. `head` counts first bytes of the text that have a meaning in
// common, before and after: what replaces the last of them is one of them too.
void replace_all(std::string& text, const Regex& regex, std::string_view content, size_t* head = nullptr);

// {"pattern": {"String": …}} or {"pattern": {"Regex": …}} of a component.
Regex pattern_of(const ComponentSpec& spec);

}  // namespace millrace
