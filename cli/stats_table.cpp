#include "cli/stats_table.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/utf8.h"

namespace millrace::cli {
namespace {

constexpr double kWindow = 5;  // seconds that rates and latencies are of
constexpr size_t kNumberColumns = 62, kFewestNameColumns = 8;

size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// Padded to `width`; what is longer keeps its beginning.
std::string name_cell(std::string_view name, size_t width) {
  const size_t has = width_of(name);
  if (has <= width) return std::string(name) + std::string(width - has, ' ');
  size_t end = 0, columns = 0;
  for (; end < name.size(); ++end)
    if ((name[end] & 0xC0) != 0x80 && columns++ == width - 1) break;
  return std::string(name.substr(0, end)) + "…";
}

// Three digits of it.
std::string digits(double value) {
  return value >= 99.95   ? fmt::format("{:.0f}", value)
         : value >= 9.995 ? fmt::format("{:.1f}", value)
                          : fmt::format("{:.2f}", value);
}

std::string show_count(double count) {
  if (count < 99'999.5) return fmt::format("{:.0f}", count);
  return count < 99'999'500 ? fmt::format("{:.0f}k", count / 1e3) : fmt::format("{:.0f}M", count / 1e6);
}

std::string show_rate(double rate) { return rate < 99.95 ? digits(rate) : show_count(rate); }

std::string show_seconds(double seconds) {
  if (seconds < 0.0995) return fmt::format("{} ms", digits(1000 * seconds));
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", 1000 * seconds);
  if (seconds < 9999.5) return digits(seconds) + " s";
  return digits(seconds / 3600) + " h";
}

std::string or_nothing(bool there_is, const std::string& text) { return there_is ? text : std::string(); }

std::string row(const StageStats& now, const StageStats& before, double seconds, size_t width) {
  const int64_t timed = now.timed - before.timed;
  const double latency = now.latency - before.latency;
  std::string text = fmt::format(
      "{}{:>9}{:>9}{:>8}{:>9}{:>9}{:>7}{:>6}{:>5}", name_cell(now.name, width),
      show_rate(seconds > 0 ? static_cast<double>(now.calls - before.calls) / seconds : 0),
      or_nothing(now.capacity > 0, fmt::format("{}/{}", now.waiting, now.capacity)),
      or_nothing(now.capacity > 0, show_count(static_cast<double>(now.deepest))),
      or_nothing(timed > 0, show_seconds(latency / static_cast<double>(std::max<int64_t>(1, timed)))),
      or_nothing(now.timed > 0, show_seconds(now.longest)),
      or_nothing(now.dropped > 0, show_count(static_cast<double>(now.dropped))),
      or_nothing(!now.output,
                 fmt::format("{:.0f} %", seconds > 0 ? 100 * (now.busy - before.busy) / seconds : 0)),
      or_nothing(now.failed > 0, show_count(static_cast<double>(now.failed))));
  text.resize(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

}  // namespace

std::string stats_table(const RunStats& stats, const RunStats& before, size_t columns) {
  const std::string title = fmt::format("after {}", show_seconds(stats.seconds));
  size_t width = width_of(title);
  for (const StageStats& stage : stats.stages) width = std::max(width, width_of(stage.name));
  width = std::min(width, std::max(columns, kNumberColumns + kFewestNameColumns) - kNumberColumns);
  std::string table =
      fmt::format("{}{:>9}{:>9}{:>8}{:>9}{:>9}{:>7}{:>6}{:>5}\n", name_cell(title, width), "calls/s", "queue",
                  "deepest", "latency", "longest", "drops", "busy", "fail");
  for (size_t i = 0; i < stats.stages.size(); ++i) {
    const StageStats& stage = stats.stages[i];
    table += row(stage, i < before.stages.size() ? before.stages[i] : StageStats{},
                 stats.seconds - before.seconds, width);
  }
  return table;
}

std::string StatsView::table(const RunStats& stats) {
  if (stats.over) return stats_table(stats, {});
  recent_.push_back(stats);
  while (recent_.size() > 2 && recent_[1].seconds <= stats.seconds - kWindow) recent_.pop_front();
  const bool all = recent_.front().seconds > stats.seconds - kWindow;  // it has just begun
  return stats_table(stats, all ? RunStats{} : recent_.front());
}

}  // namespace millrace::cli
