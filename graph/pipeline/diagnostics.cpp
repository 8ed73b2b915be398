#include "graph/pipeline/diagnostics.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

#include "base/error.h"

namespace millrace {
namespace {

constexpr size_t kMostShown = 50;         // errors; beyond it a text is no pipeline
constexpr size_t kLongestLine = 160;      // bytes of a source line
constexpr size_t kLongestMessage = 1000;  // bytes; it may quote the text

bool continues(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Text from a file on its way to a terminal: no control characters.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\t' || (static_cast<uint8_t>(c) >= 0x20 && c != 0x7F) ? c : '?';
  return out;
}

std::string printable_message(const std::string& message) {
  if (message.size() <= kLongestMessage) return printable(message);
  const std::string_view all = message;
  size_t first = kLongestMessage / 2, last = all.size() - kLongestMessage / 2;
  while (continues(all[first])) --first;
  while (continues(all[last])) ++last;
  return printable(all.substr(0, first)) + "…" + printable(all.substr(last));
}

// The source line with a caret below, or nothing when the place has none.
std::string show_line(const Place& place) {
  if (place.line < 1 || place.column < 1) return {};
  std::string_view line = place.source->line(place.line);
  size_t column = std::min(static_cast<size_t>(place.column) - 1, line.size());
  std::string_view before, after;
  if (line.size() > kLongestLine) {
    size_t first = column < kLongestLine / 2 ? 0 : column - kLongestLine / 2;
    while (first > 0 && continues(line[first])) --first;
    size_t last = std::min(line.size(), first + kLongestLine);
    while (last < line.size() && continues(line[last])) ++last;
    if (first > 0) before = "…";
    if (last < line.size()) after = "…";
    line = line.substr(first, last - first);
    column -= first;
  }
  std::string indent(before.empty() ? 0 : 1, ' ');
  for (const char c : line.substr(0, column))
    if (!continues(c)) indent += c == '\t' ? '\t' : ' ';
  std::string underline;
  for (const char c : line.substr(column, static_cast<size_t>(std::max(1, place.length))))
    if (!continues(c)) underline += underline.empty() ? '^' : '~';
  if (underline.empty()) underline += '^';
  return fmt::format("{:>5} | {}{}{}\n      | {}{}\n", place.line, before, printable(line), after, indent,
                     underline);
}

}  // namespace

void Diagnostics::error(Place place, std::string message, std::string hint) {
  // A pipeline included twice has its faults once.
  for (const Fault& fault : faults_)
    if (fault.message == message && fault.place.to_string() == place.to_string()) return;
  faults_.push_back({Fault::Severity::error, std::move(place), std::move(message), std::move(hint)});
  ++errors_;
}

void Diagnostics::warning(Place place, std::string message, std::string hint) {
  faults_.push_back({Fault::Severity::warning, std::move(place), std::move(message), std::move(hint)});
}

std::string Diagnostics::render(Fault::Severity severity) const {
  std::vector<const Fault*> shown;
  std::vector<const SourceText*> sources;  // in the order they were first complained about
  for (const Fault& fault : faults_) {
    if (std::find(sources.begin(), sources.end(), fault.place.source.get()) == sources.end())
      sources.push_back(fault.place.source.get());
    if (fault.severity == severity) shown.push_back(&fault);
  }
  const auto key = [&](const Fault* fault) {
    const auto source =
        std::find(sources.begin(), sources.end(), fault->place.source.get()) - sources.begin();
    return std::tuple(source, fault->place.line, fault->place.column);
  };
  std::stable_sort(shown.begin(), shown.end(), [&](auto* a, auto* b) { return key(a) < key(b); });
  std::string text;
  for (size_t i = 0; i < shown.size() && i < kMostShown; ++i) {
    const Fault& fault = *shown[i];
    text += fmt::format("{}: {}: {}\n{}", fault.place.to_string(),
                        severity == Fault::Severity::error ? "error" : "warning",
                        printable_message(fault.message), show_line(fault.place));
    if (!fault.hint.empty()) text += fmt::format("      = {}\n", printable_message(fault.hint));
  }
  if (shown.size() > kMostShown) text += fmt::format("… and {} more\n", shown.size() - kMostShown);
  return text;
}

void Diagnostics::throw_errors() const {
  if (errors_ == 0) return;
  std::string text = render_errors();
  text += fmt::format("{} error{}", errors_, errors_ == 1 ? "" : "s");
  throw Error(ErrorKind::pipeline, std::move(text));
}

}  // namespace millrace
