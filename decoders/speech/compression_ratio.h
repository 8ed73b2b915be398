#pragma once
#include <string_view>

namespace millrace {

// Bytes of the text over bytes of it deflated by zlib at its default level: high for text that repeats
// itself.
double compression_ratio(std::string_view text);

}  // namespace millrace
