#include "models/store/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

extern char** environ;

namespace millrace {
namespace {

constexpr size_t kOutputKept = 4000;

struct Descriptor {
  int value = -1;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_of(const ChildProcess& child) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    bool replaced = false;
    for (const auto& [name, value] : child.environment)
      replaced |= text.starts_with(name) && text.substr(name.size()).starts_with('=');
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : child.environment) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

// Starts the child with `output` as its standard output and error. 0 or an errno.
int spawn(const ChildProcess& child, int output, pid_t& pid) {
  std::vector<std::string> command = child.command, environment = environment_of(child);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int error = ::posix_spawnp(&pid, command.front().c_str(), &actions, &attributes,
                                   pointers_to(command).data(), pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Ends the child's group if it still runs when this goes out of scope, and waits for it in any case.
class Running {
 public:
  explicit Running(pid_t pid) : pid_(pid) {}
  ~Running() {
    if (pid_ < 0) return;
    ::kill(-pid_, SIGTERM);
    wait();
  }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

}  // namespace

ChildResult run_child(const ChildProcess& child) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    fail(ErrorKind::io, "no pipe can be made: {}", std::strerror(errno));
  const Descriptor reading{ends[0]};
  Descriptor writing{ends[1]};
  pid_t pid = -1;
  if (const int error = spawn(child, writing.value, pid); error == ENOENT) {
    return {127, fmt::format("there is no program '{}'", child.command.front())};
  } else if (error != 0) {
    fail(ErrorKind::io, "'{}' cannot be run: {}", child.command.front(), std::strerror(error));
  }
  ::close(std::exchange(writing.value, -1));
  Running running(pid);
  ChildResult result;
  std::array<char, 4096> buffer{};
  for (;;) {
    pollfd waiting{reading.value, POLLIN, 0};
    ::poll(&waiting, 1, 100);
    if (child.cancel != nullptr) child.cancel->check();
    if (child.tick) child.tick();
    if (waiting.revents == 0) continue;
    const ssize_t size = ::read(reading.value, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    result.output.append(buffer.data(), static_cast<size_t>(size));
    if (result.output.size() > 2 * kOutputKept) result.output.erase(0, result.output.size() - kOutputKept);
  }
  result.status = running.wait();
  return result;
}

}  // namespace millrace
