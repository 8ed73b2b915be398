#include "tokenizers/jinja/token_stream.h"

#include <algorithm>

#include "tokenizers/jinja/lexer.h"

namespace millrace::jinja {
namespace {

std::string name_of(Token::Kind kind) {
  switch (kind) {
    case Token::Kind::data:
      return "text";
    case Token::Kind::block_begin:
      return "begin of statement block";
    case Token::Kind::block_end:
      return "end of statement block";
    case Token::Kind::variable_begin:
      return "begin of print statement";
    case Token::Kind::variable_end:
      return "end of print statement";
    case Token::Kind::end:
      return "end of template";
    default:
      return "name";
  }
}

}  // namespace

std::string describe(const Token& token) {
  const bool worded = token.kind == Token::Kind::name || token.kind == Token::Kind::string ||
                      token.kind == Token::Kind::integer || token.kind == Token::Kind::decimal ||
                      token.kind == Token::Kind::op;
  return worded ? "'" + token.text + "'" : name_of(token.kind);
}

TokenStream::TokenStream(const Source& source) : source_(source), tokens_(tokenize(source)) {}

Token TokenStream::take() {
  Token token = current();
  if (token.kind != Token::Kind::end) ++next_;
  return token;
}

bool TokenStream::skip_name(std::string_view name) {
  if (!at_name(name)) return false;
  ++next_;
  return true;
}

bool TokenStream::skip_op(std::string_view op) {
  if (!at_op(op)) return false;
  ++next_;
  return true;
}

void TokenStream::expect_name(std::string_view name) {
  if (!skip_name(name)) refuse("expected token '{}', got {}", name, describe(current()));
}

void TokenStream::expect_op(std::string_view op) {
  if (!skip_op(op)) refuse("expected token '{}', got {}", op, describe(current()));
}

std::string TokenStream::expect_any_name() {
  if (current().kind != Token::Kind::name) refuse("expected a name, got {}", describe(current()));
  return take().text;
}

void TokenStream::expect(Token::Kind kind) {
  if (current().kind != kind) refuse("expected {}, got {}", name_of(kind), describe(current()));
  take();
}

}  // namespace millrace::jinja
