#pragma once
#include <string_view>

namespace millrace {

// A pattern for what JSON Schema's "format" names: date, time, date-time, duration, uuid, email, hostname,
// ipv4, ipv6, uri. Each takes a part of the valid texts (no 29th of February, no shortened IPv6), so that no
// invalid one fits. Empty for any other name: a format that nobody knows is an annotation.
std::string_view format_pattern(std::string_view format);

}  // namespace millrace
