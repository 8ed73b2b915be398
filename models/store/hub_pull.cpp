#include "models/store/hub_pull.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "models/store/download.h"
#include "models/store/file_lock.h"
#include "models/store/http_client.h"
#include "models/store/hub_cache.h"
#include "models/store/hub_listing.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

// A file of a repository with all that is needed to fetch it.
struct WantedFile {
  std::string path, url;
  uint64_t bytes = 0;
  Digest digest;
};

// Percent-encodes all but what may stand in a path.
std::string escaped(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) ||
                       std::string_view("/-_.~").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

[[noreturn]] void refuse_listing(const HttpResult& answer, const std::string& url, const std::string& name,
                                 const StoreOptions& options) {
  const std::string page = fmt::format("{}/{}", options.endpoint, name), code = answer.header("x-error-code");
  if (!answer.failure.empty() && answer.refused) fail_at(ErrorKind::io, url, "{}", answer.failure);
  if (!answer.failure.empty())
    fail_at(ErrorKind::io, url,
            "the Hub cannot be reached ({}); check the network, or set HF_ENDPOINT to a server that can be",
            answer.failure);
  if (code == "RevisionNotFound")
    fail_at(ErrorKind::model, url, "'{}' has no branch, tag or commit '{}'", name, options.revision);
  if (code == "GatedRepo" || answer.status == 403)
    fail_at(ErrorKind::model, url,
            "'{}' may not be read (HTTP status {}): accept its terms at {}, then set HF_TOKEN", name,
            answer.status, page);
  if (answer.status == 401)
    fail_at(ErrorKind::model, url,
            "there is no model '{}' to be read (HTTP status 401): check its name; one that is private or has "
            "terms to accept ({}) "
            "needs a token in HF_TOKEN{}",
            name, page, options.token.empty() ? "" : ", and the token given does not do");
  if (answer.status == 404)
    fail_at(ErrorKind::model, url, "there is no model '{}' (HTTP status 404): check its name", name);
  fail_at(ErrorKind::io, url, "the list of files did not come: {}; try again later", answer.reason());
}

HubListing fetch_listing(const std::string& name, const StoreOptions& options, const HttpClient& client) {
  const std::string url = fmt::format("{}/api/models/{}/revision/{}?blobs=true", options.endpoint,
                                      escaped(name), escaped(options.revision));
  const HttpResult answer = client.get(url, limits::kConfigBytes);
  if (!answer.ok()) refuse_listing(answer, url, name, options);
  return parse_hub_listing(answer.body, url);
}

// The size and digest of a file that the listing tells nothing of are asked for, as huggingface_hub does.
void ask_for_missing(WantedFile& wanted, const HubFile& file, const HttpClient& client) {
  wanted.digest = file.digest;
  wanted.bytes = file.bytes.value_or(0);
  if (file.bytes && !file.digest.hex.empty()) return;
  const HttpResult answer = client.head(wanted.url);
  if (!answer.ok())
    fail_at(ErrorKind::io, wanted.url, "'{}' cannot be asked for: {}", wanted.path, answer.reason());
  const auto first_of = [&](const char* linked, const char* own) {
    const std::string value = answer.header(linked);
    return value.empty() ? answer.header(own) : value;
  };
  wanted.digest = Digest::from_etag(first_of("x-linked-etag", "etag"));
  const std::string size = first_of("x-linked-size", "content-length");
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), wanted.bytes);
  if (wanted.digest.hex.empty() || error != std::errc() || size.empty())
    fail_at(ErrorKind::io, wanted.url,
            "the server gives no length and hash (ETag) to check '{}' by; is HF_ENDPOINT a server of the "
            "Hub's kind?",
            wanted.path);
}

std::vector<WantedFile> want(const HubListing& listing, const std::string& name, const StoreOptions& options,
                             const HttpClient& client) {
  std::vector<WantedFile> wanted;
  for (const HubFile& file : choose_files(listing, name)) {
    WantedFile one{file.path,
                   fmt::format("{}/{}/resolve/{}/{}", options.endpoint, escaped(name), listing.commit,
                               escaped(file.path)),
                   0,
                   {}};
    ask_for_missing(one, file, client);
    wanted.push_back(std::move(one));
  }
  return wanted;
}

bool has_blob(const fs::path& blob, uint64_t bytes) {
  std::error_code error;
  return fs::file_size(blob, error) == bytes && !error;
}

void check_space(const fs::path& folder, uint64_t bytes) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_at(ErrorKind::io, folder.string(), "the folder cannot be made: {}", error.message());
  const auto space = fs::space(folder, error);
  if (!error && space.available < bytes)
    fail_at(ErrorKind::io, folder.string(),
            "the disk has {} MB free, the download needs {} MB; set HF_HUB_CACHE to a larger one",
            space.available >> 20, (bytes >> 20) + 1);
}

}  // namespace

fs::path pull_from_hub(const std::string& name, const StoreOptions& options, const PullOptions& pull) {
  const HttpClient client(options, pull.cancel);
  const HubCache cache(options.hub_cache);
  const HubListing listing = fetch_listing(name, options, client);
  const std::vector<WantedFile> files = want(listing, name, options, client);

  PullProgress progress;
  uint64_t missing = 0;
  for (const WantedFile& file : files) {
    progress.total += file.bytes;
    if (!has_blob(cache.blob(name, file.digest.hex), file.bytes)) missing += file.bytes;
  }
  check_space(cache.repository(name) / "blobs", missing);

  std::vector<std::pair<std::string, std::string>> blobs;
  uint64_t done = 0;
  for (const WantedFile& file : files) {
    const fs::path blob = cache.blob(name, file.digest.hex);
    const auto report = [&](uint64_t bytes) {
      progress.file = file.path;
      progress.bytes = done + bytes;
      if (pull.progress) pull.progress(progress);
    };
    if (!has_blob(blob, file.bytes)) {
      const FileLock lock(cache.lock(name, file.digest.hex), pull.cancel);
      if (!has_blob(blob, file.bytes)) {  // nobody else brought it meanwhile
        const fs::path incomplete = blob.string() + ".incomplete";
        download_file({file.url, file.path, incomplete, file.bytes, file.digest}, options, pull.cancel,
                      report);
        std::error_code error;
        fs::rename(incomplete, blob, error);
        if (error) fail_at(ErrorKind::io, blob.string(), "cannot be put in place: {}", error.message());
      }
    }
    report(file.bytes);
    done += file.bytes;
    blobs.emplace_back(file.path, file.digest.hex);
  }
  cache.link(name, options.revision, listing.commit, blobs);
  return cache.snapshot_of_commit(name, listing.commit);
}

}  // namespace millrace
