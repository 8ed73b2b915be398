#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

// "name" or "owner/name" in the letters the Hub allows.
bool is_hub_name(std::string_view name);

// "org/name" <-> "org--name", as both caches name their folders.
std::string folder_name(std::string_view hub_name);
std::string hub_name(std::string_view folder_name);

// The cache that Hugging Face's libraries share, with their layout:
//   models--ORG--NAME/blobs/HASH                  the files
//   models--ORG--NAME/snapshots/COMMIT/PATH       links to blobs: a repository as it was at a commit
//   models--ORG--NAME/refs/BRANCH                 the commit that a branch or tag is at
//   .locks/models--ORG--NAME/HASH.lock            held while a blob is fetched
class HubCache {
 public:
  explicit HubCache(std::filesystem::path root) : root_(std::move(root)) {}

  std::filesystem::path repository(std::string_view name) const;
  std::filesystem::path blob(std::string_view name, std::string_view hash) const;
  std::filesystem::path lock(std::string_view name, std::string_view hash) const;
  std::filesystem::path snapshot_of_commit(std::string_view name, std::string_view commit) const;
  // The folder of a branch, tag or commit, if it is there; whole or not.
  std::optional<std::filesystem::path> snapshot(std::string_view name, std::string_view revision) const;

  // Makes the blobs (path in the repository, hash) a snapshot, and `revision` point to it.
  void link(std::string_view name, std::string_view revision, std::string_view commit,
            const std::vector<std::pair<std::string, std::string>>& blobs) const;

  std::vector<std::string> names() const;                         // sorted
  std::vector<std::string> commits(std::string_view name) const;  // of the snapshots there are
  std::vector<std::string> refs_to(std::string_view name, std::string_view commit) const;

  // Removes a repository, all of it; gives the bytes that came free.
  uint64_t remove(std::string_view name) const;
  // Removes one commit's snapshot, the refs to it and the blobs that no other snapshot links to.
  uint64_t remove(std::string_view name, std::string_view commit) const;

 private:
  std::filesystem::path root_;
};

// Removes a folder: first out of sight under another name, so that what is left when it fails is not taken
// for whole. Gives the bytes of its files.
uint64_t remove_folder(const std::filesystem::path& folder);

}  // namespace millrace
