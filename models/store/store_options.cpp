#include "models/store/store_options.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <system_error>

#include "base/error.h"
#include "base/json_file.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr size_t kTokenBytes = 4096;

// Unset and empty are the same.
std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string first_of(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (std::string value = variable(name); !value.empty()) return value;
  return {};
}

fs::path expanded(const std::string& path) {
  if (path.starts_with("~/")) return fs::path(variable("HOME")) / path.substr(2);
  return path;
}

bool is_true(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::toupper(c); });
  return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n"), end = text.find_last_not_of(" \t\r\n");
  return begin == text.npos ? "" : text.substr(begin, end - begin + 1);
}

std::string token_in(const fs::path& file) {
  std::error_code none;
  if (!fs::is_regular_file(file, none)) return {};
  try {
    return trimmed(read_text(file, ErrorKind::io, kTokenBytes));
  } catch (const Error&) {
    return {};  // a token that cannot be read is as good as none; the server says whether one is needed
  }
}

}  // namespace

StoreOptions StoreOptions::from_environment() {
  StoreOptions options;
  const std::string xdg = variable("XDG_CACHE_HOME");
  const fs::path caches = expanded(xdg.empty() ? "~/.cache" : xdg);
  const std::string home = variable("HF_HOME");
  const fs::path hub_home = home.empty() ? caches / "huggingface" : expanded(home);
  const std::string hub = first_of({"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"});
  options.hub_cache = hub.empty() ? hub_home / "hub" : expanded(hub);
  const std::string own = variable("MILLRACE_CACHE");
  options.own_cache = own.empty() ? caches / "millrace" : expanded(own);
  if (std::string endpoint = variable("HF_ENDPOINT"); !endpoint.empty()) {
    while (endpoint.ends_with('/')) endpoint.pop_back();
    options.endpoint = endpoint;
  }
  options.token = trimmed(first_of({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}));
  if (options.token.empty()) {
    const std::string path = variable("HF_TOKEN_PATH");
    options.token = token_in(path.empty() ? hub_home / "token" : expanded(path));
  }
  options.offline = is_true(first_of({"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}));
  return options;
}

}  // namespace millrace
