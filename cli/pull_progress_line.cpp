#include "cli/pull_progress_line.h"

#include <fmt/core.h>

namespace millrace::cli {

std::string show_bytes(uint64_t bytes) {
  const char* units[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 999.95 && unit < 4; ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

PullOptions pull_options(Console& console) {
  return {
      .progress =
          [&console](const PullProgress& progress) {
            const std::string share =
                progress.total == 0
                    ? std::string()
                    : fmt::format(" of {} ({}%)", show_bytes(progress.total),
                                  static_cast<int>(100.0 * double(progress.bytes) / double(progress.total)));
            console.progress.show(fmt::format("{}: {}{}", progress.file, show_bytes(progress.bytes), share));
          },
      .cancel = &console.interrupts.stop};
}

}  // namespace millrace::cli
