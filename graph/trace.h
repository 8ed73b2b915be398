#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// Writes what a run does as JSON that Perfetto (ui.perfetto.dev) and chrome://tracing open: a track per
// thread, a slice per call, arrows along each item, queue depths as counters. Format: "Trace Event Format",
// JSON array. Events go to the disk as they come and the file is whole JSON after every write, so that an
// interrupted run leaves a trace too.
class TraceWriter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit TraceWriter(const std::filesystem::path& path);  // Error(io) when it cannot be written
  ~TraceWriter();
  TraceWriter(const TraceWriter&) = delete;
  TraceWriter& operator=(const TraceWriter&) = delete;

  struct Slice {
    std::string_view node, type;
    Clock::time_point begin, end;
    std::vector<std::pair<size_t, int64_t>> parts;  // item and sequence number of each
    bool failed = false;
    std::string notes = {};  // take_trace_notes()
  };
  // From any thread; its track is the calling thread's.
  void slice(const Slice& slice);
  void counter(std::string_view edge, size_t depth);
  // Begins the item's arrow, before any of its calls: those are told at their ends, the longest last.
  void item_started(size_t item, std::string_view name);
  void item_finished(size_t item, std::string_view name, bool failed);
  // The name of the calling thread's track, "thread N" unless given.
  void name_thread(std::string_view name);

  void flush();  // Error(io) when the disk refuses

 private:
  void add(std::string event);
  void instant(size_t item, std::string_view text, std::string_view more);
  void arrow(char phase, size_t item, int track, int64_t at);
  int track();
  int64_t micros(Clock::time_point time) const;
  void write_out();

  std::mutex mutex_;
  std::filesystem::path path_;
  int file_ = -1;
  int64_t at_ = 0;  // where the closing bracket stands
  std::string buffer_;
  Clock::time_point start_, written_;
  std::map<uint64_t, int> tracks_;
  std::set<size_t> flows_;  // items with an arrow begun
  bool broken_ = false;
};

}  // namespace millrace
