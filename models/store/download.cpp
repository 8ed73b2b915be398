#include "models/store/download.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <thread>

#include "base/error.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

// The part of a file that is there so far, open for more.
class PartialFile {
 public:
  explicit PartialFile(const fs::path& path) : path_(path) {
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0) refuse();
    const off_t end = ::lseek(file_, 0, SEEK_END);
    if (end < 0) refuse();
    size_ = static_cast<uint64_t>(end);
  }
  ~PartialFile() { ::close(file_); }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  uint64_t size() const { return size_; }
  void clear() {
    if (::ftruncate(file_, 0) != 0 || ::lseek(file_, 0, SEEK_SET) < 0) refuse();
    size_ = 0;
  }
  void append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) refuse();
      bytes = bytes.subspan(static_cast<size_t>(written));
      size_ += static_cast<uint64_t>(written);
    }
  }
  void flush() {
    if (::fsync(file_) != 0) refuse();
  }

 private:
  [[noreturn]] void refuse() const {
    const int reason = errno;
    fail_at(ErrorKind::io, path_.string(), "cannot be written: {}{}", std::strerror(reason),
            reason == ENOSPC ? "; make room, then pull again: it carries on from here" : "");
  }
  fs::path path_;
  int file_ = -1;
  uint64_t size_ = 0;
};

std::optional<uint64_t> number_in(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() ? std::optional(value) : std::nullopt;
}

// Why the answer cannot be the bytes of the file from `offset` on (status 206) or from 0 on (200); "" if it
// can.
std::string objection(const HttpResult& answer, uint64_t offset, const Download& download) {
  if (answer.header("content-type").starts_with("text/html") && !download.name.ends_with(".html"))
    return "a web page came instead of the file; a proxy or a log-in page may stand between";
  if (answer.status == 206) {
    const std::string range = answer.header("content-range");
    const auto start =
        range.starts_with("bytes ") ? number_in(std::string_view(range).substr(6)) : std::nullopt;
    if (start != offset)
      return fmt::format("asked for the bytes from {} on, the server sent '{}'", offset, range);
  }
  const uint64_t expected = download.bytes - (answer.status == 206 ? offset : 0);
  const auto length = number_in(answer.header("content-length"));
  if (length && *length != expected)
    return fmt::format("the server has {} bytes where {} were announced", *length, expected);
  return {};
}

HttpResult attempt(const Download& download, const HttpClient& client,
                   const std::function<void(uint64_t)>& progress) {
  PartialFile file(download.file);
  const uint64_t offset = file.size();
  const HttpClient::Sink sink{
      .begin =
          [&](const HttpResult& answer) {
            std::string wrong = objection(answer, offset, download);
            if (wrong.empty() && answer.status != 206)
              file.clear();  // the range was ignored: all of it comes
            return wrong;
          },
      .bytes =
          [&](std::span<const std::byte> bytes) {
            if (bytes.size() > download.bytes - file.size())
              fail_at(ErrorKind::io, download.url, "'{}' is longer than the {} bytes announced",
                      download.name, download.bytes);
            file.append(bytes);
            progress(file.size());
          },
  };
  HttpResult result = client.download(download.url, offset, sink);
  file.flush();
  return result;
}

void pause(std::chrono::milliseconds time, const CancelToken* cancel) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    if (cancel != nullptr) cancel->check();
    std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(50)));
  }
}

std::chrono::milliseconds pause_before(int failures, const HttpResult& result, const StoreOptions& options) {
  constexpr std::chrono::seconds kLongest(30);
  const auto asked = number_in(result.header("retry-after"));
  const auto doubled = options.first_pause * (1 << std::min(failures - 1, 10));
  return std::min<std::chrono::milliseconds>(
      kLongest, std::max<std::chrono::milliseconds>(
                    doubled, std::chrono::seconds(std::min<uint64_t>(asked.value_or(0), 30))));
}

std::string advice(const HttpResult& result) {
  if (result.status == 401 || result.status == 403)
    return "; the model may ask for its terms to be accepted on its page, and for a token in HF_TOKEN";
  if (result.status == 404) return "; it is listed, but not there";
  return "; what came so far is kept: try again later, or set HF_ENDPOINT to another server";
}

uint64_t size_or_zero(const fs::path& file) {
  std::error_code none;
  const auto size = fs::file_size(file, none);
  return none ? 0 : size;
}

}  // namespace

void download_file(const Download& download, const StoreOptions& options, const CancelToken* cancel,
                   const std::function<void(uint64_t)>& progress) {
  const HttpClient client(options, cancel);
  int failures = 0;
  bool was_wrong = false;
  std::error_code none;
  for (;;) {
    if (cancel != nullptr) cancel->check();
    const uint64_t before = size_or_zero(download.file);
    if (before > download.bytes) fs::remove(download.file, none);
    if (before != download.bytes || !fs::exists(download.file, none)) {
      const HttpResult result = attempt(download, client, progress);
      const uint64_t after = size_or_zero(download.file);
      if (result.status == 416) fs::remove(download.file, none);  // what is there lies past the server's end
      if (after != download.bytes || !result.ok()) {
        const bool again = result.transient() || result.status == 416 || result.ok();
        failures = after > before ? 1 : failures + 1;
        if (!again || failures >= options.attempts) {
          if (after == 0) fs::remove(download.file, none);
          fail_at(ErrorKind::io, download.url, "'{}' cannot be downloaded: {}{}", download.name,
                  result.ok() ? "the server ended early" : result.reason(), advice(result));
        }
        pause(pause_before(failures, result, options), cancel);
        continue;
      }
    }
    progress(download.bytes);
    const std::string hex = hash_file(download.file, download.digest.kind, cancel);
    if (hex == download.digest.hex) return;
    fs::remove(download.file, none);
    if (was_wrong || before == 0)
      fail_at(ErrorKind::io, download.url, "'{}' came with the hash {} instead of {}; it was thrown away",
              download.name, hex, download.digest.hex);
    was_wrong = true;  // what an earlier attempt left may have been at fault: once more from the start
  }
}

}  // namespace millrace
