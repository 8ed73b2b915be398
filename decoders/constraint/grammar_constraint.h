#pragma once
#include <memory>
#include <unordered_map>

#include "decoders/constraint/constraint.h"
#include "decoders/constraint/grammar_automaton.h"
#include "decoders/constraint/token_trie.h"

namespace millrace {

// Which tokens of a vocabulary a grammar allows, for all sequences of one request. What does not depend on
// the rules around a position is worked out once for it, by a walk over the vocabulary: inside a string
// nearly every token, whatever the string is part of. Only tokens that go beyond the rule (the quote and what
// follows it) are looked at in each place. The outcome is kept for each place. Not thread-safe.
class GrammarTokens {
 public:
  using Place = GrammarAutomaton::Place;

  GrammarTokens(Grammar grammar, std::shared_ptr<const TokenTrie> trie);

  GrammarAutomaton& automaton() { return automaton_; }
  const TokenTrie& trie() const { return *trie_; }
  const TokenMask& allowed(Place place);
  Place after(Place place, TokenId token);

  // Counts how often all places were forgotten to save memory; a place of before is a place no more.
  uint64_t age() const { return age_; }
  void forget_if_large();

 private:
  // What the tokens are from one state on, whatever calls its rule.
  struct Inside {
    TokenMask allowed;
    std::vector<TokenId> leaving;  // not decided: the rule may be over within them
  };
  const Inside& inside(uint32_t state);
  Inside walk(Place from);

  GrammarAutomaton automaton_;
  std::shared_ptr<const TokenTrie> trie_;
  std::unordered_map<uint32_t, Inside> insides_;
  std::unordered_map<Place, TokenMask> masks_;
  uint64_t age_ = 0;
};

// A constraint that a grammar describes.
class GrammarConstraint : public Constraint {
 public:
  explicit GrammarConstraint(std::shared_ptr<GrammarTokens> tokens);
  // Of a grammar for one sequence (and its clones).
  GrammarConstraint(Grammar grammar, std::shared_ptr<const TokenTrie> trie);

  const TokenMask& allowed() override;
  bool complete() const override { return meaning_.complete; }
  bool advance(TokenId token) override;
  std::unique_ptr<Constraint> clone() const override { return std::make_unique<GrammarConstraint>(*this); }

 private:
  GrammarTokens::Place place();

  std::shared_ptr<GrammarTokens> tokens_;
  GrammarAutomaton::Meaning meaning_;  // so that it outlives what the automaton forgets
  GrammarTokens::Place place_;
  uint64_t age_;
};

}  // namespace millrace
