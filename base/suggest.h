#pragma once
#include <span>
#include <string>
#include <string_view>

namespace millrace {

// The candidate nearest to `name` by edit distance (insert, delete, replace, swap of neighbours), or empty
// when none is near enough to be meant.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

// " (did you mean 'x'?)" or "": to be put after a message about an unknown name.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace millrace
