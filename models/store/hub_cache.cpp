#include "models/store/hub_cache.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/json_file.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "models--";

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_at(ErrorKind::io, folder.string(), "the folder cannot be made: {}", error.message());
}

// A link at `place` to `target`, put there in one step whatever was there before.
void put_link(const fs::path& target, const fs::path& place) {
  fs::path beside = place;
  beside += fmt::format(".link-{}", ::getpid());
  std::error_code error;
  fs::remove(beside, error);
  fs::create_symlink(target, beside, error);
  if (!error) fs::rename(beside, place, error);
  if (error) fail_at(ErrorKind::io, place.string(), "the link cannot be made: {}", error.message());
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

template <class Visit>
void for_each_below(const fs::path& folder, Visit&& visit) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    visit(it->path());
}

}  // namespace

bool is_hub_name(std::string_view name) {
  if (name.empty() || name.size() > 193 || std::count(name.begin(), name.end(), '/') > 1) return false;
  for (const char c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) &&
        std::string_view("/-_.").find(c) == std::string_view::npos)
      return false;
  if (name.find("--") != name.npos || name.find("..") != name.npos) return false;
  const size_t slash = name.find('/');
  const auto is_part = [](std::string_view part) {
    return !part.empty() && part.size() <= 96 &&
           std::string_view("-.").find(part.front()) == std::string_view::npos &&
           std::string_view("-.").find(part.back()) == std::string_view::npos;
  };
  return slash == name.npos ? is_part(name)
                            : is_part(name.substr(0, slash)) && is_part(name.substr(slash + 1));
}

std::string folder_name(std::string_view hub_name) {
  const size_t slash = hub_name.find('/');
  if (slash == hub_name.npos) return std::string(hub_name);
  return fmt::format("{}--{}", hub_name.substr(0, slash), hub_name.substr(slash + 1));
}

std::string hub_name(std::string_view folder_name) {
  const size_t dashes = folder_name.find("--");
  if (dashes == folder_name.npos) return std::string(folder_name);
  return fmt::format("{}/{}", folder_name.substr(0, dashes), folder_name.substr(dashes + 2));
}

fs::path HubCache::repository(std::string_view name) const {
  return root_ / fmt::format("{}{}", kPrefix, folder_name(name));
}

fs::path HubCache::blob(std::string_view name, std::string_view hash) const {
  return repository(name) / "blobs" / hash;
}

fs::path HubCache::lock(std::string_view name, std::string_view hash) const {
  return root_ / ".locks" / repository(name).filename() / fmt::format("{}.lock", hash);
}

fs::path HubCache::snapshot_of_commit(std::string_view name, std::string_view commit) const {
  return repository(name) / "snapshots" / commit;
}

std::optional<fs::path> HubCache::snapshot(std::string_view name, std::string_view revision) const {
  std::error_code none;
  std::string commit(revision);
  const fs::path ref = repository(name) / "refs" / revision;
  if (fs::is_regular_file(ref, none)) {
    commit = read_text(ref, ErrorKind::io, 4096);
    commit.erase(commit.find_last_not_of(" \r\n") + 1);
  }
  if (commit.empty() || commit.find('/') != commit.npos || commit.starts_with('.')) return std::nullopt;
  const fs::path folder = snapshot_of_commit(name, commit);
  return fs::is_directory(folder, none) ? std::optional(folder) : std::nullopt;
}

void HubCache::link(std::string_view name, std::string_view revision, std::string_view commit,
                    const std::vector<std::pair<std::string, std::string>>& blobs) const {
  const fs::path folder = snapshot_of_commit(name, commit);
  for (const auto& [path, hash] : blobs) {
    const fs::path place = folder / path;
    make_folder(place.parent_path());
    put_link(blob(name, hash).lexically_relative(place.parent_path()), place);
  }
  if (revision == commit) return;
  const fs::path ref = repository(name) / "refs" / revision;
  make_folder(ref.parent_path());
  AtomicFile file(ref);
  file.write(commit);
  file.commit();
}

std::vector<std::string> HubCache::names() const {
  std::vector<std::string> found;
  for (const fs::path& entry : entries_of(root_)) {
    const std::string folder = entry.filename().string();
    if (folder.starts_with(kPrefix))
      found.push_back(hub_name(std::string_view(folder).substr(kPrefix.size())));
  }
  return found;
}

std::vector<std::string> HubCache::commits(std::string_view name) const {
  std::vector<std::string> found;
  for (const fs::path& entry : entries_of(repository(name) / "snapshots"))
    found.push_back(entry.filename().string());
  return found;
}

std::vector<std::string> HubCache::refs_to(std::string_view name, std::string_view commit) const {
  std::vector<std::string> found;
  const fs::path refs = repository(name) / "refs";
  for_each_below(refs, [&](const fs::path& ref) {
    std::error_code none;
    if (fs::is_regular_file(ref, none) &&
        snapshot(name, ref.lexically_relative(refs).string()) == snapshot_of_commit(name, commit))
      found.push_back(ref.lexically_relative(refs).string());
  });
  return found;
}

uint64_t remove_folder(const fs::path& folder) {
  uint64_t bytes = 0;
  for_each_below(folder, [&](const fs::path& path) {
    std::error_code none;
    if (fs::is_regular_file(fs::symlink_status(path, none))) bytes += fs::file_size(path, none);
  });
  const fs::path hidden =
      folder.parent_path() / fmt::format(".removed-{}-{}", folder.filename().string(), ::getpid());
  std::error_code error;
  fs::rename(folder, hidden, error);
  if (!error) fs::remove_all(hidden, error);
  if (error) fail_at(ErrorKind::io, folder.string(), "cannot be removed: {}", error.message());
  return bytes;
}

uint64_t HubCache::remove(std::string_view name) const {
  std::error_code none;
  const uint64_t bytes = remove_folder(repository(name));
  fs::remove_all(root_ / ".locks" / repository(name).filename(), none);
  return bytes;
}

uint64_t HubCache::remove(std::string_view name, std::string_view commit) const {
  if (commits(name) == std::vector{std::string(commit)}) return remove(name);
  std::error_code none;
  for (const std::string& ref : refs_to(name, commit)) fs::remove(repository(name) / "refs" / ref, none);
  remove_folder(snapshot_of_commit(name, commit));
  std::set<fs::path>
      used;  // names of blobs; a blob may itself be a link to elsewhere, so links are followed one step
  for_each_below(repository(name) / "snapshots", [&](const fs::path& path) {
    if (fs::is_symlink(path)) used.insert(fs::read_symlink(path).filename());
  });
  uint64_t bytes = 0;
  for (const fs::path& blob : entries_of(repository(name) / "blobs")) {
    if (used.contains(blob.filename())) continue;
    const uint64_t size = fs::file_size(blob, none);
    if (fs::remove(blob, none)) bytes += size;
  }
  return bytes;
}

}  // namespace millrace
