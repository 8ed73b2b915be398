#include "decoders/speech/strip.h"

#include <algorithm>
#include <array>

namespace millrace {
namespace {

constexpr std::array<std::string_view, 29> kSpaces = {" ",
                                                      "\t",
                                                      "\n",
                                                      "\v",
                                                      "\f",
                                                      "\r",
                                                      "\x1c",
                                                      "\x1d",
                                                      "\x1e",
                                                      "\x1f",
                                                      "\xc2\x85",
                                                      "\xc2\xa0",
                                                      "\xe1\x9a\x80",
                                                      "\xe2\x80\x80",
                                                      "\xe2\x80\x81",
                                                      "\xe2\x80\x82",
                                                      "\xe2\x80\x83",
                                                      "\xe2\x80\x84",
                                                      "\xe2\x80\x85",
                                                      "\xe2\x80\x86",
                                                      "\xe2\x80\x87",
                                                      "\xe2\x80\x88",
                                                      "\xe2\x80\x89",
                                                      "\xe2\x80\x8a",
                                                      "\xe2\x80\xa8",
                                                      "\xe2\x80\xa9",
                                                      "\xe2\x80\xaf",
                                                      "\xe2\x81\x9f",
                                                      "\xe3\x80\x80"};

}  // namespace

std::string_view strip(std::string_view text) {
  const auto shorten = [&](auto matches, auto remove) {
    for (;;) {
      const auto space = std::find_if(kSpaces.begin(), kSpaces.end(), matches);
      if (space == kSpaces.end()) return;
      remove(space->size());
    }
  };
  shorten([&](std::string_view space) { return text.starts_with(space); },
          [&](size_t size) { text.remove_prefix(size); });
  shorten([&](std::string_view space) { return text.ends_with(space); },
          [&](size_t size) { text.remove_suffix(size); });
  return text;
}

}  // namespace millrace
