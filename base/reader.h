#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/error.h"

namespace millrace {

// Reads little-endian values from untrusted bytes. Whatever runs past the end is Error(kind) at "name @ byte
// N".
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, std::string name, ErrorKind kind = ErrorKind::model)
      : bytes_(bytes), name_(std::move(name)), kind_(kind) {}

  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }
  std::string place() const { return fmt::format("{} @ byte {}", name_, position_); }

  template <class T>
  T read(std::string_view what) {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }

  std::span<const std::byte> take(uint64_t size, std::string_view what) {
    if (size > remaining())
      fail_at(kind_, place(), "{} needs {} bytes, but only {} are left; the file is cut short or damaged",
              what, size, remaining());
    const auto part = bytes_.subspan(position_, static_cast<size_t>(size));
    position_ += static_cast<size_t>(size);
    return part;
  }

  std::string_view take_text(uint64_t size, std::string_view what) {
    const auto part = take(size, what);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }

 private:
  std::span<const std::byte> bytes_;
  std::string name_;
  ErrorKind kind_;
  size_t position_ = 0;
};

}  // namespace millrace
