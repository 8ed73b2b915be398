#include <cstdint>
#include <span>

#include "base/error.h"
#include "models/ctranslate2_checkpoint.h"

// Any bytes are a checkpoint or an Error.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  try {
    const auto checkpoint =
        read_ctranslate2(MappedFile::in_memory("fuzz", std::as_bytes(std::span(data, size))));
    for (const auto& name : checkpoint->names()) {
      try {
        checkpoint->get(name);
      } catch (const Error&) {
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
