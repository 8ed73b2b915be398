#include <cstdint>

#include "base/error.h"
#include "base/json_file.h"

// Any bytes are a JSON document or an Error; a document can be written out again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  try {
    parse_json({reinterpret_cast<const char*>(data), size}, "fuzz", ErrorKind::model).dump();
  } catch (const Error&) {
  }
  return 0;
}
