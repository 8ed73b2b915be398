#include "tokenizers/jinja/renderer.h"

#include <algorithm>

#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/evaluation.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/loop.h"
#include "tokenizers/jinja/macro.h"
#include "tokenizers/jinja/object_types.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

enum class Flow : uint8_t { next, broken, continued };

class Renderer {
 public:
  explicit Renderer(const Source& source) : evaluation_(source) {}

  std::string run(const Body& body, const std::vector<std::pair<std::string, Value>>& variables) {
    const auto scope = new_scope(nullptr);
    for (const auto& [name, value] : variables) scope->set(name, value);
    // What the template sets stands in front of what it was given.
    top_ = new_scope(scope);
    try {
      std::string out;
      execute(body, top_, out);
      return out;
    } catch (const Error& error) {
      throw evaluation_.located(error);
    }
  }

 private:
  struct Visitor {
    Renderer& renderer;
    size_t at;
    const ScopePtr& scope;
    std::string& out;
    template <class Node>
    Flow operator()(const Node& node) const {
      renderer.evaluation_.set_position(at);
      return renderer.execute(node, scope, out);
    }
  };

  ScopePtr new_scope(const ScopePtr& outer) { return std::make_shared<Scope>(outer); }

  Flow execute(const Body& body, const ScopePtr& scope, std::string& out) {
    const Evaluation::Frame frame(evaluation_);
    for (const Statement& statement : body) {
      evaluation_.budget().spend(1);
      const Flow flow = std::visit(Visitor{*this, statement.at, scope, out}, statement.node);
      if (flow != Flow::next) return flow;
    }
    return Flow::next;
  }

  // What a body prints, with names of its own.
  std::string captured(const Body& body, const ScopePtr& scope) {
    std::string text;
    execute(body, new_scope(scope), text);
    return text;
  }

  void print(const Value& value, std::string& out) {
    const size_t before = out.size();
    out += to_text(value);
    check_text_size(out.size());
    evaluation_.budget().spend(static_cast<int64_t>((out.size() - before) / 1024));
  }

  Flow execute(const Print& node, const ScopePtr& scope, std::string& out) {
    print(evaluation_.evaluate(*node.value, scope), out);
    return Flow::next;
  }

  Flow execute(const Data& node, const ScopePtr&, std::string& out) {
    out += node.text;
    check_text_size(out.size());
    return Flow::next;
  }

  Flow execute(const If& node, const ScopePtr& scope, std::string& out) {
    for (const auto& [test, body] : node.branches)
      if (evaluation_.holds(*test, scope)) return execute(body, scope, out);
    return execute(node.otherwise, scope, out);
  }

  Flow execute(const For& node, const ScopePtr& scope, std::string& out) {
    const Value items = evaluation_.evaluate(*node.items, scope);
    evaluation_.set_position(node.target.at);
    return run_loop(node, items, scope, 0, out);
  }

  // The items that the loop's own `if` lets through, and how many there are, where that is known.
  std::pair<Iterator, std::optional<size_t>> items_of(const For& node, const Value& items,
                                                      const ScopePtr& scope) {
    Iterator all = iterate(items);
    if (!node.test) return {std::move(all), length_of(items)};
    return {[this, &node, scope, all = std::move(all)](Value& next) {
              while (all(next)) {
                const ScopePtr inner = new_scope(scope);
                assign(node.target, next, inner);
                if (evaluation_.holds(*node.test, inner)) return true;
              }
              return false;
            },
            std::nullopt};
  }

  Flow run_loop(const For& node, const Value& items, const ScopePtr& scope, int depth, std::string& out) {
    auto [next, length] = items_of(node, items, scope);
    Loop::Recurse recurse;
    if (node.recursive)
      recurse = [this, &node, scope](const Value& inner, int inner_depth) {
        const Evaluation::Frame frame(evaluation_);
        std::string text;
        run_loop(node, inner, scope, inner_depth, text);
        return Value(std::move(text));
      };
    const auto loop = std::make_shared<Loop>(std::move(next), length, depth, std::move(recurse));
    const ObjectPtr object = loop;
    const KeptIfShared keeper{evaluation_, object, 2};
    bool finished_turn = false;
    for (Value item; loop->advance(item);) {
      evaluation_.budget().spend(1);
      const ScopePtr turn = new_scope(scope);
      turn->set("loop", Value(loop));
      assign(node.target, item, turn);
      const Flow flow = execute(node.body, turn, out);
      if (flow == Flow::broken) break;
      finished_turn = finished_turn || flow == Flow::next;
    }
    // Where `break` or `continue` ended every turn, Jinja takes the `else` as if there had been none.
    return finished_turn ? Flow::next : execute(node.otherwise, new_scope(scope), out);
  }

