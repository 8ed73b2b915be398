#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizers/jinja/syntax.h"
#include "tokenizers/jinja/token_stream.h"

namespace millrace::jinja {

// Parses expressions, by Jinja's grammar.
class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& stream) : stream_(stream) {}

  ExpressionPtr expression(bool with_conditional = true);
  // One expression, or several with commas between: a tuple. It ends before the name `end`, if that is given.
  ExpressionPtr tuple(bool with_conditional = true, std::string_view end = {}, bool in_parentheses = false);
  // `|name(…)|name…` behind `input`, which is null in blocks; the first `|` may already be gone.
  ExpressionPtr filters(ExpressionPtr input, bool first_is_named = false);

  Target target(std::string_view end = {}, bool with_namespace = false);

  // Names that a macro's body loads, told by what is parsed while the macro is open.
  void open_macro() { macros_.emplace_back(); }
  void close_macro(Signature& signature);

  // Unknown filters and tests are an error where they stand, but not below `if`, which may never come to
  // them.
  void enter(bool conditional) { conditional_.push_back(conditional); }
  void leave() { conditional_.pop_back(); }
  void refuse_unknown() const;

  // Keeps the depth of recursion in bounds.
  class Nesting {
   public:
    explicit Nesting(ExpressionParser& parser);
    ~Nesting() { --parser_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    ExpressionParser& parser_;
  };

 private:
  struct Mentioned {
    bool caller = false, varargs = false, kwargs = false;
  };
  struct Unknown {
    size_t at;
    std::string message;
  };

  ExpressionPtr conditional();
  ExpressionPtr disjunction();
  ExpressionPtr conjunction();
  ExpressionPtr negation();
  ExpressionPtr comparison();
  ExpressionPtr sum();
  ExpressionPtr concatenation();
  ExpressionPtr product();
  ExpressionPtr power();
  ExpressionPtr unary(bool with_filter = true);
  ExpressionPtr primary();
  ExpressionPtr list();
  ExpressionPtr dict();
  ExpressionPtr string();
  ExpressionPtr number();
  ExpressionPtr postfix(ExpressionPtr node);
  ExpressionPtr filters_and_tests(ExpressionPtr node);
  ExpressionPtr subscript(ExpressionPtr object);
  ExpressionPtr test(ExpressionPtr subject);
  ExpressionPtr call(ExpressionPtr callee);
  CallArguments arguments();
  std::string dotted_name();
  Target target_item(std::string_view end, bool with_namespace);
  bool at_tuple_end(std::string_view end, bool in_parentheses) const;
  void load_name(const std::string& name);
  void note_unknown(size_t at, std::string message);

  template <class Node>
  ExpressionPtr make(size_t at, Node node) {
    return std::make_unique<const Expression>(Expression{at, std::move(node)});
  }
  void check_chain(int& length) const {
    if (++length > kMostChain) stream_.refuse("more than {} operators stand in a row", kMostChain);
  }

  TokenStream& stream_;
  int depth_ = 0;
  std::vector<Mentioned> macros_;
  std::vector<bool> conditional_;
  std::vector<Unknown> unknown_;
};

}  // namespace millrace::jinja
