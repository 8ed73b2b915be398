#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::jinja {

// int(text, base) and float(text) of Python; nothing where the text is no such number. Whole numbers beyond
// 64 bits are an error.
std::optional<int64_t> parse_whole(std::string_view text, int64_t base);
std::optional<double> parse_float(std::string_view text);

}  // namespace millrace::jinja
