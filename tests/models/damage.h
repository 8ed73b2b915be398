#pragma once
#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace millrace {

// Runs `read` on every beginning of `whole` and on `whole` with every bit of its first `flipped` bytes
// turned, one at a time. A beginning must be refused with Error(kind); a turned bit may be harmless, but
// nothing else than an Error may come of it.
template <class Read>
void expect_damage_is_refused(const std::string& whole, size_t flipped, ErrorKind kind, Read&& read) {
  for (size_t size = 0; size < whole.size(); ++size) {
    try {
      read(whole.substr(0, size));
      ADD_FAILURE() << "the first " << size << " bytes were taken for the whole";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      EXPECT_NE(error.where(), "") << error.what();
    }
  }
  for (size_t i = 0; i < std::min(flipped, whole.size()) * 8; ++i) {
    std::string damaged = whole;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << i % 8));
    try {
      read(damaged);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
    }
  }
}

}  // namespace millrace
