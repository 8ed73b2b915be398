#pragma once
#include <string>
#include <string_view>

// What the components of a tokenizer ask about characters. The components of the `tokenizers` library follow
// different versions of Unicode, and these functions follow them.
namespace millrace::unicode {

std::string_view category(char32_t code);  // the general category in Unicode 16: "Lu", "Nd", "Cn"

bool is_white_space(char32_t code);      // the property White_Space
bool is_word(char32_t code);             // \w: alphabetic, marks, decimal digits, connectors
bool is_numeric(char32_t code);          // Nd, Nl, No in Unicode 17
bool is_punctuation(char32_t code);      // P* in Unicode 8, and ASCII's symbols
bool is_control(char32_t code);          // Cc, Cf, Co in Unicode 8, but for tab and line ends
bool is_nonspacing_mark(char32_t code);  // Mn in Unicode 8
bool is_mark(char32_t code);             // Mn, Mc, Me in Unicode 9

// A number for the character's script, with the scripts of Japanese as one; 0 goes with any script.
int script(char32_t code);

void append_lowercase(std::string& text, char32_t code);  // the full mapping, which may give two characters

enum class Form { nfc, nfd, nfkc, nfkd };
void normalize(std::string& text, Form form);  // valid UTF-8 in and out

// The body of a character class, "\x{897}\x{1C89}-\x{1C8A}…", of the characters after Unicode 14 whose
// category begins with `prefix`.
std::string additions(std::string_view prefix);

}  // namespace millrace::unicode
