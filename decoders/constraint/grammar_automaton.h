#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "decoders/constraint/grammar.h"

namespace millrace {

// Runs a grammar over bytes. All that the bytes so far may mean is one place, a number; places and the steps
// between them are worked out when they are first needed and remembered, so that most steps are a look-up.
//
// What a place may mean is a set of positions in rules, each with the rules that it returns to. Not
// thread-safe.
class GrammarAutomaton {
 public:
  using Place = int32_t;
  static constexpr Place kNowhere = 0;  // the bytes fit nothing

  // A position: a state of the grammar, and where its rule returns to.
  struct Item {
    uint32_t state, returns_to;
    auto operator<=>(const Item&) const = default;
  };
  struct Meaning {
    std::vector<Item> items;  // sorted; only states with byte edges
    bool complete = false;    // the whole may be over here
    bool leaves = false;      // a rule may be over whose caller is not known (see inside())
    auto operator<=>(const Meaning&) const = default;
  };

  explicit GrammarAutomaton(Grammar grammar);

  Place start();
  Place step(Place place, uint8_t byte) {
    const Place known = places_[static_cast<size_t>(place)].next[byte];
    return known != kUnknown ? known : work_out(place, byte);
  }
  const Meaning& meaning(Place place) const { return *places_[static_cast<size_t>(place)].meaning; }

  // The place of one state alone, whose rule's caller is not known: what holds there holds wherever the rule
  // is called from.
  Place inside(uint32_t state);

  // The place that means this; how places outlive forget().
  Place place_of(Meaning meaning);
  // Forgets all places. Items stay valid.
  void forget();
  size_t size() const { return places_.size(); }

 private:
  static constexpr Place kUnknown = -1;
  static constexpr uint32_t kAnywhere = 0, kRoot = 1;  // of `returns_to`
  struct Known {
    const Meaning* meaning;
    std::array<Place, 256> next;
  };
  struct Return {
    uint32_t state, outer;
    auto operator<=>(const Return&) const = default;
  };

  Place work_out(Place place, uint8_t byte);
  Meaning closed(std::vector<Item> items);
  uint32_t return_to(uint32_t state, uint32_t outer);
  bool only_ends(uint32_t state) const;

  Grammar grammar_;
  std::map<Meaning, Place> ids_;
  std::vector<Known> places_;
  std::map<Return, uint32_t> return_ids_;
  std::vector<Return> returns_;
};

}  // namespace millrace
