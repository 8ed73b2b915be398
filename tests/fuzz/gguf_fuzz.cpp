#include <cstdint>
#include <span>

#include "base/error.h"
#include "base/gguf_file.h"

// Any bytes are a GGUF file or an Error.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  try {
    const auto file = GgufFile::read(MappedFile::in_memory("fuzz", std::as_bytes(std::span(data, size))));
    for (const auto& [key, value] : file->metadata()) {
      try {
        file->integers(key);
        file->reals(key);
      } catch (const Error&) {
      }
      try {
        file->texts(key);
      } catch (const Error&) {
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
