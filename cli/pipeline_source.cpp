#include "cli/pipeline_source.h"

#include <fmt/ranges.h>

#include <filesystem>

#include "base/embedded.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/suggest.h"
#include "graph/check/check.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kFolder = "pipelines/", kEnding = ".yaml";

std::shared_ptr<const SourceText> shipped(const std::string& name) {
  const std::string file = fmt::format("{}{}{}", kFolder, name, kEnding);
  const auto text = embedded_file(file);
  return text ? std::make_shared<SourceText>(SourceText{file, std::string(*text)}) : nullptr;
}

std::shared_ptr<const SourceText> file(const std::filesystem::path& path) {
  return std::make_shared<SourceText>(
      SourceText{path.string(), read_text(path, ErrorKind::pipeline, limits::kPipelineBytes)});
}

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;  // too long a name, for one
  return std::filesystem::is_regular_file(path, ignored);
}

bool looks_like_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(kEnding);
}

}  // namespace

std::vector<std::string> shipped_pipelines() {
  std::vector<std::string> names;
  for (std::string_view name : embedded_files(kFolder)) {
    name.remove_prefix(kFolder.size());
    if (name.ends_with(kEnding)) names.emplace_back(name.substr(0, name.size() - kEnding.size()));
  }
  return names;
}

std::shared_ptr<const SourceText> pipeline_text(const std::string& name_or_path) {
  if (is_file(name_or_path) || looks_like_path(name_or_path)) return file(name_or_path);
  if (auto text = shipped(name_or_path)) return text;
  fail(ErrorKind::pipeline, "there is no pipeline '{}'{}; give a file, or one of: {}", name_or_path,
       did_you_mean(name_or_path, shipped_pipelines()), fmt::join(shipped_pipelines(), ", "));
}

std::map<std::string, std::string> parse_settings(const std::vector<std::string>& words) {
  std::map<std::string, std::string> values;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      fail(ErrorKind::usage, "--set takes NAME=VALUE or NODE.SETTING=VALUE, not '{}'", word);
    if (!values.emplace(word.substr(0, equals), word.substr(equals + 1)).second)
      fail(ErrorKind::usage, "--set gives '{}' twice", word.substr(0, equals));
  }
  return values;
}

CheckedPipeline checked_pipeline(const std::string& name_or_path, const Registry& registry,
                                 std::map<std::string, std::string> values, bool need_values,
                                 std::vector<std::string> outputs) {
  const auto source = pipeline_text(name_or_path);
  const auto folder = std::filesystem::path(source->name).parent_path();
  PipelineLibrary library;
  library.names = shipped_pipelines();
  library.find = [folder](const std::string& name) -> std::shared_ptr<const SourceText> {
    const auto beside = folder / (name + std::string(kEnding));
    return is_file(beside) ? file(beside) : shipped(name);
  };
  auto checked = check_pipeline(
      source, registry, library,
      {.values = std::move(values), .need_values = need_values, .outputs = std::move(outputs)});
  if (!checked.warnings.empty()) log::warning("{}", checked.warnings);
  return checked;
}

}  // namespace millrace::cli
