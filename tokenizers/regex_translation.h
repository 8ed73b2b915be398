#pragma once
#include <string>
#include <string_view>

namespace millrace {

// A regular expression in Oniguruma's syntax, as tokenizer.json holds them, in PCRE2's (for UTF, UCP and
// MULTILINE). The two differ in what \s, \w, \h, \v and \b are, in nested and intersected character classes,
// in {n,m}+, in (?m), and in their versions of Unicode. Error(model) for what has no counterpart.
std::string to_pcre2(std::string_view oniguruma);

}  // namespace millrace
