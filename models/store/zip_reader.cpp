#include "models/store/zip_reader.h"

#include <zip.h>

#include <vector>

#include "base/error.h"

namespace millrace {

struct ZipReader::Archive {
  std::unique_ptr<zip_t, decltype(&zip_discard)> zip{nullptr, zip_discard};
};

ZipReader::ZipReader(std::filesystem::path path)
    : path_(std::move(path)), archive_(std::make_unique<Archive>()) {
  int code = 0;
  archive_->zip.reset(zip_open(path_.c_str(), ZIP_RDONLY, &code));
  if (archive_->zip != nullptr) return;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  fail_at(ErrorKind::io, path_.string(), "cannot be read as a zip archive: {}", reason);
}

ZipReader::~ZipReader() = default;

void ZipReader::read(const std::string& member, uint64_t most_bytes,
                     const std::function<void(std::span<const std::byte>)>& sink) const {
  zip_t* zip = archive_->zip.get();
  const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(zip_fopen(zip, member.c_str(), 0),
                                                                zip_fclose);
  if (file == nullptr)
    fail_at(ErrorKind::io, path_.string(), "'{}' in it cannot be read: {}", member, zip_strerror(zip));
  std::vector<std::byte> buffer(1 << 20);
  uint64_t total = 0;
  for (;;) {
    const zip_int64_t size = zip_fread(file.get(), buffer.data(), buffer.size());
    if (size < 0)
      fail_at(ErrorKind::io, path_.string(), "'{}' in it is damaged: {}", member,
              zip_file_strerror(file.get()));
    if (size == 0) return;
    total += static_cast<uint64_t>(size);
    if (total > most_bytes)
      fail_at(ErrorKind::io, path_.string(), "'{}' in it is longer than {} bytes", member, most_bytes);
    sink(std::span(buffer).first(static_cast<size_t>(size)));
  }
}

}  // namespace millrace
