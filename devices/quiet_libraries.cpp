#include "devices/quiet_libraries.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace millrace {
namespace {

void ignore_alsa(const char*, int, const char*, int, const char*, ...) {}
void ignore_jack(const char*) {}

// Calls a library's function that takes one, where the library is there.
template <class Handler>
void set_handler(const char* setter, Handler handler) {
  if (void* found = ::dlsym(RTLD_DEFAULT, setter)) reinterpret_cast<void (*)(Handler)>(found)(handler);
}

}  // namespace

QuietLibraries::QuietLibraries() {
  set_handler("snd_lib_error_set_handler", &ignore_alsa);
  set_handler("jack_set_error_function", &ignore_jack);
  set_handler("jack_set_info_function", &ignore_jack);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  standard_error_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (standard_error_ >= 0) ::dup2(nowhere, STDERR_FILENO);
  ::close(nowhere);
}

QuietLibraries::~QuietLibraries() {
  if (standard_error_ < 0) return;
  ::dup2(standard_error_, STDERR_FILENO);
  ::close(standard_error_);
}

}  // namespace millrace
