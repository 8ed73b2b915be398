#pragma once
#include <fmt/core.h>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace millrace {

// What went wrong, in the terms of whoever has to mend it. The values are the command's exit codes.
enum class ErrorKind : uint8_t {
  usage = 2,         // the command line
  pipeline = 3,      // a pipeline file
  model = 4,         // a checkpoint, its configuration or its tokenizer
  input = 5,         // the data given to a model: sound, pictures, text
  io = 6,            // reading, writing, the network
  internal = 70,     // a fault of Millrace's own
  interrupted = 130  // stopped by the user
};

int exit_code(ErrorKind kind);
std::string_view name_of(ErrorKind kind);

// The one exception type. `where` is a place a person can go to: "file:12:5", "file @ byte 4096", "node
// 'mel'". `what()` is "where: message", or the message alone.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message, std::string where = {});

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::string& where() const { return where_; }
  const char* what() const noexcept override { return what_.c_str(); }

  // The same error seen from further out: the new place goes before the old one.
  Error at(std::string_view outer) const;

 private:
  ErrorKind kind_;
  std::string message_, where_, what_;
};

template <class... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void fail_at(ErrorKind kind, std::string where, fmt::format_string<Args...> format,
                          Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...), std::move(where));
}

}  // namespace millrace
