#include "cli/watch_output.h"

#include <fmt/ranges.h>
#include <unistd.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/packet_text.h"

namespace millrace::cli {
namespace {

using Json = nlohmann::ordered_json;

double thousandths(double value) { return std::round(value * 1e3) / 1e3; }

std::string line_of(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

WatchOutput::WatchOutput(std::string_view format, std::string field, StreamClock& clock, Console& console)
    : json_(format == "json"),
      rewrites_(!json_ && isatty(STDOUT_FILENO) != 0 && console.progress.enabled()),
      field_(std::move(field)),
      clock_(clock),
      console_(console) {}

void WatchOutput::picture(const Image& image) {
  if (found_.empty()) return;
  const Packet found = std::move(found_.front());
  found_.pop_front();
  const double seconds = image.seconds.value_or(kNoTime);
  const double latency = clock_.now() - (image.began_at + seconds);
  latencies_.add(latency);
  json_ ? write_json(found, seconds, latency) : write_text(found, seconds, latency);
}

void WatchOutput::write_json(const Packet& found, double seconds, double latency) {
  console_.out.line(line_of(
      {{"time", thousandths(seconds)}, {field_, packet_to_json(found)}, {"latency", thousandths(latency)}}));
}

void WatchOutput::write_text(const Packet& found, double seconds, double latency) {
  const auto lines = packet_lines(found);
  const std::string text = fmt::format("{:9.3f} s  {:4.0f} ms{}{}", seconds, latency * 1000,
                                       lines.empty() ? "" : "  ", fmt::join(lines, ", "));
  rewrites_ ? console_.progress.show(text) : console_.out.line(text);
}

void WatchOutput::gap(const StreamGap& gap) {
  if (json_)
    console_.out.line(
        line_of({{"time", thousandths(gap.start)}, {"gap", thousandths(gap.seconds)}, {"why", gap.why}}));
  else if (!rewrites_)  // a terminal has been told
    console_.out.line(
        fmt::format("{:9.3f} s  {:.1f} s without pictures: {}", gap.start, gap.seconds, gap.why));
}

}  // namespace millrace::cli
