#include <cstdint>
#include <span>

#include "base/error.h"
#include "models/pytorch_checkpoint.h"

// Any bytes are a file of torch.save or an Error.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  try {
    const auto checkpoint = read_pytorch(MappedFile::in_memory("fuzz", std::as_bytes(std::span(data, size))));
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
