#include "base/json_file.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/limits.h"
#include "base/mapped_file.h"

namespace millrace {
namespace {

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …": only the last part is
// news.
std::string plain(std::string_view message) {
  const size_t colon = message.find(": ");
  return std::string(colon == std::string_view::npos ? message : message.substr(colon + 2));
}

}  // namespace

std::string place_in_text(std::string_view text, size_t byte, const std::string& name) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("{}:{}:{}", name, line, before.size() - start + 1);
}

nlohmann::json parse_json(std::string_view text, const std::string& name, ErrorKind kind) {
  using json = nlohmann::json;
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > limits::kDepth) fail_at(kind, name, "is nested more than {} deep", limits::kDepth);
    if (event == json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      fail_at(kind, name, "has the key '{}' twice in one object", value.get<std::string>());
    }
    return true;
  };
  try {
    return json::parse(text, watch);
  } catch (const json::parse_error& error) {
    const size_t byte = error.byte == 0 ? 0 : error.byte - 1;
    fail_at(kind, place_in_text(text, byte, name), "is not valid JSON: {}", plain(error.what()));
  } catch (const json::exception& error) {
    fail_at(kind, name, "is not valid JSON: {}", plain(error.what()));
  }
}

std::string read_text(const std::filesystem::path& path, ErrorKind kind, size_t most_bytes) {
  const auto file = MappedFile::open(path);
  const auto bytes = file->bytes();
  if (bytes.size() > most_bytes)
    fail_at(kind, path.string(), "is {} bytes long; at most {} are read", bytes.size(), most_bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

nlohmann::json read_json(const std::filesystem::path& path, ErrorKind kind, size_t most_bytes) {
  return parse_json(read_text(path, kind, most_bytes), path.string(), kind);
}

}  // namespace millrace
