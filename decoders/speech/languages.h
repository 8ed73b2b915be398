#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace millrace {

// A language that Whisper was trained on.
struct SpeechLanguage {
  std::string_view code;  // "en"; the vocabulary holds it as <|en|>
  std::string_view name;  // "english"
};

// All hundred, in the order of the vocabulary.
std::span<const SpeechLanguage> speech_languages();

// "en" for "en", "EN", "English" or another name in use ("castilian" is "es"). Error(usage) with the nearest
// name when there is no such language.
std::string language_code(std::string_view code_or_name);

// "english" for "en"; the code itself for a language that is not in the table.
std::string language_name(std::string_view code);

// Whether the language is written without spaces between words.
bool is_written_without_spaces(std::string_view code);

}  // namespace millrace
