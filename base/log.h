#pragma once
#include <fmt/core.h>

#include <string_view>
#include <utility>

// Messages to standard error, for people. Standard output belongs to results.
namespace millrace::log {

enum class Level { debug, info, warning, error, quiet };

void set_level(Level level);  // info unless said otherwise
void message(Level level, std::string_view text);

template <class... Args>
void debug(fmt::format_string<Args...> f, Args&&... args) {
  message(Level::debug, fmt::format(f, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> f, Args&&... args) {
  message(Level::info, fmt::format(f, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> f, Args&&... args) {
  message(Level::warning, fmt::format(f, std::forward<Args>(args)...));
}

}  // namespace millrace::log
