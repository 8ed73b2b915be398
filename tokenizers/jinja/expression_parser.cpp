#include "tokenizers/jinja/expression_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "tokenizers/jinja/filters.h"
#include "tokenizers/jinja/tests.h"

namespace millrace::jinja {
namespace {

using Kind = Token::Kind;

std::optional<Operator> operator_of(const Token& token,
                                    std::initializer_list<std::pair<std::string_view, Operator>> signs) {
  if (token.kind == Kind::op)
    for (const auto& [sign, op] : signs)
      if (token.text == sign) return op;
  return std::nullopt;
}

std::optional<Comparison::Sign> comparison_of(const Token& token) {
  using enum Comparison::Sign;
  constexpr std::pair<std::string_view, Comparison::Sign> kSigns[] = {{"==", eq}, {"!=", ne}, {"<", lt},
                                                                      {"<=", le}, {">", gt},  {">=", ge}};
  if (token.kind == Kind::op)
    for (const auto& [text, sign] : kSigns)
      if (token.text == text) return sign;
  return std::nullopt;
}

}  // namespace

ExpressionParser::Nesting::Nesting(ExpressionParser& parser) : parser_(parser) {
  if (parser.depth_ == kMostNesting)
    parser.stream_.refuse("blocks and expressions are nested more than {} deep", kMostNesting);
  ++parser.depth_;
}

void ExpressionParser::load_name(const std::string& name) {
  for (Mentioned& macro : macros_) {
    macro.caller |= name == "caller";
    macro.varargs |= name == "varargs";
    macro.kwargs |= name == "kwargs";
  }
}

void ExpressionParser::close_macro(Signature& signature) {
  const Mentioned mentioned = macros_.back();
  macros_.pop_back();
  const auto declared = [&](std::string_view name) {
    return std::any_of(signature.parameters.begin(), signature.parameters.end(),
                       [&](const Signature::Parameter& parameter) { return parameter.name == name; });
  };
  signature.uses_caller = mentioned.caller;
  signature.uses_varargs = mentioned.varargs && !declared("varargs");
  signature.uses_kwargs = mentioned.kwargs && !declared("kwargs");
}

void ExpressionParser::note_unknown(size_t at, std::string message) {
  if (conditional_.empty() || !conditional_.back()) unknown_.push_back({at, std::move(message)});
}

void ExpressionParser::refuse_unknown() const {
  if (!unknown_.empty()) stream_.source().refuse(unknown_.front().at, "{}", unknown_.front().message);
}

ExpressionPtr ExpressionParser::expression(bool with_conditional) {
  const Nesting nesting(*this);
  return with_conditional ? conditional() : disjunction();
}

ExpressionPtr ExpressionParser::conditional() {
  const size_t at = stream_.current().at, known = unknown_.size();
  ExpressionPtr value = disjunction();
  for (int length = 0; stream_.skip_name("if");) {
    check_chain(length);
    ExpressionPtr condition = disjunction(), otherwise;
    if (stream_.skip_name("else")) {
      const Nesting nesting(*this);
      otherwise = conditional();
    }
    value = make(at, Conditional{std::move(condition), std::move(value), std::move(otherwise)});
    unknown_.resize(known);
  }
  return value;
}

ExpressionPtr ExpressionParser::disjunction() {
  const size_t at = stream_.current().at;
  ExpressionPtr left = conjunction();
  for (int length = 0; stream_.skip_name("or"); check_chain(length))
    left = make(at, Or{std::move(left), conjunction()});
  return left;
}

ExpressionPtr ExpressionParser::conjunction() {
  const size_t at = stream_.current().at;
  ExpressionPtr left = negation();
  for (int length = 0; stream_.skip_name("and"); check_chain(length))
    left = make(at, And{std::move(left), negation()});
  return left;
}

ExpressionPtr ExpressionParser::negation() {
  const size_t at = stream_.current().at;
  if (!stream_.skip_name("not")) return comparison();
  const Nesting nesting(*this);
  return make(at, Not{negation()});
}

ExpressionPtr ExpressionParser::comparison() {
  const size_t at = stream_.current().at;
  Comparison result{sum(), {}};
  while (true) {
    if (const auto sign = comparison_of(stream_.current())) {
      stream_.take();
      result.others.emplace_back(*sign, sum());
    } else if (stream_.skip_name("in")) {
      result.others.emplace_back(Comparison::Sign::in, sum());
    } else if (stream_.at_name("not") && stream_.look().is(Kind::name, "in")) {
      stream_.take(), stream_.take();
      result.others.emplace_back(Comparison::Sign::not_in, sum());
    } else {
      break;
    }
  }
  return result.others.empty() ? std::move(result.first) : make(at, std::move(result));
}

ExpressionPtr ExpressionParser::sum() {
  const size_t at = stream_.current().at;
  ExpressionPtr left = concatenation();
  int length = 0;
  while (const auto op = operator_of(stream_.current(), {{"+", Operator::add}, {"-", Operator::subtract}})) {
    stream_.take();
    check_chain(length);
    left = make(at, Binary{*op, std::move(left), concatenation()});
  }
  return left;
}

ExpressionPtr ExpressionParser::concatenation() {
  const size_t at = stream_.current().at;
  Concatenation result;
  result.parts.push_back(product());
  while (stream_.skip_op("~")) result.parts.push_back(product());
  return result.parts.size() == 1 ? std::move(result.parts.front()) : make(at, std::move(result));
}

ExpressionPtr ExpressionParser::product() {
  const size_t at = stream_.current().at;
  ExpressionPtr left = power();
  int length = 0;
  while (const auto op = operator_of(stream_.current(), {{"*", Operator::multiply},
                                                         {"/", Operator::divide},
                                                         {"//", Operator::floor_divide},
                                                         {"%", Operator::modulo}})) {
    stream_.take();
    check_chain(length);
    left = make(at, Binary{*op, std::move(left), power()});
  }
  return left;
}

ExpressionPtr ExpressionParser::power() {
  const size_t at = stream_.current().at;
  ExpressionPtr left = unary();
  for (int length = 0; stream_.skip_op("**"); check_chain(length))
    left = make(at, Binary{Operator::power, std::move(left), unary()});
  return left;
}

ExpressionPtr ExpressionParser::unary(bool with_filter) {
  const Nesting nesting(*this);
  const size_t at = stream_.current().at;
  ExpressionPtr node;
  if (stream_.at_op("-") || stream_.at_op("+")) {
    const bool negative = stream_.take().text == "-";
    node = make(at, Sign{negative, unary(false)});
  } else {
    node = primary();
  }
  node = postfix(std::move(node));
  return with_filter ? filters_and_tests(std::move(node)) : std::move(node);
}

ExpressionPtr ExpressionParser::primary() {
  const Token& token = stream_.current();
  const size_t at = token.at;
  if (token.kind == Kind::name) {
    const std::string name = stream_.take().text;
    if (name == "true" || name == "True") return make(at, Literal{true});
    if (name == "false" || name == "False") return make(at, Literal{false});
    if (name == "none" || name == "None") return make(at, Literal{None{}});
    load_name(name);
    return make(at, Name{name});
  }
  if (token.kind == Kind::string) return string();
  if (token.kind == Kind::integer || token.kind == Kind::decimal) return number();
  if (stream_.skip_op("(")) {
    ExpressionPtr inner = tuple(true, {}, true);
    stream_.expect_op(")");
    return inner;
  }
  if (stream_.at_op("[")) return list();
  if (stream_.at_op("{")) return dict();
  stream_.refuse("unexpected {}", describe(token));
}

ExpressionPtr ExpressionParser::string() {
  const size_t at = stream_.current().at;
  std::string text;
  while (stream_.current().kind == Kind::string) text += stream_.take().text;
  return make(at, Literal{Value(std::move(text))});
}

ExpressionPtr ExpressionParser::number() {
  const Token token = stream_.take();
  if (token.kind == Kind::decimal) return make(token.at, Literal{std::strtod(token.text.c_str(), nullptr)});
  std::string_view digits = token.text;
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0' && digits[1] > '9') {
    const char mark = static_cast<char>(digits[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'o' ? 8 : 2;
    digits.remove_prefix(2);
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc())
    stream_.source().refuse(token.at, "{} is too large; whole numbers have 64 bits", token.text);
  return make(token.at, Literal{value});
}

ExpressionPtr ExpressionParser::list() {
  const size_t at = stream_.take().at;
  ListLiteral result;
  while (!stream_.at_op("]")) {
    if (!result.items.empty()) stream_.expect_op(",");
    if (stream_.at_op("]")) break;
    result.items.push_back(expression());
  }
  stream_.expect_op("]");
  return make(at, std::move(result));
}

ExpressionPtr ExpressionParser::dict() {
  const size_t at = stream_.take().at;
  DictLiteral result;
  while (!stream_.at_op("}")) {
    if (!result.entries.empty()) stream_.expect_op(",");
    if (stream_.at_op("}")) break;
    ExpressionPtr key = expression();
    stream_.expect_op(":");
    result.entries.emplace_back(std::move(key), expression());
  }
  stream_.expect_op("}");
  return make(at, std::move(result));
}

bool ExpressionParser::at_tuple_end(std::string_view end, bool) const {
  const Token& token = stream_.current();
  return token.kind == Kind::variable_end || token.kind == Kind::block_end || token.is(Kind::op, ")") ||
         (!end.empty() && token.is(Kind::name, end));
}

ExpressionPtr ExpressionParser::tuple(bool with_conditional, std::string_view end, bool in_parentheses) {
  const size_t at = stream_.current().at;
  TupleLiteral result;
  bool is_tuple = false;
  while (true) {
    if (!result.items.empty()) stream_.expect_op(",");
    if (at_tuple_end(end, in_parentheses)) break;
    result.items.push_back(expression(with_conditional));
    if (!stream_.at_op(",")) break;
    is_tuple = true;
  }
  if (!is_tuple && !result.items.empty()) return std::move(result.items.front());
  if (!is_tuple && !in_parentheses)
    stream_.refuse("Expected an expression, got {}", describe(stream_.current()));
  return make(at, std::move(result));
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr node) {
  for (int length = 0;; check_chain(length)) {
    if (stream_.at_op(".") || stream_.at_op("[")) {
      node = subscript(std::move(node));
    } else if (stream_.at_op("(")) {
      node = call(std::move(node));
    } else {
      return node;
    }
  }
}

ExpressionPtr ExpressionParser::filters_and_tests(ExpressionPtr node) {
  for (int length = 0;; check_chain(length)) {
    if (stream_.at_op("|")) {
      node = filters(std::move(node));
    } else if (stream_.at_name("is")) {
      node = test(std::move(node));
    } else if (stream_.at_op("(")) {
      node = call(std::move(node));
    } else {
      return node;
    }
  }
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr object) {
  const Token opening = stream_.take();
  if (opening.text == ".") {
    const Token name = stream_.take();
    if (name.kind == Kind::name) return make(name.at, AttributeAccess{std::move(object), name.text});
    int64_t index = 0;
    if (name.kind != Kind::integer ||
        std::from_chars(name.text.data(), name.text.data() + name.text.size(), index).ec != std::errc())
      stream_.source().refuse(name.at, "expected name or number, got {}", describe(name));
    return make(name.at, ItemAccess{std::move(object), make(name.at, Literal{index})});
  }
  // One key or slice; several keys with commas are a tuple.
  const auto at_end = [&] { return stream_.at_op("]") || stream_.at_op(",") || stream_.at_op(":"); };
  TupleLiteral keys;
  std::optional<SliceAccess> slice;
  int count = 0;
  for (; !stream_.at_op("]"); ++count) {
    if (count > 0) stream_.expect_op(",");
    ExpressionPtr first = stream_.at_op(":") ? nullptr : expression();
    if (!stream_.skip_op(":")) {
      keys.items.push_back(std::move(first));
      continue;
    }
    slice.emplace();
    slice->begin = std::move(first);
    if (!at_end()) slice->end = expression();
    if (stream_.skip_op(":") && !at_end()) slice->step = expression();
  }
  stream_.expect_op("]");
  if (slice && count > 1) stream_.source().refuse(opening.at, "a slice cannot stand beside other keys");
  if (slice) {
    slice->object = std::move(object);
    return make(opening.at, *std::move(slice));
  }
  ExpressionPtr key = count == 1 ? std::move(keys.items.front()) : make(opening.at, std::move(keys));
  return make(opening.at, ItemAccess{std::move(object), std::move(key)});
}

ExpressionPtr ExpressionParser::call(ExpressionPtr callee) {
  const size_t at = callee->at;
  return make(at, Call{std::move(callee), arguments()});
}

CallArguments ExpressionParser::arguments() {
  const size_t at = stream_.current().at;
  stream_.expect_op("(");
  CallArguments result;
  const auto ensure = [&](bool holds) {
    if (!holds) stream_.source().refuse(at, "invalid syntax for function call expression");
  };
  for (bool first = true; !stream_.at_op(")"); first = false) {
    if (!first) {
      stream_.expect_op(",");
      if (stream_.at_op(")")) break;
    }
    if (stream_.skip_op("*")) {
      ensure(!result.unpacked && !result.unpacked_named);
      result.unpacked = expression();
    } else if (stream_.skip_op("**")) {
      ensure(!result.unpacked_named);
      result.unpacked_named = expression();
    } else if (stream_.current().kind == Kind::name && stream_.look().is(Kind::op, "=")) {
      ensure(!result.unpacked_named);
      std::string name = stream_.take().text;
      stream_.take();
      for (const auto& [other, value] : result.named)
        if (other == name) stream_.source().refuse(at, "keyword argument repeated: {}", name);
      result.named.emplace_back(std::move(name), expression());
    } else {
      ensure(!result.unpacked && !result.unpacked_named && result.named.empty());
      result.positional.push_back(expression());
    }
  }
  stream_.expect_op(")");
  return result;
}

std::string ExpressionParser::dotted_name() {
  std::string name = stream_.expect_any_name();
  while (stream_.skip_op(".")) name += "." + stream_.expect_any_name();
  return name;
}

ExpressionPtr ExpressionParser::filters(ExpressionPtr node, bool first_is_named) {
  for (int length = 0; first_is_named || stream_.skip_op("|"); first_is_named = false, check_chain(length)) {
    const size_t at = stream_.current().at;
    Filter filter{std::move(node), dotted_name(), nullptr, {}};
    filter.entry = find_filter(filter.name);
    if (!filter.entry) note_unknown(at, fmt::format("No filter named '{}'.", filter.name));
    if (stream_.at_op("(")) filter.arguments = arguments();
    node = make(at, std::move(filter));
  }
  return node;
}

ExpressionPtr ExpressionParser::test(ExpressionPtr subject) {
  const size_t at = stream_.take().at;  // "is"
  const bool negated = stream_.skip_name("not");
  const size_t name_at = stream_.current().at;
  Test result{std::move(subject), dotted_name(), nullptr, {}};
  result.entry = find_test(result.name);
  if (!result.entry) note_unknown(name_at, fmt::format("No test named '{}'.", result.name));
  const Token& next = stream_.current();
  const bool begins_argument =
      next.kind == Kind::string || next.kind == Kind::integer || next.kind == Kind::decimal ||
      next.is(Kind::op, "[") || next.is(Kind::op, "{") ||
      (next.kind == Kind::name && next.text != "else" && next.text != "or" && next.text != "and");
  if (stream_.at_op("(")) {
    result.arguments = arguments();
  } else if (begins_argument) {
    if (stream_.at_name("is")) stream_.refuse("You cannot chain multiple tests with is");
    const Nesting nesting(*this);
    result.arguments.positional.push_back(postfix(primary()));
  }
  ExpressionPtr node = make(at, std::move(result));
  return negated ? make(at, Not{std::move(node)}) : std::move(node);
}

Target ExpressionParser::target_item(std::string_view end, bool with_namespace) {
  const Nesting nesting(*this);
  const size_t at = stream_.current().at;
  if (stream_.skip_op("(")) {
    Target inner = target(end, false);
    stream_.expect_op(")");
    return inner;
  }
  if (stream_.current().kind != Kind::name) stream_.refuse("can't assign to {}", describe(stream_.current()));
  Target result{at, stream_.take().text, {}, {}};
  constexpr std::string_view kConstants[] = {"true", "false", "none", "True", "False", "None"};
  if (std::find(std::begin(kConstants), std::end(kConstants), result.name) != std::end(kConstants))
    stream_.source().refuse(at, "can't assign to '{}'", result.name);
  if (with_namespace && stream_.skip_op(".")) {
    load_name(result.name);
    result.attribute = stream_.expect_any_name();
  }
  return result;
}

Target ExpressionParser::target(std::string_view end, bool with_namespace) {
  Target result{stream_.current().at, {}, {}, {}};
  while (true) {
    if (!result.unpacked.empty()) stream_.expect_op(",");
    if (at_tuple_end(end, false) || stream_.at_op("=")) break;
    result.unpacked.push_back(target_item(end, with_namespace));
    if (!stream_.at_op(",")) break;
    result.tuple = true;
  }
  if (result.tuple) return result;
  if (result.unpacked.empty()) stream_.refuse("Expected an expression, got {}", describe(stream_.current()));
  return std::move(result.unpacked.front());
}

}  // namespace millrace::jinja
