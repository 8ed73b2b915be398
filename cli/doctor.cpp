#include "cli/doctor.h"

#include <curl/curl.h>
#include <fmt/ranges.h>
#include <oneapi/tbb/info.h>
#include <sndfile.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "cli/shared_options.h"
#include "kernels/dispatch.h"

namespace millrace::cli {
namespace {

struct Finding {
  std::string what, found;
  std::string advice;  // empty: nothing to do
};

// The value after "key :" in a file of such lines, such as those of /proc.
std::optional<std::string> value_in(const char* path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const size_t start = line.find_first_not_of(" \t", line.find(':') + 1);
    return start == std::string::npos ? std::string() : line.substr(start);
  }
  return std::nullopt;
}

// The first line that a fixed command prints, or nothing when it fails.
std::optional<std::string> first_line_of(const char* command) {
  std::FILE* pipe = popen(command, "r");
  if (pipe == nullptr) return std::nullopt;
  std::array<char, 256> line{};
  const bool any = std::fgets(line.data(), line.size(), pipe) != nullptr;
  if (pclose(pipe) != 0 || !any) return std::nullopt;
  std::string text(line.data());
  return text.substr(0, text.find('\n'));
}

Finding processor() {
  const auto name = value_in("/proc/cpuinfo", "model name");
  return {"processor", name.value_or("unknown"), {}};
}

Finding instruction_sets() {
  const auto available = kernels::available_isas();
  Finding finding{
      "kernels", fmt::format("{} (of {})", kernels::active_isa(), fmt::join(available, ", ")), {}};
  if (available.size() == 1)
    finding.advice = "this CPU has no vector instructions that Millrace knows: expect a tenth of the speed";
  else if (kernels::active_isa() != available.back())
    finding.advice = "MILLRACE_ISA holds it back; unset it for full speed";
  return finding;
}

Finding threads() {
  const int usable = tbb::info::default_concurrency();
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  Finding finding{"threads", fmt::format("{} usable of {}", usable, online), {}};
  if (usable < online) finding.advice = "the process may not use all of them (taskset or a container limit)";
  return finding;
}

Finding memory() {
  const auto gigabytes = [](std::string_view key) {
    return std::strtod(value_in("/proc/meminfo", key).value_or("0").c_str(), nullptr) / (1 << 20);
  };
  const double available = gigabytes("MemAvailable");
  Finding finding{"memory", fmt::format("{:.1f} GB free of {:.1f} GB", available, gigabytes("MemTotal")), {}};
  if (available < 1) finding.advice = "Whisper base needs about 0.5 GB, large about 4 GB with --weights int8";
  return finding;
}

size_t discard(char*, size_t size, size_t count, void*) { return size * count; }

Finding hub() {
  const char* endpoint = std::getenv("HF_ENDPOINT");
  const std::string url = (endpoint != nullptr && *endpoint != '\0') ? endpoint : "https://huggingface.co";
  const char* offline = std::getenv("HF_HUB_OFFLINE");
  if (offline != nullptr && std::string_view(offline) != "0" && *offline != '\0')
    return {"model hub", "not asked: HF_HUB_OFFLINE is set", "only cached models are used"};
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &discard);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_OK) return {"model hub", url + " answers", {}};
  return {"model hub", fmt::format("{} cannot be reached ({})", url, curl_easy_strerror(code)),
          "cached models work; 'millrace models list' says which models a mirror serves"};
}

Finding program(const char* what, const char* command, const char* advice) {
  const auto version = first_line_of(command);
  return {what, version.value_or("not found"), version ? "" : advice};
}

std::vector<Finding> examine() {
  return {processor(),
          instruction_sets(),
          threads(),
          memory(),
          hub(),
          {"sound files", sf_version_string(), {}},
          program("pictures", "dot -V 2>&1", "'millrace graph' writes DOT only; apt-get install graphviz"),
          program("pip", "python3 -m pip --version 2>/dev/null",
                  "models cannot come from the mirror; apt-get install python3-pip")};
}

}  // namespace

Subcommand add_doctor_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "doctor", "tells what this machine has and what to do about what it lacks",
                     "millrace doctor\nmillrace doctor --format json");
  auto format = std::make_shared<std::string>("text");
  add_format_option(*app, *format, {"text", "json"});
  return {app, [format](Console& console) {
            nlohmann::ordered_json json;
            for (const Finding& finding : examine()) {
              json[finding.what] = {{"found", finding.found}, {"advice", finding.advice}};
              if (*format == "json") continue;
              console.out.line(fmt::format("{:<12} {}", finding.what, finding.found));
              if (!finding.advice.empty()) console.out.line(fmt::format("{:<12} -> {}", "", finding.advice));
            }
            if (*format == "json") console.out.line(json.dump());
            return 0;
          }};
}

}  // namespace millrace::cli
