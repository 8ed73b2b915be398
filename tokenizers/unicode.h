#pragma once
#include <string>
#include <string_view>

// What the components of a tokenizer ask about characters. Unicode 16, as the `tokenizers` library's regular
// expressions: utf8proc's tables and the characters that came after them (unicode_additions.inc).
namespace millrace::unicode {

std::string_view category(char32_t code);  // the general category: "Lu", "Nd", "Cn"

bool is_white_space(char32_t code);  // the property White_Space
bool is_numeric(char32_t code);      // Nd, Nl, No
bool is_punctuation(char32_t code);  // P*, and ASCII's symbols
bool is_word(char32_t code);         // \w: alphabetic, marks, decimal digits, connectors
bool is_mark(char32_t code);         // Mn, Mc, Me
bool is_nonspacing_mark(char32_t code);
bool is_control(char32_t code);  // Cc, Cf, Co

void append_lowercase(std::string& text, char32_t code);  // the full mapping, which may give two characters

enum class Form { nfc, nfd, nfkc, nfkd };
void normalize(std::string& text, Form form);  // valid UTF-8 in and out

// The body of a character class, "\x{897}\x{1C89}-\x{1C8A}…", of the characters after Unicode 14 whose
// category begins with `prefix`.
std::string additions(std::string_view prefix);

}  // namespace millrace::unicode
