#pragma once
#include <string>
#include <string_view>

#include "tokenizers/jinja/value.h"

// Strings as Python sees them: rows of code points, with its notions of case and kind.
namespace millrace::jinja {

std::u32string decode(std::string_view text);
std::string encode(std::u32string_view codes);

size_t byte_of(const Text& text, size_t index);                      // where the character `index` begins
size_t index_of_byte(const Text& text, size_t byte);                 // the other way round
std::string_view slice(const Text& text, size_t begin, size_t end);  // characters

bool is_space(char32_t code);
bool is_alphabetic(char32_t code);
bool is_decimal(char32_t code);
bool is_digit(char32_t code);
bool is_numeric(char32_t code);
bool is_lower(char32_t code);
bool is_upper(char32_t code);
bool is_title(char32_t code);
inline bool is_cased(char32_t code) { return is_lower(code) || is_upper(code) || is_title(code); }
bool is_identifier(std::string_view text);

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_title(std::string_view text);  // str.title(): each run of letters begins upper
std::string to_capitalized(std::string_view text);
std::string to_swapped_case(std::string_view text);
std::string to_casefolded(std::string_view text);

// Without the characters of `set` (white space where it is empty and `spaces`) at its ends.
enum class Ends { both, left, right };
std::string_view strip(std::string_view text, Ends ends = Ends::both);
std::string_view strip(std::string_view text, std::string_view set, Ends ends);

}  // namespace millrace::jinja
