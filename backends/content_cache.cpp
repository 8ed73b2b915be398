#include "backends/content_cache.h"

#include "models/store/digest.h"

namespace millrace {

std::string content_key(std::span<const std::byte> bytes) {
  Hasher hasher(Digest::Kind::sha256, bytes.size());
  hasher.add(bytes);
  return hasher.finish();
}

}  // namespace millrace
