#pragma once
#include <optional>
#include <string>
#include <string_view>

// GPT-2's alphabet of 256 printable characters, one a byte (Radford et al., 2019): "Ġ" is the space, "Ċ" the
// newline.
namespace millrace::byte_level {

void append_encoded(std::string& text, std::string_view bytes);
std::string encoded(std::string_view bytes);
// The bytes behind `text`, valid UTF-8; none when a character is not of the alphabet.
std::optional<std::string> decoded(std::string_view text);

}  // namespace millrace::byte_level
