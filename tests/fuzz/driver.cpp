// Runs a fuzz target without libFuzzer: on its seeds, on their beginnings, then on mutations of them until
// the time is up. The random numbers start from a fixed seed, so a run repeats but for where its time ends.
//
//   fuzz_NAME [--seconds S] [--runs N] [--seed K] FOLDER_OR_FILE…
//
// An input that crashes, hangs (ten seconds) or takes more than a gigabyte is written to fuzz-failure.bin in
// the current folder, and the program fails; given as FILE with --runs 0, it is run again.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/mutation.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;
using millrace::fuzz::Bytes;

constexpr unsigned kMostSecondsAnInput = 10;
constexpr rlim_t kMostMemory = rlim_t{1} << 30;
constexpr size_t kMostBeginnings = 512;  // of one seed

Bytes current;  // what runs now, for the handler

void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(2, text.data(), text.size());
}

extern "C" void on_signal(int number) {
  say(number == SIGALRM ? "fuzz: an input hangs" : "fuzz: an input crashes or takes too much memory");
  say("; it is in fuzz-failure.bin\n");
  const int file = ::open("fuzz-failure.bin", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0) {
    [[maybe_unused]] const auto written = ::write(file, current.data(), current.size());
    ::close(file);
  }
  std::signal(number, SIG_DFL);
  if (number == SIGALRM) _exit(1);
  std::raise(number);
}

void run(Bytes bytes) {
  current = std::move(bytes);
  ::alarm(kMostSecondsAnInput);
  const Bytes exact(current);  // a copy of its own size, so that a sanitizer sees reads beyond it
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  ::alarm(0);
}

void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // sanitizers map terabytes of shadow
  const rlimit limit{kMostMemory, kMostMemory};
  ::setrlimit(RLIMIT_AS, &limit);
#endif
}

Bytes read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

struct Options {
  double seconds = 2;
  unsigned long long runs = ~0ull, seed = 1;
  std::vector<fs::path> files;
};

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    const char* value = i + 1 < count ? arguments[i + 1] : "0";
    if (argument == "--seconds") {
      options.seconds = std::strtod(value, nullptr), ++i;
    } else if (argument == "--runs") {
      options.runs = std::strtoull(value, nullptr, 10), ++i;
    } else if (argument == "--seed") {
      options.seed = std::strtoull(value, nullptr, 10), ++i;
    } else if (fs::is_directory(argument)) {
      for (const auto& entry : fs::recursive_directory_iterator(argument))
        if (entry.is_regular_file()) options.files.push_back(entry.path());
    } else {
      options.files.emplace_back(argument);
    }
  }
  std::sort(options.files.begin(), options.files.end());
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  std::vector<Bytes> seeds;
  for (const fs::path& path : options.files) seeds.push_back(read_file(path));
  if (seeds.empty()) {
    std::fprintf(stderr, "fuzz: no seeds are given\n");
    return 2;
  }
  limit_memory();
  for (const int number : {SIGALRM, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(number, on_signal);

  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(options.seconds));
  unsigned long long done = 0;
  for (const Bytes& seed : seeds) run(seed), ++done;
  if (options.runs != 0) run({});
  for (const Bytes& seed : seeds) {
    const size_t step = std::max<size_t>(1, seed.size() / kMostBeginnings);
    for (size_t size = 0; size < seed.size() && done < options.runs && Clock::now() < end;
         size += step, ++done)
      run(Bytes(seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  millrace::fuzz::Random random(options.seed);
  for (; done < options.runs && Clock::now() < end; ++done) run(millrace::fuzz::mutated(seeds, random));
  std::fprintf(stderr, "fuzz: %llu inputs\n", done);
  return 0;
}
