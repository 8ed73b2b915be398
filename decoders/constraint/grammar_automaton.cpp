#include "decoders/constraint/grammar_automaton.h"

#include <algorithm>
#include <unordered_set>

namespace millrace {

GrammarAutomaton::GrammarAutomaton(Grammar grammar) : grammar_(std::move(grammar)), returns_(2) { forget(); }

void GrammarAutomaton::forget() {
  places_.clear();
  ids_.clear();
  place_of({});  // kNowhere
  places_[kNowhere].next.fill(kNowhere);
}

GrammarAutomaton::Place GrammarAutomaton::place_of(Meaning meaning) {
  const auto [found, fresh] = ids_.emplace(std::move(meaning), static_cast<Place>(places_.size()));
  if (fresh) {
    places_.push_back({&found->first, {}});
    places_.back().next.fill(kUnknown);
  }
  return found->second;
}

GrammarAutomaton::Place GrammarAutomaton::start() {
  return place_of(closed({{grammar_.rule_starts[grammar_.root], kRoot}}));
}

GrammarAutomaton::Place GrammarAutomaton::inside(uint32_t state) {
  return place_of(closed({{state, kAnywhere}}));
}

bool GrammarAutomaton::only_ends(uint32_t id) const {
  // Free edges in a row are followed a little way: pieces are put together with them.
  for (int i = 0; i < 8; ++i) {
    const auto& state = grammar_.states[id];
    if (!state.bytes.empty() || !state.calls.empty()) return false;
    if (state.ends) return state.free.empty();
    if (state.free.size() != 1) return false;
    id = state.free[0];
  }
  return false;
}

uint32_t GrammarAutomaton::return_to(uint32_t state, uint32_t outer) {
  if (only_ends(state))
    return outer;  // nothing is left to do there: lists need no deeper stack for each item
  const auto [found, fresh] = return_ids_.try_emplace({state, outer}, static_cast<uint32_t>(returns_.size()));
  if (fresh) returns_.push_back({state, outer});
  return found->second;
}

GrammarAutomaton::Meaning GrammarAutomaton::closed(std::vector<Item> work) {
  Meaning meaning;
  std::unordered_set<uint64_t> seen;
  const auto key = [](const Item& item) { return uint64_t{item.state} << 32 | item.returns_to; };
  for (const Item& item : work) seen.insert(key(item));
  const auto reach = [&](Item item) {
    if (seen.insert(key(item)).second) work.push_back(item);
  };
  while (!work.empty()) {
    const Item item = work.back();
    work.pop_back();
    const auto& state = grammar_.states[item.state];
    if (!state.bytes.empty()) meaning.items.push_back(item);
    for (const uint32_t to : state.free) reach({to, item.returns_to});
    for (const auto& call : state.calls)
      reach({grammar_.rule_starts[call.rule], return_to(call.to, item.returns_to)});
    if (!state.ends) continue;
    if (item.returns_to == kAnywhere) {
      meaning.leaves = true;
    } else if (item.returns_to == kRoot) {
      meaning.complete = true;
    } else {
      const Return back = returns_[item.returns_to];
      reach({back.state, back.outer});
    }
  }
  std::sort(meaning.items.begin(), meaning.items.end());
  return meaning;
}

GrammarAutomaton::Place GrammarAutomaton::work_out(Place place, uint8_t byte) {
  std::vector<Item> reached;
  for (const Item& item : meaning(place).items)
    for (const auto& edge : grammar_.states[item.state].bytes)
      if (edge.first <= byte && byte <= edge.last) reached.push_back({edge.to, item.returns_to});
  std::sort(reached.begin(), reached.end());
  reached.erase(std::unique(reached.begin(), reached.end()), reached.end());
  const Place next = reached.empty() ? kNowhere : place_of(closed(std::move(reached)));
  places_[static_cast<size_t>(place)].next[byte] = next;
  return next;
}

}  // namespace millrace
