#include "tokenizers/jinja/template_parser.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>

#include "tokenizers/jinja/expression_parser.h"

namespace millrace::jinja {
namespace {

using Kind = Token::Kind;
using Names = std::initializer_list<std::string_view>;

class TemplateParser {
 public:
  explicit TemplateParser(const Source& source) : stream_(source), expressions_(stream_) {}

  Body run() {
    Body body = statements({});
    expressions_.refuse_unknown();
    return body;
  }

 private:
  // The statements up to a tag of one of `ends`, which is left to be taken; of none, up to the template's
  // end.
  Body statements(Names ends) {
    const ExpressionParser::Nesting nesting(expressions_);
    Body body;
    while (true) {
      const Token token = stream_.take();
      if (token.kind == Kind::end) {
        if (ends.size() > 0) refuse_end(token, ends);
        return body;
      }
      if (token.kind == Kind::data) {
        body.push_back({token.at, Data{token.text}});
      } else if (token.kind == Kind::variable_begin) {
        const size_t at = stream_.current().at;
        body.push_back({at, Print{expressions_.tuple()}});
        stream_.expect(Kind::variable_end);
      } else {
        if (at_any(ends)) return body;
        statement(body, ends);
        stream_.expect(Kind::block_end);
      }
    }
  }

  bool at_any(Names names) const {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return stream_.at_name(name); });
  }

  [[noreturn]] void refuse_end(const Token& token, Names ends) const {
    stream_.source().refuse(
        token.at,
        "Unexpected end of template. Jinja was looking for the following tags: '{}'. The innermost "
        "block that needs to be closed is '{}'.",
        fmt::join(ends, "' or '"), tags_.back());
  }

  [[noreturn]] void refuse_tag(const std::string& name, Names ends) const {
    std::string message = fmt::format("Encountered unknown tag '{}'.", name);
    if (ends.size() > 0)
      message += fmt::format(
          " Jinja was looking for the following tags: '{}'. The innermost block that needs to be closed is "
          "'{}'.",
          fmt::join(ends, "' or '"), tags_.back());
    stream_.refuse("{}", message);
  }

  // The rest of the opening tag, then statements up to one of `ends`. `conditional`: as below an `if`.
  Body body_until(Names ends, bool conditional = false) {
    stream_.skip_op(":");
    stream_.expect(Kind::block_end);
    expressions_.enter(conditional);
    Body body = statements(ends);
    expressions_.leave();
    return body;
  }
  Body body_through(std::string_view end, bool conditional = false) {
    Body body = body_until({end}, conditional);
    stream_.take();
    return body;
  }

  void statement(Body& body, Names ends) {
    if (stream_.current().kind != Kind::name)
      stream_.refuse("tag name expected, got {}", describe(stream_.current()));
    const size_t at = stream_.current().at;
    const std::string name = stream_.current().text;
    tags_.push_back(name);
    const auto add = [&](auto node) { body.push_back({at, std::move(node)}); };
    const auto taken = [&] { return stream_.take(), true; };
    if (name == "if" && taken()) {
      add(if_statement());
    } else if (name == "for" && taken()) {
      add(for_statement());
    } else if (name == "set" && taken()) {
      set_statement(body, at);
    } else if (name == "macro" && taken()) {
      add(macro());
    } else if (name == "call" && taken()) {
      add(call_block());
    } else if (name == "filter" && taken()) {
      FilterBlock block{expressions_.filters(nullptr, true), {}};
      block.body = body_through("endfilter");
      add(std::move(block));
    } else if (name == "with" && taken()) {
      add(with());
    } else if (name == "generation" && taken()) {
      add(generation());
    } else if (name == "block" && taken()) {
      add(block());
    } else if (name == "print" && taken()) {
      print(body);
    } else if ((name == "break" || name == "continue") && taken()) {
      if (loops_ == 0) stream_.source().refuse(at, "'{}' stands outside of a loop", name);
      name == "break" ? add(Break{}) : add(Continue{});
    } else if (name == "autoescape" && taken()) {
      autoescape(body, at);
    } else if (name == "include" || name == "import" || name == "from" || name == "extends") {
      stream_.refuse("'{}' needs another template; a chat template stands alone", name);
    } else {
      tags_.pop_back();
      refuse_tag(name, ends);
    }
    tags_.pop_back();
  }

  If if_statement() {
    If result;
    expressions_.enter(true);
    while (true) {
      ExpressionPtr test = expressions_.tuple(false);
      Body body = body_until({"elif", "else", "endif"}, true);
      result.branches.push_back({std::move(test), std::move(body)});
      const bool more = stream_.at_name("elif"), last = stream_.at_name("else");
      stream_.take();
      if (more) continue;
      if (last) result.otherwise = body_through("endif", true);
      break;
    }
    expressions_.leave();
    return result;
  }

  static bool assigns_loop(const Target& target) {
    if (target.name == "loop" && target.attribute.empty()) return true;
    return std::any_of(target.unpacked.begin(), target.unpacked.end(), assigns_loop);
  }

