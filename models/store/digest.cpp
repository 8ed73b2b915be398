#include "models/store/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/mapped_file.h"

namespace millrace {

Digest Digest::from_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  const bool hexadecimal = etag.find_first_not_of("0123456789abcdef") == etag.npos;
  if (hexadecimal && etag.size() == 64) return {Kind::sha256, std::string(etag)};
  if (hexadecimal && etag.size() == 40) return {Kind::git_blob, std::string(etag)};
  return {};
}

struct Hasher::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Hasher::Hasher(Digest::Kind kind, uint64_t content_bytes) : state_(std::make_unique<State>()) {
  const EVP_MD* algorithm = kind == Digest::Kind::sha256 ? EVP_sha256() : EVP_sha1();
  if (state_->context == nullptr || EVP_DigestInit_ex(state_->context.get(), algorithm, nullptr) != 1)
    fail(ErrorKind::internal, "OpenSSL offers no SHA");
  if (kind != Digest::Kind::git_blob) return;
  const std::string head = fmt::format("blob {}", content_bytes);
  add(std::as_bytes(std::span(head.c_str(), head.size() + 1)));
}

Hasher::~Hasher() = default;

void Hasher::add(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

std::string Hasher::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string hash_file(const std::filesystem::path& path, Digest::Kind kind, const CancelToken* cancel) {
  constexpr size_t kStep = 4 << 20;
  const auto file = MappedFile::open(path);
  const auto bytes = file->bytes();
  Hasher hasher(kind, bytes.size());
  for (size_t at = 0; at < bytes.size(); at += kStep) {
    if (cancel != nullptr) cancel->check();
    hasher.add(bytes.subspan(at, std::min(kStep, bytes.size() - at)));
  }
  return hasher.finish();
}

}  // namespace millrace
