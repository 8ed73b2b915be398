#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace millrace {

// Where keys of a document's objects are, "name:line:column", by their dotted path: "rope.theta".
using KeyPlaces = std::map<std::string, std::string, std::less<>>;

// The document in `text`. Bad syntax, nesting beyond limits::kDepth or a duplicate key is Error(kind) at
// "name:line:column". `places` gets those of the keys outside arrays.
nlohmann::json parse_json(std::string_view text, const std::string& name, ErrorKind kind,
                          KeyPlaces* places = nullptr);

// The same with the keys in their order.
nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& name, ErrorKind kind);

// The document in the file at `path`, of at most `most_bytes`. A file that cannot be read is Error(io).
nlohmann::json read_json(const std::filesystem::path& path, ErrorKind kind, size_t most_bytes,
                         KeyPlaces* places = nullptr);

// "name:line:column" of a byte of `text`.
std::string place_in_text(std::string_view text, size_t byte, const std::string& name);

// The file's bytes as text, at most `most_bytes`.
std::string read_text(const std::filesystem::path& path, ErrorKind kind, size_t most_bytes);

}  // namespace millrace
