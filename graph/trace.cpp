#include "graph/trace.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace millrace {
namespace {

constexpr size_t kBufferBytes = 64 << 10;
constexpr auto kWriteInterval = std::chrono::milliseconds(250);
constexpr size_t kMostParts = 16;  // of a batch, listed in its slice

uint64_t thread_number() {
  static std::atomic<uint64_t> next{0};
  thread_local const uint64_t number = next++;
  return number;
}

std::string quote(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

TraceWriter::TraceWriter(const std::filesystem::path& path)
    : path_(path), start_(Clock::now()), written_(start_) {
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file_ < 0) fail_at(ErrorKind::io, path.string(), "cannot write the trace: {}", std::strerror(errno));
  add(R"({"ph":"M","pid":1,"name":"process_name","args":{"name":"millrace"}})");
  flush();
}

TraceWriter::~TraceWriter() {
  {
    const std::lock_guard lock(mutex_);
    write_out();
  }
  ::close(file_);
}

int64_t TraceWriter::micros(Clock::time_point time) const {
  return std::chrono::duration_cast<std::chrono::microseconds>(time - start_).count();
}

int TraceWriter::track() {
  const auto [entry, fresh] = tracks_.try_emplace(thread_number(), static_cast<int>(tracks_.size()) + 1);
  if (fresh)
    add(fmt::format(R"({{"ph":"M","pid":1,"tid":{0},"name":"thread_name","args":{{"name":"thread {0}"}}}})",
                    entry->second));
  return entry->second;
}

void TraceWriter::name_thread(std::string_view name) {
  const std::lock_guard lock(mutex_);
  add(fmt::format(R"({{"ph":"M","pid":1,"tid":{},"name":"thread_name","args":{{"name":{}}}}})", track(),
                  quote(name)));
}

void TraceWriter::slice(const Slice& slice) {
  const std::lock_guard lock(mutex_);
  const int tid = track();
  const int64_t begin = micros(slice.begin), end = micros(slice.end);
  std::string items, sequences;
  for (size_t i = 0; i < slice.parts.size() && i < kMostParts; ++i) {
    items += fmt::format("{}{}", i ? "," : "", slice.parts[i].first);
    sequences += fmt::format("{}{}", i ? "," : "", slice.parts[i].second);
  }
  add(fmt::format(
      R"({{"ph":"X","pid":1,"tid":{},"ts":{},"dur":{},"name":{},"cat":"node","args":{{"type":{},"item":[{}],)"
      R"("sequence":[{}],"batch":{}{}{}}}}})",
      tid, begin, end - begin, quote(slice.node), quote(slice.type), items, sequences, slice.parts.size(),
      slice.failed ? R"(,"failed":true)" : "", slice.notes));
  size_t last = SIZE_MAX;
  for (const auto& [item, sequence] : slice.parts) {
    if (item == last) continue;
    last = item;
    arrow(flows_.insert(item).second ? 's' : 't', item, tid, begin);
  }
}

void TraceWriter::counter(std::string_view edge, size_t depth) {
  const std::lock_guard lock(mutex_);
  add(fmt::format(R"({{"ph":"C","pid":1,"ts":{},"name":{},"args":{{"packets":{}}}}})", micros(Clock::now()),
                  quote(fmt::format("queue {}", edge)), depth));
}

void TraceWriter::item_started(size_t item, std::string_view name) {
  const std::lock_guard lock(mutex_);
  instant(item, fmt::format("started {}", name), "");
  flows_.insert(item);
  arrow('s', item, track(), micros(Clock::now()));
}

void TraceWriter::item_finished(size_t item, std::string_view name, bool failed) {
  const std::lock_guard lock(mutex_);
  instant(item, fmt::format("finished {}", name), failed ? R"(,"failed":true)" : R"(,"failed":false)");
  if (flows_.erase(item) > 0) arrow('f', item, track(), micros(Clock::now()));
}

// The shortest of slices: arrows begin and end in slices only.
void TraceWriter::instant(size_t item, std::string_view text, std::string_view more) {
  add(fmt::format(
      R"({{"ph":"X","pid":1,"tid":{},"ts":{},"dur":1,"name":{},"cat":"item","args":{{"item":{}{}}}}})",
      track(), micros(Clock::now()), quote(text), item, more));
}

void TraceWriter::arrow(char phase, size_t item, int track, int64_t at) {
  add(fmt::format(R"({{"ph":"{}",{}"pid":1,"tid":{},"ts":{},"id":{},"name":"item","cat":"item"}})", phase,
                  phase == 'f' ? R"("bp":"e",)" : "", track, at, item));
}

void TraceWriter::flush() {
  const std::lock_guard lock(mutex_);
  write_out();
  if (broken_) fail_at(ErrorKind::io, path_.string(), "cannot write the trace: {}", std::strerror(errno));
}

void TraceWriter::add(std::string event) {
  buffer_ += at_ == 0 && buffer_.empty() ? "[\n" : ",\n";
  buffer_ += event;
  if (buffer_.size() > kBufferBytes || Clock::now() - written_ > kWriteInterval) write_out();
}

// The new events overwrite the closing bracket and bring another, in one write.
void TraceWriter::write_out() {
  written_ = Clock::now();
  if (broken_ || buffer_.empty()) return;
  const size_t size = buffer_.size();
  buffer_ += "\n]\n";
  size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t wrote =
        ::pwrite(file_, buffer_.data() + done, buffer_.size() - done, at_ + static_cast<int64_t>(done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      broken_ = true;  // the run goes on without its trace
      break;
    }
    done += static_cast<size_t>(wrote);
  }
  at_ += static_cast<int64_t>(size);
  buffer_.clear();
}

}  // namespace millrace
