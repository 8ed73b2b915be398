#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

// The bytes behind `text` (RFC 4648, padded); none when it is not base64.
std::optional<std::string> decode_base64(std::string_view text);

std::string encode_base64(std::string_view bytes);

}  // namespace millrace
