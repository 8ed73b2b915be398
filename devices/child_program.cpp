#include "devices/child_program.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/error.h"

extern char** environ;

namespace millrace {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(10);
constexpr size_t kMostMessages = 4096;  // bytes

// A file in memory: unlike a pipe it needs nobody at its other end.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : descriptor_(memfd_create(name, MFD_CLOEXEC)) {
    if (descriptor_ < 0) fail(ErrorKind::io, "memory for {}: {}", name, std::strerror(errno));
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return descriptor_; }
  void write(std::string_view text) const {
    for (off_t at = 0; !text.empty();) {
      const ssize_t written = pwrite(descriptor_, text.data(), text.size(), at);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(ErrorKind::io, "a program's input: {}", std::strerror(errno));
      at += written;
      text.remove_prefix(static_cast<size_t>(written));
    }
  }
  std::string read() const {
    std::string text(kMostMessages, '\0');
    const ssize_t size = pread(descriptor_, text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return text;
  }

 private:
  int descriptor_;
};

// What the new process is to have: the three standard files alone, and signals as a shell would give them.
class SpawnSettings {
 public:
  SpawnSettings(int input, int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

pid_t start(const std::vector<std::string>& command, int input, int output, std::string_view missing) {
  const SpawnSettings settings(input, output);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t process = 0;
  const int failure =
      posix_spawnp(&process, words[0], settings.actions(), settings.attributes(), words.data(), environ);
  if (failure == ENOENT && !missing.empty())
    fail(ErrorKind::io, "there is no program {}: {}", command[0], missing);
  if (failure != 0) fail(ErrorKind::io, "the program {}: {}", command[0], std::strerror(failure));
  return process;
}

ProgramEnd end_of(int status) {
  if (WIFEXITED(status)) return {.stopped = false, .code = WEXITSTATUS(status), .messages = {}};
  const int number = WTERMSIG(status);
  // A terminal interrupts all that runs in it.
  const bool told = number == SIGINT || number == SIGTERM || number == SIGHUP;
  return {.stopped = told, .code = 128 + number, .messages = {}};
}

}  // namespace

ProgramEnd run_program(const std::vector<std::string>& command, std::string_view input,
                       const std::function<bool()>& unwanted, std::string_view missing) {
  const MemoryFile given("a program's input"), said("a program's messages");
  given.write(input);
  const pid_t process = start(command, given.descriptor(), said.descriptor(), missing);
  bool killed = false;
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(process, &status, killed ? 0 : WNOHANG);
    if (ended == process) break;
    if (ended < 0 && errno != EINTR)
      fail(ErrorKind::io, "the program {}: {}", command[0], std::strerror(errno));
    if (killed || ended < 0) continue;
    if (unwanted && unwanted()) {
      kill(process, SIGKILL);
      killed = true;
    } else {
      std::this_thread::sleep_for(kLookEvery);
    }
  }
  ProgramEnd end = end_of(status);
  end.stopped |= killed && WIFSIGNALED(status);
  end.messages = said.read();
  return end;
}

}  // namespace millrace
