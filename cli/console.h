#pragma once
#include <chrono>
#include <csignal>
#include <mutex>
#include <string>
#include <string_view>

#include "base/cancel.h"

namespace millrace::cli {

// What SIGINT and SIGTERM ask of running work. The first stops the sources, and what is on its way finishes;
// the second aborts; the third ends the process at once. The exit code is a shell's for the first of them.
// One instance lives as long as main, which installs the handlers.
struct Interrupts {
  StopToken stop;
  CancelToken abort;
  bool announce = false;  // say what the first signal does, and what a second would

  void install();
  bool happened() const { return stop.cancelled(); }
  void reset() {  // what was interrupted has ended, and something else begins
    stop.reset();
    abort.reset();
  }
  int exit_code() const;  // 130, or 143 after SIGTERM
  void abort_all() {
    stop.cancel();
    abort.cancel();
  }

 private:
  static void on_signal(int number);
  volatile std::sig_atomic_t first_ = 0;  // the first signal
};

// A line on standard error that rewrites itself, and below it, if there is one, a table: shown only on a
// terminal, and not when quiet. Thread-safe.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }

  bool enabled() const;
  void enable(bool wanted);            // off where standard error is no terminal, whatever is wanted
  void show(const std::string& text);  // at most ten times a second; more are dropped, but for empty ones
  void show_table(const std::string& lines);
  void clear();

 private:
  void draw();

  std::mutex mutex_;
  std::string line_, table_;
  bool terminal_, enabled_, shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

// Standard output: results and nothing else, always valid UTF-8. A reader that closes its end (`| head -1`)
// stops the work without a word. Thread-safe.
class Output {
 public:
  Output(ProgressLine& progress, Interrupts& interrupts) : progress_(progress), interrupts_(interrupts) {}

  void write(std::string_view text);  // at once, unbuffered; bytes that are no UTF-8 become U+FFFD
  void line(std::string_view text) { write(std::string(text) + '\n'); }

  bool closed() const { return closed_; }
  void check() const;  // Error(io) when writing has failed for another reason than a closed pipe

 private:
  std::mutex mutex_;
  ProgressLine& progress_;
  Interrupts& interrupts_;
  bool closed_ = false;
  int failure_ = 0;  // errno
};

// The person's end of a running command.
struct Console {
  Interrupts interrupts;
  ProgressLine progress;
  Output out{progress, interrupts};
};

}  // namespace millrace::cli
