#include "cli/valid_utf8.h"

#include <algorithm>
#include <cstdint>

namespace millrace::cli {
namespace {

struct Lead {
  int length;  // bytes of the whole character; 0 for a byte that starts none
  uint8_t low,
      high;  // the second byte's range, which keeps out overlong forms, surrogates and beyond U+10FFFF
};

Lead lead_of(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  std::string valid;
  valid.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size();) {
    const Lead lead = lead_of(static_cast<uint8_t>(bytes[i]));
    size_t good = 1;
    for (; good < static_cast<size_t>(std::max(lead.length, 1)) && i + good < bytes.size(); ++good) {
      const auto byte = static_cast<uint8_t>(bytes[i + good]);
      if (byte < (good == 1 ? lead.low : 0x80) || byte > (good == 1 ? lead.high : 0xBF)) break;
    }
    if (good == static_cast<size_t>(lead.length))
      valid.append(bytes, i, good);
    else
      valid += "\xEF\xBF\xBD";
    i += good;
  }
  return valid;
}

}  // namespace millrace::cli
