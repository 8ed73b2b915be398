#pragma once
#include <string>

#include "base/error.h"

namespace millrace::jinja {

// A template's text, with the name that errors call it by.
struct Source {
  // Line ends become \n, and one at the end is dropped, as Jinja has it. A text that is too long or not UTF-8
  // is Error(model).
  Source(std::string_view text, std::string name);

  std::string place(size_t byte) const;  // "name:line:column"
  template <class... Args>
  [[noreturn]] void refuse(size_t byte, fmt::format_string<Args...> format, Args&&... args) const {
    fail_at(ErrorKind::model, place(byte), format, std::forward<Args>(args)...);
  }

  std::string text;
  std::string name;
};

}  // namespace millrace::jinja
