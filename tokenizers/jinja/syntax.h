#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tokenizers/jinja/value.h"

// The syntax tree of a template.
namespace millrace::jinja {

struct FilterEntry;
struct TestEntry;

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

struct CallArguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  ExpressionPtr unpacked, unpacked_named;  // *args and **kwargs; may be null
};

struct Literal {
  Value value;
};
struct Name {
  std::string name;
};
struct ListLiteral {
  std::vector<ExpressionPtr> items;
};
struct TupleLiteral {
  std::vector<ExpressionPtr> items;
};
struct DictLiteral {
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
};
struct AttributeAccess {
  ExpressionPtr object;
  std::string name;
};
struct ItemAccess {
  ExpressionPtr object, key;
};
struct SliceAccess {
  ExpressionPtr object, begin, end, step;  // all but the first may be null
};
struct Call {
  ExpressionPtr callee;
  CallArguments arguments;
};
struct Filter {
  ExpressionPtr input;  // null: what a filter block or block set holds
  std::string name;
  const FilterEntry* entry;  // null where there is no such filter, which is an error only once it is used
  CallArguments arguments;
};
struct Test {
  ExpressionPtr subject;
  std::string name;
  const TestEntry* entry;
  CallArguments arguments;
};
enum class Operator : uint8_t { add, subtract, multiply, divide, floor_divide, modulo, power };
struct Binary {
  Operator op;
  ExpressionPtr left, right;
};
struct Sign {  // unary + and -
  bool negative;
  ExpressionPtr operand;
};
struct Concatenation {
  std::vector<ExpressionPtr> parts;
};
struct Comparison {
  enum class Sign : uint8_t { eq, ne, lt, le, gt, ge, in, not_in };
  ExpressionPtr first;
  std::vector<std::pair<Sign, ExpressionPtr>> others;
};
struct Not {
  ExpressionPtr operand;
};
struct And {
  ExpressionPtr left, right;
};
struct Or {
  ExpressionPtr left, right;
};
struct Conditional {
  ExpressionPtr condition, then, otherwise;  // the last may be null
};

struct Expression {
  size_t at;  // byte of the source
  std::variant<Literal, Name, ListLiteral, TupleLiteral, DictLiteral, AttributeAccess, ItemAccess,
               SliceAccess, Call, Filter, Test, Binary, Sign, Concatenation, Comparison, Not, And, Or,
               Conditional>
      node;
};

// What `set` and `for` assign to: a name, an attribute of a namespace, or several of them.
struct Target {
  size_t at;
  std::string name;
  std::string attribute;         // of the namespace `name`, where it is not empty
  std::vector<Target> unpacked;  // where `tuple`
  bool tuple = false;
};

struct Statement;
using Body = std::vector<Statement>;

struct Print {
  ExpressionPtr value;
};
struct Data {
  std::string text;
};
struct If {
  struct Branch {
    ExpressionPtr test;
    Body body;
  };
  std::vector<Branch> branches;
  Body otherwise;
};
struct For {
  Target target;
  ExpressionPtr items, test;  // the test may be null
  bool recursive;
  Body body, otherwise;
};
struct Set {
  Target target;
  ExpressionPtr value;
};
struct SetBlock {
  Target target;
  ExpressionPtr filter;  // may be null
  Body body;
};
struct Signature {
  struct Parameter {
    std::string name;
    ExpressionPtr fallback;  // may be null
  };
  std::vector<Parameter> parameters;
  bool uses_caller = false, uses_varargs = false, uses_kwargs = false;
};
struct MacroDefinition {
  std::string name;
  Signature signature;
  Body body;
};
struct CallBlock {
  ExpressionPtr call;
  MacroDefinition caller;
};
struct FilterBlock {
  ExpressionPtr filter;
  Body body;
};
struct With {
  std::vector<std::pair<Target, ExpressionPtr>> assignments;
  Body body;
};
struct Block {
  bool scoped;
  Body body;
};
struct Generation {  // marks what the assistant said; prints as it is
  Body body;
};
struct Break {};
struct Continue {};

struct Statement {
  size_t at;
  std::variant<Print, Data, If, For, Set, SetBlock, MacroDefinition, CallBlock, FilterBlock, With, Block,
               Generation, Break, Continue>
      node;
};

}  // namespace millrace::jinja
