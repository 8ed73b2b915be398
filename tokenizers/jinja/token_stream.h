#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/jinja/source.h"
#include "tokenizers/jinja/token.h"

namespace millrace::jinja {

// Reads the words of a template one after another; what is not as expected is Error(model) with its place.
class TokenStream {
 public:
  explicit TokenStream(const Source& source);

  const Token& current() const { return tokens_[next_]; }
  const Token& look() const { return tokens_[std::min(next_ + 1, tokens_.size() - 1)]; }
  Token take();

  bool at_name(std::string_view name) const { return current().is(Token::Kind::name, name); }
  bool at_op(std::string_view op) const { return current().is(Token::Kind::op, op); }
  bool skip_name(std::string_view name);
  bool skip_op(std::string_view op);
  void expect_name(std::string_view name);
  void expect_op(std::string_view op);
  std::string expect_any_name();
  void expect(Token::Kind kind);

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    source_.refuse(current().at, format, std::forward<Args>(args)...);
  }
  const Source& source() const { return source_; }

 private:
  const Source& source_;
  std::vector<Token> tokens_;
  size_t next_ = 0;
};

// As errors name it: "'endif'", "end of statement block".
std::string describe(const Token& token);

}  // namespace millrace::jinja
