#include "decoders/constraint/grammar.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

constexpr size_t kStates = 400'000;
constexpr uint32_t kUndefined = UINT32_MAX;

using State = Grammar::State;

// Which states can reach the end of their rule, and so which rules can be completed.
class Productive {
 public:
  Productive(const Grammar& grammar) : grammar_(grammar), states_(grammar.states.size()) {
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = states_.size(); i-- > 0;)  // ends have the higher numbers, mostly
        if (!states_[i] && reaches_the_end(grammar.states[i])) states_[i] = changed = true;
    }
  }
  bool state(uint32_t id) const { return states_[id]; }
  bool call(const Grammar::Call& call) const {
    return states_[grammar_.rule_starts[call.rule]] && states_[call.to];
  }

 private:
  bool reaches_the_end(const State& state) const {
    return state.ends ||
           std::any_of(state.bytes.begin(), state.bytes.end(),
                       [&](const auto& edge) { return states_[edge.to]; }) ||
           std::any_of(state.free.begin(), state.free.end(), [&](uint32_t to) { return states_[to]; }) ||
           std::any_of(state.calls.begin(), state.calls.end(), [&](const auto& one) { return call(one); });
  }
  const Grammar& grammar_;
  std::vector<bool> states_;
};

void prune(Grammar& grammar) {
  const Productive productive(grammar);
  if (!productive.state(grammar.rule_starts[grammar.root]))
    fail(ErrorKind::input, "no finite text fits the constraint");
  for (State& state : grammar.states) {
    std::erase_if(state.bytes, [&](const auto& edge) { return !productive.state(edge.to); });
    std::erase_if(state.free, [&](uint32_t to) { return !productive.state(to); });
    std::erase_if(state.calls, [&](const auto& call) { return !productive.call(call); });
  }
}

// Finds rules that call themselves before a byte is read: matching one would never end.
class LeftRecursion {
 public:
  explicit LeftRecursion(const Grammar& grammar)
      : grammar_(grammar), empty_(grammar.rule_starts.size()), mark_(grammar.rule_starts.size()) {
    for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t rule = 0; rule < empty_.size(); ++rule)
        if (!empty_[rule] && first_calls(rule).second) empty_[rule] = changed = true;
    }
    for (uint32_t rule = 0; rule < mark_.size(); ++rule) visit(rule);
  }

 private:
  enum Mark : uint8_t { fresh, open, done };

  // The rules that are called before a byte is read, and whether the rule may be over by then.
  std::pair<std::vector<uint32_t>, bool> first_calls(uint32_t rule) const {
    std::vector<uint32_t> calls, work = {grammar_.rule_starts[rule]}, seen = work;
    bool over = false;
    const auto reach = [&](uint32_t to) {
      const auto place = std::lower_bound(seen.begin(), seen.end(), to);
      if (place != seen.end() && *place == to) return;
      seen.insert(place, to);
      work.push_back(to);
    };
    while (!work.empty()) {
      const State& state = grammar_.states[work.back()];
      work.pop_back();
      over = over || state.ends;
      for (const uint32_t to : state.free) reach(to);
      for (const auto& call : state.calls) {
        calls.push_back(call.rule);
        if (empty_[call.rule]) reach(call.to);
      }
    }
    return {calls, over};
  }

  void visit(uint32_t first) {
    std::vector<std::pair<uint32_t, std::vector<uint32_t>>> path;
    const auto open_rule = [&](uint32_t rule) {
      mark_[rule] = open;
      path.emplace_back(rule, first_calls(rule).first);
    };
    if (mark_[first] == fresh) open_rule(first);
    while (!path.empty()) {
      auto& [rule, calls] = path.back();
      if (calls.empty()) {
        mark_[rule] = done;
        path.pop_back();
        continue;
      }
      const uint32_t next = calls.back();
      calls.pop_back();
      if (mark_[next] == open)
        fail(ErrorKind::input,
             "the constraint refers to itself with nothing in between, and would never end");
      if (mark_[next] == fresh) open_rule(next);
    }
  }

  const Grammar& grammar_;
  std::vector<bool> empty_;  // rules that fit the empty string
  std::vector<uint8_t> mark_;
};

}  // namespace

