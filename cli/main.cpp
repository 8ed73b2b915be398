#include <cstdio>
#include <exception>
#include <new>

#include "base/error.h"
#include "base/utf8.h"
#include "cli/application.h"

namespace {

int report(millrace::cli::Console& console, const millrace::Error& error) {
  console.progress.clear();
  if (console.out.closed()) return 0;  // nobody reads any more: not a fault
  const std::string line = millrace::utf8::sanitized(error.what());
  std::fprintf(stderr, "millrace: error: %s\n", line.c_str());
  const bool interrupted = error.kind() == millrace::ErrorKind::interrupted;
  return interrupted ? console.interrupts.exit_code() : millrace::exit_code(error.kind());
}

}  // namespace

int main(int argc, char** argv) {
  using millrace::Error;
  using millrace::ErrorKind;
  static millrace::cli::Console console;
  console.interrupts.install();
  try {
    const int code = millrace::cli::run_command_line(argc, argv, console);
    console.out.check();
    return console.out.closed() ? 0 : code;
  } catch (const Error& error) {
    return report(console, error);
  } catch (const std::bad_alloc&) {
    return report(console, Error(ErrorKind::io, "out of memory"));
  } catch (const std::exception& error) {
    return report(console, Error(ErrorKind::internal, error.what()));
  }
}