  For for_statement() {
    For result;
    result.target = expressions_.target("in");
    if (assigns_loop(result.target))
      stream_.source().refuse(result.target.at, "Can't assign to special loop variable in for-loop target");
    stream_.expect_name("in");
    result.items = expressions_.tuple(false, "recursive");
    if (stream_.skip_name("if")) result.test = expressions_.expression();
    result.recursive = stream_.skip_name("recursive");
    ++loops_;
    result.body = body_until({"endfor", "else"});
    --loops_;
    if (stream_.take().text == "else") result.otherwise = body_through("endfor");
    return result;
  }

  void set_statement(Body& body, size_t at) {
    Target target = expressions_.target({}, true);
    if (loops_ > 0 && assigns_loop(target))
      stream_.source().refuse(target.at, "Can't assign to special loop variable in for-loop target");
    if (stream_.skip_op("=")) {
      body.push_back({at, Set{std::move(target), expressions_.tuple()}});
      return;
    }
    SetBlock block{std::move(target), expressions_.filters(nullptr), {}};
    block.body = body_through("endset");
    body.push_back({at, std::move(block)});
  }

  void parameters(Signature& signature) {
    stream_.expect_op("(");
    while (!stream_.at_op(")")) {
      if (!signature.parameters.empty()) stream_.expect_op(",");
      const size_t at = stream_.current().at;
      Signature::Parameter parameter{stream_.expect_any_name(), nullptr};
      for (const auto& other : signature.parameters)
        if (other.name == parameter.name)
          stream_.source().refuse(at, "duplicate argument '{}' in function definition", parameter.name);
      if (stream_.skip_op("=")) {
        parameter.fallback = expressions_.expression();
      } else if (!signature.parameters.empty() && signature.parameters.back().fallback) {
        stream_.source().refuse(at, "non-default argument follows default argument");
      }
      signature.parameters.push_back(std::move(parameter));
    }
    stream_.expect_op(")");
  }

  // A macro is a loop's body no more: `break` in it stands outside.
  Body macro_body(Signature& signature, std::string_view end) {
    const int loops = std::exchange(loops_, 0);
    expressions_.open_macro();
    Body body = body_through(end);
    expressions_.close_macro(signature);
    loops_ = loops;
    for (const auto& parameter : signature.parameters)
      if (parameter.name == "caller" && signature.uses_caller && !parameter.fallback)
        stream_.refuse(
            "When defining macros or call blocks the special \"caller\" argument must be omitted or be given "
            "a default.");
    return body;
  }

  MacroDefinition macro() {
    MacroDefinition result{stream_.expect_any_name(), {}, {}};
    parameters(result.signature);
    result.body = macro_body(result.signature, "endmacro");
    return result;
  }

  CallBlock call_block() {
    CallBlock result;
    if (stream_.at_op("(")) parameters(result.caller.signature);
    const size_t at = stream_.current().at;
    result.call = expressions_.expression();
    if (!std::holds_alternative<Call>(result.call->node)) stream_.source().refuse(at, "expected call");
    result.caller.body = macro_body(result.caller.signature, "endcall");
    return result;
  }

  With with() {
    With result;
    while (stream_.current().kind != Kind::block_end) {
      if (!result.assignments.empty()) stream_.expect_op(",");
      Target target = expressions_.target();
      stream_.expect_op("=");
      result.assignments.emplace_back(std::move(target), expressions_.expression());
    }
    result.body = body_through("endwith");
    return result;
  }

  Generation generation() {
    const int loops = std::exchange(loops_, 0);
    Generation result{body_through("endgeneration")};
    loops_ = loops;
    return result;
  }

  Block block() {
    const std::string name = stream_.expect_any_name();
    if (std::count(blocks_.begin(), blocks_.end(), name) > 0)
      stream_.refuse("block '{}' defined twice", name);
    blocks_.push_back(name);
    Block result{stream_.skip_name("scoped"), {}};
    const int loops = std::exchange(loops_, 0);
    result.body = body_through("endblock");
    loops_ = loops;
    stream_.skip_name(name);
    return result;
  }

  void print(Body& body) {
    for (bool first = true; stream_.current().kind != Kind::block_end; first = false) {
      if (!first) stream_.expect_op(",");
      const size_t at = stream_.current().at;
      body.push_back({at, Print{expressions_.expression()}});
    }
  }

  // Chat templates are rendered without escaping, so that only `autoescape false` makes sense.
  void autoescape(Body& body, size_t at) {
    const ExpressionPtr wanted = expressions_.expression();
    const auto* literal = std::get_if<Literal>(&wanted->node);
    if (!literal || !literal->value.is_bool() || std::get<bool>(literal->value.data()))
      stream_.source().refuse(at, "'autoescape' is not supported; use the filter 'escape'");
    With block;
    block.body = body_through("endautoescape");
    body.push_back({at, std::move(block)});
  }

  TokenStream stream_;
  ExpressionParser expressions_;
  std::vector<std::string> tags_;    // that are open
  std::vector<std::string> blocks_;  // names seen
  int loops_ = 0;                    // around what is parsed now
};

}  // namespace

Body parse_template(const Source& source) { return TemplateParser(source).run(); }

}  // namespace millrace::jinja
