#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"

namespace millrace {

// What a file's bytes must hash to, in lower-case hexadecimal. Large files of the Hub are known by their
// SHA-256, small ones by the id git gives them: the SHA-1 of "blob SIZE", a zero byte and the content.
struct Digest {
  enum class Kind : uint8_t { sha256, git_blob };
  Kind kind = Kind::sha256;
  std::string hex;

  // The digest an ETag of the Hub stands for (64 or 40 hexadecimal digits); empty `hex` for anything else.
  static Digest from_etag(std::string_view etag);
};

class Hasher {
 public:
  Hasher(Digest::Kind kind, uint64_t content_bytes);
  ~Hasher();
  void add(std::span<const std::byte> bytes);
  std::string finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The digest of a file on the disk.
std::string hash_file(const std::filesystem::path& path, Digest::Kind kind,
                      const CancelToken* cancel = nullptr);

}  // namespace millrace
