#include <algorithm>

#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/evaluation.h"
#include "tokenizers/jinja/filters.h"
#include "tokenizers/jinja/globals.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/object_types.h"
#include "tokenizers/jinja/operators.h"
#include "tokenizers/jinja/tests.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {

// Works out one expression. The position is set again before each thing that can fail: by then that of an
// operand stands there.
class ExpressionVisitor {
 public:
  ExpressionVisitor(Evaluation& evaluation, const ScopePtr& scope, size_t at, const Value* filtered = nullptr)
      : evaluation_(evaluation), scope_(scope), at_(at), filtered_(filtered) {}

  Value operator()(const Literal& node) const { return node.value; }

  Value operator()(const Name& node) const {
    here();
    if (const Value* found = scope_->find(node.name)) return *found;
    if (auto global = find_global(evaluation_, node.name)) return *std::move(global);
    return Value::undefined(fmt::format("{} is undefined", quoted(node.name)));
  }

  Value operator()(const ListLiteral& node) const { return Value::list(all(node.items)); }
  Value operator()(const TupleLiteral& node) const { return Value::tuple(all(node.items)); }

  Value operator()(const DictLiteral& node) const {
    std::vector<Dict::Entry> entries;
    for (const auto& [key, value] : node.entries) {
      Value name = eval(*key);
      entries.emplace_back(std::move(name), eval(*value));
    }
    here();
    return make_dict(std::move(entries));
  }

  Value operator()(const AttributeAccess& node) const {
    const Value object = eval(*node.object);
    here();
    return evaluation_.attribute(object, node.name);
  }

  Value operator()(const ItemAccess& node) const {
    const Value object = eval(*node.object), key = eval(*node.key);
    here();
    return evaluation_.item(object, key);
  }

  Value operator()(const SliceAccess& node) const {
    const auto part = [&](const ExpressionPtr& expression) {
      return expression ? eval(*expression) : Value();
    };
    const Value object = eval(*node.object), begin = part(node.begin), end = part(node.end),
                step = part(node.step);
    here();
    if (object.is_undefined()) fail_undefined(object);
    const auto range = object.as<Range>();
    if (object.is_dict()) fail(ErrorKind::input, "unhashable type: 'slice'");
    if (!range && !object.is_text() && !object.is_list() && !object.is_tuple())
      fail(ErrorKind::input, "'{}' object is not subscriptable", type_name(object));
    return evaluation_.made(slice_of(object, begin, end, step));
  }

  Value operator()(const Call& node) const { return call(node, nullptr); }

  // `extra`: one more named argument.
  Value call(const Call& node, const std::pair<std::string, Value>* extra) const {
    const Value callee = eval(*node.callee);
    Arguments arguments = evaluated(node.arguments);
    here();
    if (extra) {
      for (const auto& [name, value] : arguments.named)
        if (name == extra->first)
          fail(ErrorKind::input, "got multiple values for keyword argument '{}'", name);
      arguments.named.push_back(*extra);
    }
    if (callee.is_object())
      for (const Value& argument : arguments.positional) evaluation_.budget().spend(argument.weight() / 64);
    return evaluation_.call(callee, arguments);
  }

  Value operator()(const Filter& node) const {
    const Value input = node.input ? eval(*node.input) : filtered_ ? *filtered_ : Value();
    const Arguments arguments = evaluated(node.arguments);
    here();
    if (!node.entry) fail(ErrorKind::input, "No filter named {} found.", quoted(node.name));
    return evaluation_.apply_filter(*node.entry, input, arguments);
  }

  Value operator()(const Test& node) const {
    const Value subject = eval(*node.subject);
    const Arguments arguments = evaluated(node.arguments);
    here();
    if (!node.entry) fail(ErrorKind::input, "No test named {} found.", quoted(node.name));
    for (const Value& argument : arguments.positional) evaluation_.budget().spend(argument.weight() / 16);
    return node.entry->apply(subject, arguments);
  }

  Value operator()(const Binary& node) const {
    const Value left = eval(*node.left), right = eval(*node.right);
    here();
    return evaluation_.made(apply(node.op, left, right));
  }

  Value operator()(const Sign& node) const {
    const Value operand = eval(*node.operand);
    here();
    return node.negative ? negate(operand) : plus(operand);
  }

  Value operator()(const Concatenation& node) const {
    std::string text;
    for (const ExpressionPtr& part : node.parts) {
      const Value value = eval(*part);
      here();
      text += to_text(value);
      check_text_size(text.size());
    }
    return evaluation_.made(Value(std::move(text)));
  }

