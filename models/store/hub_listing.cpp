#include "models/store/hub_listing.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"

namespace millrace {
namespace {

using nlohmann::json;

// A path below its folder: no empty, "." or ".." part, nothing a file system might read otherwise.
bool is_safe(std::string_view path) {
  if (path.empty() || path.size() > limits::kNameBytes) return false;
  for (const char c : path)
    if (c == '\\' || static_cast<unsigned char>(c) < 32) return false;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
    begin = end + 1;
  }
  return true;
}

bool is_commit(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::optional<uint64_t> size_in(const json& object) {
  const auto found = object.find("size");
  return found != object.end() && found->is_number_unsigned() ? std::optional(found->get<uint64_t>())
                                                              : std::nullopt;
}

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

HubFile parse_file(const json& sibling, const std::string& url) {
  HubFile file;
  if (sibling.is_object()) file.path = text_in(sibling, "rfilename");
  if (!is_safe(file.path))
    fail_at(ErrorKind::io, url,
            "the list of files holds {}, which is no file's name in a folder; nothing was downloaded",
            sibling.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 300));
  file.bytes = size_in(sibling);
  const auto lfs = sibling.find("lfs");
  if (lfs != sibling.end() && lfs->is_object()) {
    file.digest =
        Digest::from_etag(text_in(*lfs, "sha256").empty() ? text_in(*lfs, "oid") : text_in(*lfs, "sha256"));
    if (const auto bytes = size_in(*lfs)) file.bytes = bytes;
  } else {
    file.digest = Digest::from_etag(text_in(sibling, "blobId"));
  }
  return file;
}

bool is_wanted_beside_weights(std::string_view path) {
  constexpr std::array kNames = {"merges.txt",  "vocab.txt",  "README.md",           "LICENSE",
                                 "LICENSE.txt", "LICENSE.md", "chat_template.jinja", "tokenizer.model"};
  if (path.starts_with("additional_chat_templates/")) return path.ends_with(".jinja");
  if (path.find('/') != path.npos) return false;
  if (std::find(kNames.begin(), kNames.end(), path) != kNames.end()) return true;
  // config.json, generation_config.json, tokenizer.json, preprocessor_config.json, vocab.json,
  // chat_template.json, …
  if (path.ends_with(".json")) return !path.ends_with(".index.json");
  return path.starts_with("vocabulary.") || path.ends_with(".tiktoken") || path.ends_with(".model");
}

}  // namespace

HubListing parse_hub_listing(std::string_view text, const std::string& url) {
  json document;
  try {
    document = parse_json(text, "the list of files", ErrorKind::io);
  } catch (const Error& error) {
    fail_at(ErrorKind::io, url,
            "what came is no list of files ({}); a proxy or a log-in page may stand between", error.what());
  }
  HubListing listing;
  const auto siblings = document.is_object() ? document.find("siblings") : document.end();
  if (document.is_object()) listing.commit = text_in(document, "sha");
  if (!is_commit(listing.commit) || siblings == document.end() || !siblings->is_array())
    fail_at(ErrorKind::io, url, "what came is no list of a model's files; is HF_ENDPOINT right?");
  for (const json& sibling : *siblings) listing.files.push_back(parse_file(sibling, url));
  return listing;
}

std::vector<HubFile> choose_files(const HubListing& listing, const std::string& name) {
  const auto has = [&](std::string_view path) {
    return std::any_of(listing.files.begin(), listing.files.end(),
                       [&](const HubFile& file) { return file.path == path; });
  };
  constexpr std::string_view kIndex = "model.safetensors.index.json";
  const bool whole = has("model.safetensors"), sharded = !whole && has(kIndex),
             ctranslate2 = !whole && !sharded && has("model.bin"),
             pytorch = !whole && !sharded && !ctranslate2 && has("pytorch_model.bin");
  const auto is_weights = [&](std::string_view path) {
    if (whole) return path == "model.safetensors";
    if (sharded)
      return path == kIndex ||
             (path.starts_with("model-") && path.ends_with(".safetensors") && path.find('/') == path.npos);
    return (ctranslate2 && path == "model.bin") || (pytorch && path == "pytorch_model.bin");
  };
  std::vector<HubFile> chosen;
  for (const HubFile& file : listing.files)
    if (is_weights(file.path) || is_wanted_beside_weights(file.path)) chosen.push_back(file);
  if (!whole && !sharded && !ctranslate2 && !pytorch)
    fail_at(ErrorKind::model, name,
            "has no weights that can be read here: neither model.safetensors nor CTranslate2's model.bin nor "
            "pytorch_model.bin");
  return chosen;
}

}  // namespace millrace