uint32_t GrammarBuilder::add_state() {
  if (grammar_.states.size() >= kStates)
    fail(ErrorKind::input, "the constraint is too large: repeat less, or shorten what has a length");
  grammar_.states.emplace_back();
  return static_cast<uint32_t>(grammar_.states.size() - 1);
}

void GrammarBuilder::connect(uint32_t from, uint32_t to) { grammar_.states[from].free.push_back(to); }

void GrammarBuilder::connect(uint32_t from, uint8_t first, uint8_t last, uint32_t to) {
  grammar_.states[from].bytes.push_back({first, last, to});
}

GrammarBuilder::Piece GrammarBuilder::nothing() {
  const uint32_t state = add_state();
  return {state, state};
}

GrammarBuilder::Piece GrammarBuilder::impossible() {
  const uint32_t start = add_state();
  return {start, add_state()};
}

GrammarBuilder::Piece GrammarBuilder::literal(std::string_view bytes) {
  Piece piece = nothing();
  for (const char byte : bytes) {
    const uint32_t next = add_state();
    connect(piece.end, static_cast<uint8_t>(byte), static_cast<uint8_t>(byte), next);
    piece.end = next;
  }
  return piece;
}

GrammarBuilder::Piece GrammarBuilder::bytes(uint8_t first, uint8_t last) {
  const Piece piece = impossible();
  connect(piece.start, first, last, piece.end);
  return piece;
}

GrammarBuilder::Piece GrammarBuilder::sequence(const std::vector<Piece>& pieces) {
  Piece whole = nothing();
  for (const Piece& piece : pieces) {
    connect(whole.end, piece.start);
    whole.end = piece.end;
  }
  return whole;
}

GrammarBuilder::Piece GrammarBuilder::any_of(const std::vector<Piece>& pieces) {
  const Piece whole = impossible();
  for (const Piece& piece : pieces) {
    connect(whole.start, piece.start);
    connect(piece.end, whole.end);
  }
  return whole;
}

GrammarBuilder::Piece GrammarBuilder::optional(Piece piece) { return any_of({piece, nothing()}); }

GrammarBuilder::Piece GrammarBuilder::repeated(const std::function<Piece()>& make, int64_t least,
                                               std::optional<int64_t> most) {
  Piece whole = nothing();
  const auto append = [&](const Piece& piece) {
    connect(whole.end, piece.start);
    whole.end = piece.end;
  };
  for (int64_t i = 0; i < least; ++i) append(make());
  const uint32_t end = add_state();
  if (most) {
    for (int64_t i = least; i < *most; ++i) {
      connect(whole.end, end);
      append(make());
    }
    connect(whole.end, end);
  } else {
    const Piece piece = make();
    const uint32_t again = add_state();
    connect(whole.end, again);
    connect(again, piece.start);
    connect(piece.end, again);
    connect(again, end);
  }
  return {whole.start, end};
}

GrammarBuilder::Piece GrammarBuilder::call(Rule rule) {
  const Piece piece = impossible();
  grammar_.states[piece.start].calls.push_back({rule, piece.end});
  return piece;
}

GrammarBuilder::Rule GrammarBuilder::declare() {
  rules_.push_back({kUndefined, kUndefined});
  return static_cast<Rule>(rules_.size() - 1);
}

void GrammarBuilder::define(Rule rule, Piece piece) {
  const uint32_t end = add_state();  // its own, so that no edge leaves it
  connect(piece.end, end);
  grammar_.states[end].ends = true;
  rules_[rule] = {piece.start, end};
}

Grammar GrammarBuilder::finish(Rule root) {
  for (const Piece& rule : rules_) {
    if (rule.start == kUndefined) fail(ErrorKind::internal, "a rule of the grammar was never defined");
    grammar_.rule_starts.push_back(rule.start);
  }
  grammar_.root = root;
  prune(grammar_);
  LeftRecursion{grammar_};
  return std::move(grammar_);
}

}  // namespace millrace
