#include "decoders/speech/compression_ratio.h"

#include <zlib.h>

#include <vector>

#include "base/error.h"

namespace millrace {

double compression_ratio(std::string_view text) {
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::vector<Bytef> deflated(size);
  const auto* bytes = reinterpret_cast<const Bytef*>(text.data());
  const int status =
      compress2(deflated.data(), &size, bytes, static_cast<uLong>(text.size()), Z_DEFAULT_COMPRESSION);
  if (status != Z_OK) fail(ErrorKind::internal, "zlib failed with status {}", status);
  return static_cast<double>(text.size()) / static_cast<double>(size);
}

}  // namespace millrace
