#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// The arguments of a built-in function, put in their places by position or name as Python does. Those that
// are absent take the default that is asked for. Its accessors refuse values of other types.
class Bound {
 public:
  // `names` in order; the first `required` must be given.
  Bound(std::string_view callee, const Arguments& arguments, std::initializer_list<const char*> names,
        size_t required = 0);

  bool has(size_t i) const { return values_[i] != nullptr; }
  const Value& operator[](size_t i) const { return *values_[i]; }
  Value value(size_t i, const Value& absent = {}) const { return has(i) ? *values_[i] : absent; }
  int64_t whole(size_t i, int64_t absent = 0) const;
  const std::string& text(size_t i) const;
  bool truth(size_t i, bool absent = false) const;
  bool given(size_t i) const { return has(i) && !values_[i]->is_none(); }  // and not None

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorKind::input, "{}() {}", callee_, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  std::string_view callee_;
  std::vector<const char*> names_;
  std::vector<const Value*> values_;
};

}  // namespace millrace::jinja
