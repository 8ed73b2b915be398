#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/atomic_file.h"
#include "base/error.h"
#include "graph/picture.h"

extern char** environ;

namespace millrace {
namespace {

// A file without a name, to talk with another program: unlike pipes it never makes either side wait.
class ScratchFile {
 public:
  explicit ScratchFile(const char* name) : file_(memfd_create(name, MFD_CLOEXEC)) {
    if (file_ < 0) fail(ErrorKind::io, "no scratch file: {}", std::strerror(errno));
  }
  ~ScratchFile() { ::close(file_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  int descriptor() const { return file_; }

  void fill(std::string_view text) {
    while (!text.empty()) {
      const ssize_t wrote = ::write(file_, text.data(), text.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) fail(ErrorKind::io, "no scratch file: {}", std::strerror(errno));
      text.remove_prefix(static_cast<size_t>(wrote));
    }
    ::lseek(file_, 0, SEEK_SET);
  }

  std::string content() const {
    ::lseek(file_, 0, SEEK_SET);
    std::string text;
    std::array<char, 1 << 16> block;
    while (true) {
      const ssize_t got = ::read(file_, block.data(), block.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return text;
      text.append(block.data(), static_cast<size_t>(got));
    }
  }

 private:
  int file_;
};

// What `dot -Tformat` makes of the text.
std::string run_dot(const std::string& format, const std::string& text) {
  ScratchFile input("dot-input"), output("dot-output"), errors("dot-errors");
  input.fill(text);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.descriptor(), 0);
  posix_spawn_file_actions_adddup2(&actions, output.descriptor(), 1);
  posix_spawn_file_actions_adddup2(&actions, errors.descriptor(), 2);
  std::string program = "dot", option = "-T" + format, resolution = "-Gdpi=144";
  std::array<char*, 4> arguments = {program.data(), option.data(),
                                    format == "png" ? resolution.data() : nullptr, nullptr};
  pid_t process = 0;
  const int failed = posix_spawnp(&process, "dot", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == ENOENT)
    fail(ErrorKind::io,
         "drawing needs Graphviz's program 'dot', which is not installed (Debian: apt install graphviz); "
         "a file name that ends in .dot needs it not");
  if (failed != 0) fail(ErrorKind::io, "cannot run 'dot': {}", std::strerror(failed));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR) fail(ErrorKind::io, "lost sight of 'dot': {}", std::strerror(errno));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail(ErrorKind::io, "'dot' failed (status {}): {}", status, errors.content());
  return output.content();
}

}  // namespace

void draw(const std::string& dot, const std::filesystem::path& file) {
  std::string format = file.extension().string();
  if (!format.empty()) format.erase(0, 1);
  AtomicFile out(file);
  if (format == "dot" || format == "gv") {
    out.write(dot);
  } else if (format == "svg" || format == "png" || format == "pdf") {
    out.write(run_dot(format, dot));
  } else {
    fail(ErrorKind::usage, "cannot draw '{}': the name has to end in .svg, .png, .pdf or .dot",
         file.string());
  }
  out.commit();
}

}  // namespace millrace