  void assign(const Target& target, const Value& value, const ScopePtr& scope) {
    evaluation_.set_position(target.at);
    if (target.tuple) {
      assign_each(target, value, scope);
    } else if (target.attribute.empty()) {
      scope->set(target.name, value);
    } else {
      const Value* holder = scope->find(target.name);
      if (!holder) fail(ErrorKind::input, "{} is undefined", quoted(target.name));
      const auto space = holder->as<Namespace>();
      if (!space) fail(ErrorKind::input, "cannot assign attribute on non-namespace object");
      space->set(target.attribute, value);
    }
  }

  void assign_each(const Target& target, const Value& value, const ScopePtr& scope) {
    if (!is_iterable(value)) fail(ErrorKind::input, "cannot unpack non-iterable {} object", type_name(value));
    const Iterator next = iterate(value);
    std::vector<Value> items;
    for (Value item; items.size() <= target.unpacked.size() && next(item);) items.push_back(std::move(item));
    if (items.size() > target.unpacked.size())
      fail(ErrorKind::input, "too many values to unpack (expected {})", target.unpacked.size());
    if (items.size() < target.unpacked.size())
      fail(ErrorKind::input, "not enough values to unpack (expected {}, got {})", target.unpacked.size(),
           items.size());
    for (size_t i = 0; i < items.size(); ++i) assign(target.unpacked[i], items[i], scope);
  }

  Flow execute(const Set& node, const ScopePtr& scope, std::string&) {
    const Value value = evaluation_.evaluate(*node.value, scope);
    assign(node.target, value, scope);
    return Flow::next;
  }

  Flow execute(const SetBlock& node, const ScopePtr& scope, std::string&) {
    const ScopePtr inner = new_scope(scope);
    std::string text;
    if (const Flow flow = execute(node.body, inner, text); flow != Flow::next) return flow;
    Value value(std::move(text));
    if (node.filter) value = evaluation_.evaluate_filter(*node.filter, value, inner);
    assign(node.target, value, scope);
    return Flow::next;
  }

  // Remembers an object that outlives what made it: it may have come to hold itself.
  struct KeptIfShared {
    Evaluation& evaluation;
    const ObjectPtr& object;
    long own = 1;  // references that are the maker's
    ~KeptIfShared() {
      if (object.use_count() > own) evaluation.keep(object);
    }
  };

  ObjectPtr make_macro(const MacroDefinition& definition, const ScopePtr& scope) {
    return std::make_shared<Macro>(definition, scope, [this](const Body& body, const ScopePtr& inner) {
      std::string text;
      execute(body, inner, text);
      return text;
    });
  }

  Flow execute(const MacroDefinition& node, const ScopePtr& scope, std::string&) {
    const ObjectPtr macro = make_macro(node, scope);
    evaluation_.keep(macro), evaluation_.keep(scope);  // each holds the other
    evaluation_.budget().spend(kStepsOfKept);
    scope->set(node.name, Value(macro));
    return Flow::next;
  }

  Flow execute(const CallBlock& node, const ScopePtr& scope, std::string& out) {
    const ObjectPtr caller = make_macro(node.caller, scope);
    {
      const KeptIfShared keeper{evaluation_, caller};
      print(evaluation_.evaluate_call(*node.call, scope, "caller", Value(caller)), out);
    }
    return Flow::next;
  }

  Flow execute(const FilterBlock& node, const ScopePtr& scope, std::string& out) {
    const ScopePtr inner = new_scope(scope);
    std::string text;
    if (const Flow flow = execute(node.body, inner, text); flow != Flow::next) return flow;
    print(evaluation_.evaluate_filter(*node.filter, Value(std::move(text)), inner), out);
    return Flow::next;
  }

  Flow execute(const With& node, const ScopePtr& scope, std::string& out) {
    const ScopePtr inner = new_scope(scope);
    for (const auto& [target, value] : node.assignments) {
      const Value given = evaluation_.evaluate(*value, scope);
      assign(target, given, inner);
    }
    return execute(node.body, inner, out);
  }

  // Blocks see the template's own names, and with `scoped` those around them too.
  Flow execute(const Block& node, const ScopePtr& scope, std::string& out) {
    out += captured(node.body, node.scoped ? scope : top_);
    return Flow::next;
  }

  Flow execute(const Generation& node, const ScopePtr& scope, std::string& out) {
    out += captured(node.body, scope);
    return Flow::next;
  }

  Flow execute(const Break&, const ScopePtr&, std::string&) { return Flow::broken; }
  Flow execute(const Continue&, const ScopePtr&, std::string&) { return Flow::continued; }

  Evaluation evaluation_;
  ScopePtr top_;
};

}  // namespace

std::string render(const Source& source, const Body& body,
                   const std::vector<std::pair<std::string, Value>>& variables) {
  return Renderer(source).run(body, variables);
}

}  // namespace millrace::jinja