  Value operator()(const Comparison& node) const {
    Value left = eval(*node.first);
    for (const auto& [sign, operand] : node.others) {
      Value right = eval(*operand);
      here();
      evaluation_.budget().spend(1 + (left.weight() + right.weight()) / 16);
      if (!compare(sign, left, right)) return false;
      left = std::move(right);
    }
    return true;
  }

  Value operator()(const Not& node) const { return !holds(*node.operand); }
  Value operator()(const And& node) const {
    Value left = eval(*node.left);
    return truth(left) ? eval(*node.right) : left;
  }
  Value operator()(const Or& node) const {
    Value left = eval(*node.left);
    return truth(left) ? left : eval(*node.right);
  }
  Value operator()(const Conditional& node) const {
    if (holds(*node.condition)) return eval(*node.then);
    if (node.otherwise) return eval(*node.otherwise);
    return Value::undefined("the inline if-expression evaluated to false and no else section was defined.");
  }

 private:
  void here() const { evaluation_.set_position(at_); }
  bool holds(const Expression& expression) const { return truth(eval(expression)); }

  Value eval(const Expression& expression) const {
    const Evaluation::Frame frame(evaluation_);
    evaluation_.budget().spend(1);
    return std::visit(ExpressionVisitor(evaluation_, scope_, expression.at, filtered_), expression.node);
  }

  std::vector<Value> all(const std::vector<ExpressionPtr>& expressions) const {
    std::vector<Value> values;
    values.reserve(expressions.size());
    for (const ExpressionPtr& expression : expressions) values.push_back(eval(*expression));
    here();
    return values;
  }

  Arguments evaluated(const CallArguments& given) const {
    Arguments arguments;
    for (const ExpressionPtr& argument : given.positional) arguments.positional.push_back(eval(*argument));
    for (const auto& [name, value] : given.named) arguments.named.emplace_back(name, eval(*value));
    if (given.unpacked) {
      const Value more = eval(*given.unpacked);
      here();
      for (Value& item : to_items(more)) arguments.positional.push_back(std::move(item));
    }
    if (given.unpacked_named) {
      const Value more = eval(*given.unpacked_named);
      here();
      if (!more.is_dict())
        fail(ErrorKind::input, "argument after ** must be a mapping, not {}", type_name(more));
      for (const auto& [key, value] : more.dict().entries) add_named(arguments, key, value);
    }
    return arguments;
  }

  static void add_named(Arguments& arguments, const Value& key, const Value& value) {
    if (!key.is_text()) fail(ErrorKind::input, "keywords must be strings");
    for (const auto& [name, old] : arguments.named)
      if (name == key.bytes())
        fail(ErrorKind::input, "got multiple values for keyword argument {}", quoted(name));
    arguments.named.emplace_back(key.bytes(), value);
  }

  static bool compare(Comparison::Sign sign, const Value& left, const Value& right) {
    switch (sign) {
      case Comparison::Sign::eq:
        return equal(left, right);
      case Comparison::Sign::ne:
        return !equal(left, right);
      case Comparison::Sign::lt:
        return ordered(left, "<", right);
      case Comparison::Sign::le:
        return ordered(left, "<=", right);
      case Comparison::Sign::gt:
        return ordered(left, ">", right);
      case Comparison::Sign::ge:
        return ordered(left, ">=", right);
      case Comparison::Sign::in:
        return contains(right, left);
      case Comparison::Sign::not_in:
        return !contains(right, left);
    }
    return false;
  }

  Evaluation& evaluation_;
  const ScopePtr& scope_;
  size_t at_;
  const Value* filtered_;
};

Value Evaluation::evaluate(const Expression& expression, const ScopePtr& scope) {
  const Frame frame(*this);
  budget_.spend(1);
  return std::visit(ExpressionVisitor(*this, scope, expression.at), expression.node);
}

Value Evaluation::evaluate_filter(const Expression& filter, const Value& input, const ScopePtr& scope) {
  const Frame frame(*this);
  return std::visit(ExpressionVisitor(*this, scope, filter.at, &input), filter.node);
}

Value Evaluation::evaluate_call(const Expression& call, const ScopePtr& scope, std::string name,
                                Value extra) {
  const Frame frame(*this);
  const std::pair<std::string, Value> argument(std::move(name), std::move(extra));
  return ExpressionVisitor(*this, scope, call.at).call(std::get<Call>(call.node), &argument);
}

bool Evaluation::holds(const Expression& expression, const ScopePtr& scope) {
  return truth(evaluate(expression, scope));
}

}  // namespace millrace::jinja
