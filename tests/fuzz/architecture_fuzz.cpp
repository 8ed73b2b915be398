#include <cstdint>

#include "base/error.h"
#include "models/architecture.h"

// Any bytes are an architecture file or an Error.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  try {
    parse_architecture({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const Error&) {
  }
  return 0;
}
