#include "decoders/constraint/grammar_constraint.h"

namespace millrace {
namespace {

// Of about 1 KiB, 20 KiB and 20 KiB each, for a vocabulary of 150 000.
constexpr size_t kPlaces = 30'000, kMasks = 500, kInsides = 1'000;

}  // namespace

GrammarTokens::GrammarTokens(Grammar grammar, std::shared_ptr<const TokenTrie> trie)
    : automaton_(std::move(grammar)), trie_(std::move(trie)) {}

void GrammarTokens::forget_if_large() {
  if (insides_.size() > kInsides) insides_.clear();
  if (masks_.size() > kMasks) masks_.clear();
  if (automaton_.size() <= kPlaces) return;
  masks_.clear();
  automaton_.forget();
  ++age_;
}

GrammarTokens::Place GrammarTokens::after(Place place, TokenId token) {
  if (token < 0 || token >= trie_->vocabulary() || trie_->bytes_of(token).empty())
    return GrammarAutomaton::kNowhere;
  for (const char byte : trie_->bytes_of(token)) {
    place = automaton_.step(place, static_cast<uint8_t>(byte));
    if (place == GrammarAutomaton::kNowhere) break;
  }
  return place;
}

GrammarTokens::Inside GrammarTokens::walk(Place from) {
  Inside found{TokenMask(trie_->vocabulary()), {}};
  const auto& nodes = trie_->nodes();
  struct Step {
    Place place;
    bool left;  // the rule may have been over before here
  };
  std::vector<Step> path = {{from, false}};  // by depth
  for (size_t i = 0; i < nodes.size();) {
    const TokenTrie::Node& node = nodes[i];
    path.resize(node.depth);
    const Step before = path.back();
    const Place place = automaton_.step(before.place, node.byte);
    if (place == GrammarAutomaton::kNowhere && !before.left) {
      i = node.after;
      continue;
    }
    for (uint32_t t = 0; t < node.tokens; ++t) {
      const TokenId token = trie_->token(node.first_token + t);
      if (place != GrammarAutomaton::kNowhere) {
        found.allowed.add(token);
      } else {
        found.leaving.push_back(token);
      }
    }
    path.push_back({place, before.left || automaton_.meaning(place).leaves});
    ++i;
  }
  return found;
}

const GrammarTokens::Inside& GrammarTokens::inside(uint32_t state) {
  const auto found = insides_.find(state);
  if (found != insides_.end()) return found->second;
  return insides_.emplace(state, walk(automaton_.inside(state))).first->second;
}

const TokenMask& GrammarTokens::allowed(Place place) {
  const auto found = masks_.find(place);
  if (found != masks_.end()) return found->second;
  const auto items = automaton_.meaning(place).items;
  // White space or a number may be over at once, so that any token could leave its rule. But little fits what
  // follows: a walk from here is short.
  for (const auto& item : items)
    if (automaton_.meaning(automaton_.inside(item.state)).leaves)
      return masks_.emplace(place, walk(place).allowed).first->second;

  TokenMask mask(trie_->vocabulary());
  std::vector<const std::vector<TokenId>*> open;
  for (const auto& item : items) {
    const Inside& here = inside(item.state);
    mask.add(here.allowed);
    open.push_back(&here.leaving);
  }
  for (const auto* leaving : open)
    for (const TokenId token : *leaving)
      if (!mask.has(token) && after(place, token) != GrammarAutomaton::kNowhere) mask.add(token);
  return masks_.emplace(place, std::move(mask)).first->second;
}

GrammarConstraint::GrammarConstraint(std::shared_ptr<GrammarTokens> tokens)
    : tokens_(std::move(tokens)), place_(tokens_->automaton().start()), age_(tokens_->age()) {
  meaning_ = tokens_->automaton().meaning(place_);
}

GrammarConstraint::GrammarConstraint(Grammar grammar, std::shared_ptr<const TokenTrie> trie)
    : GrammarConstraint(std::make_shared<GrammarTokens>(std::move(grammar), std::move(trie))) {}

GrammarTokens::Place GrammarConstraint::place() {
  tokens_->forget_if_large();
  if (age_ != tokens_->age()) {
    place_ = tokens_->automaton().place_of(meaning_);
    age_ = tokens_->age();
  }
  return place_;
}

const TokenMask& GrammarConstraint::allowed() { return tokens_->allowed(place()); }

bool GrammarConstraint::advance(TokenId token) {
  const auto next = tokens_->after(place(), token);
  if (next == GrammarAutomaton::kNowhere) return false;
  place_ = next;
  meaning_ = tokens_->automaton().meaning(next);
  return true;
}

}  // namespace millrace
