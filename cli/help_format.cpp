#include "cli/help_format.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace millrace::cli {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kWidestLeft = 30;

using Rows = std::vector<std::pair<std::string, std::string>>;  // left column, right column

std::string indented(const std::string& text) {
  std::string out = "  ";
  for (const char c : text) out += (c == '\n') ? std::string("\n  ") : std::string(1, c);
  return out + '\n';
}

// `text` cut at spaces into lines of at most `width`.
std::vector<std::string> wrapped(const std::string& text, size_t width) {
  std::vector<std::string> lines(1);
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    start = end + 1;
  }
  return lines;
}

std::string table(const std::string& title, const Rows& rows) {
  if (rows.empty()) return {};
  size_t left = 0;
  for (const auto& [name, text] : rows)
    if (name.size() <= kWidestLeft) left = std::max(left, name.size());
  std::string out = fmt::format("\n{}:\n", title);
  for (const auto& [name, text] : rows) {
    const auto lines = wrapped(text, kColumns - left - 4);
    const bool beside = name.size() <= left;
    out += beside ? fmt::format("  {:<{}}  {}\n", name, left, lines.front()) : fmt::format("  {}\n", name);
    for (size_t i = beside ? 1 : 0; i < lines.size(); ++i)
      out += fmt::format("{:{}}{}\n", "", left + 4, lines[i]);
  }
  return out;
}

// "-o, --output FILE"; a flag and its opposite are "--[no-]name".
std::string left_of(const CLI::Option* option) {
  std::vector<std::string> names;
  for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  for (const std::string& name : option->get_lnames()) {
    const auto& all = option->get_lnames();
    const auto has = [&](const std::string& other) {
      return std::find(all.begin(), all.end(), other) != all.end();
    };
    if (name.starts_with("no-") && has(name.substr(3))) continue;
    names.push_back((has("no-" + name) ? "--[no-]" : "--") + name);
  }
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (option->get_type_size() != 0 && !option->get_type_name().empty()) text += " " + option->get_type_name();
  return text;
}

std::string right_of(const CLI::Option* option) {
  std::string text = option->get_description();
  if (!option->get_default_str().empty()) text += fmt::format(" [{}]", option->get_default_str());
  return text;
}

std::string argument_name(const CLI::Option* option) {
  const bool many = option->get_expected_max() >= CLI::detail::expected_max_vector_size;
  return option->get_single_name() + (many ? "..." : "");
}

}  // namespace

std::string HelpFormat::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  std::string path = app->get_name();
  for (const CLI::App* parent = app->get_parent(); parent != nullptr; parent = parent->get_parent())
    path = parent->get_name() + " " + path;

  Rows arguments, commands;
  std::string usage = fmt::format("\nUsage: {}", path);
  const auto positionals =
      app->get_options([](const CLI::Option* option) { return option->get_positional(); });
  const auto subcommands = app->get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* sub : subcommands) commands.emplace_back(sub->get_name(), sub->get_description());
  if (!subcommands.empty()) usage += " COMMAND";
  usage += " [OPTION]...";
  for (const CLI::Option* option : positionals) {
    const std::string name = argument_name(option);
    usage += option->get_required() ? " " + name : " [" + name + "]";
    arguments.emplace_back(name, option->get_description());
  }

  std::string out = app->get_description() + "\n";
  if (!app->get_footer().empty()) out += "\nExamples:\n" + indented(app->get_footer());
  out += usage + "\n" + table("Commands", commands) + table("Arguments", arguments);
  for (const std::string& group : app->get_groups()) {
    Rows rows;
    for (const CLI::Option* option :
         app->get_options([&](const CLI::Option* o) { return o->get_group() == group; }))
      if (option->nonpositional()) rows.emplace_back(left_of(option), right_of(option));
    if (!group.empty()) out += table(group, rows);
  }
  if (!subcommands.empty()) out += fmt::format("\n'{} COMMAND --help' says more about each.\n", path);
  return out;
}

}  // namespace millrace::cli
