#pragma once
#include <atomic>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/json_file.h"
#include "models/store/digest.h"
#include "models/store/hub_pull.h"
#include "tests/http_server.h"
#include "tests/temporary_folder.h"

namespace millrace {

inline std::string digest_of(const std::string& bytes, Digest::Kind kind) {
  Hasher hasher(kind, bytes.size());
  hasher.add(std::as_bytes(std::span(bytes)));
  return hasher.finish();
}

// A server that speaks as the Hub does, with one model "org/model", and a cache to pull it into. `misbehave`
// may answer in its place.
class FakeHub {
 public:
  using Request = HttpServer::Request;
  using Answer = HttpServer::Answer;
  static constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

  FakeHub() : server([this](const Request& request) { return answer(request); }) {
    options.hub_cache = folder.path() / "hub";
    options.own_cache = folder.path() / "own";
    options.endpoint = server.url();
    options.connect_timeout = std::chrono::milliseconds(1000);
    options.stall_timeout = std::chrono::milliseconds(500);
    options.attempts = 3;
    options.first_pause = std::chrono::milliseconds(1);
  }

  // What the file is called in the cache: its SHA-256 where it is large (here: weights), else git's id.
  static std::string hash_of(const std::string& path, const std::string& bytes) {
    return digest_of(bytes, is_large(path) ? Digest::Kind::sha256 : Digest::Kind::git_blob);
  }
  std::filesystem::path blob(const std::string& path) const {
    return options.hub_cache / "models--org--model" / "blobs" / hash_of(path, files.at(path));
  }
  std::filesystem::path snapshot() const {
    return options.hub_cache / "models--org--model" / "snapshots" / kCommit;
  }
  std::filesystem::path pull() const { return pull_from_hub("org/model", options, {}); }

  // The message of the error of this kind that pulling ends with.
  std::string error(ErrorKind kind) const {
    try {
      pull();
    } catch (const Error& error) {
      EXPECT_EQ(name_of(error.kind()), name_of(kind)) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "pulling went well";
    return {};
  }

  // The cache holds no snapshot, no ref, and no blob under its final name.
  void expect_nothing_looks_whole() const {
    const auto repository = options.hub_cache / "models--org--model";
    EXPECT_FALSE(std::filesystem::exists(repository / "snapshots"));
    EXPECT_FALSE(std::filesystem::exists(repository / "refs"));
    EXPECT_FALSE(std::filesystem::exists(blob("model.safetensors")));
  }

  std::map<std::string, std::string> files = {
      {"config.json", "{}"},           {"model.safetensors", std::string(100'000, 'w')},
      {"tokenizer.json", "{\"a\":1}"}, {"README.md", "---\nlicense: mit\n---\n"},
      {"pytorch_model.bin", "pickle"}, {"onnx/model.onnx", "onnx"},
      {".gitattributes", "x"},
  };
  bool lists_hashes = true;
  std::function<std::optional<Answer>(const Request&)> misbehave;
  TemporaryFolder folder;
  StoreOptions options;
  HttpServer server;

 private:
  static bool is_large(const std::string& path) {
    return path.ends_with(".safetensors") || path.ends_with(".bin");
  }

  Answer answer(const Request& request) {
    if (misbehave)
      if (auto given = misbehave(request)) return *given;
    if (request.path == "/api/models/org/model/revision/main") return listing();
    const std::string prefix = std::string("/org/model/resolve/") + kCommit + "/";
    if (!request.path.starts_with(prefix)) return {.status = 404};
    const auto file = files.find(request.path.substr(prefix.size()));
    if (file == files.end()) return {.status = 404};
    return file_answer(request, file->first, file->second);
  }

  Answer listing() const {
    auto siblings = nlohmann::json::array();
    for (const auto& [path, bytes] : files) {
      nlohmann::json one = {{"rfilename", path}};
      if (lists_hashes && is_large(path))
        one["lfs"] = {{"sha256", hash_of(path, bytes)}, {"size", bytes.size()}};
      else if (lists_hashes)
        one.update({{"blobId", hash_of(path, bytes)}, {"size", bytes.size()}});
      siblings.push_back(one);
    }
    return {.headers = {{"Content-Type", "application/json"}},
            .body = nlohmann::json{{"id", "org/model"}, {"sha", kCommit}, {"siblings", siblings}}.dump()};
  }

  static Answer file_answer(const Request& request, const std::string& path, const std::string& bytes) {
    Answer answer{.headers = {{"ETag", "\"" + hash_of(path, bytes) + "\""}}, .body = bytes};
    const std::string range = request.header("range");
    if (range.empty()) return answer;
    size_t start = 0;
    std::from_chars(range.data() + 6, range.data() + range.size(), start);
    if (start >= bytes.size()) return {.status = 416};
    answer.status = 206;
    answer.body = bytes.substr(start);
    answer.headers.emplace_back("Content-Range", "bytes " + std::to_string(start) + "-" +
                                                     std::to_string(bytes.size() - 1) + "/" +
                                                     std::to_string(bytes.size()));
    return answer;
  }
};

}  // namespace millrace
