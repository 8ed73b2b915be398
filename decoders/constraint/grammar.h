#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace millrace {

// A language of byte strings: rules that call each other, each an automaton over bytes. Without calls it is a
// regular language; with them any context-free one that is not left-recursive. Every state can reach its
// rule's end, so what has begun can always be completed.
struct Grammar {
  struct ByteEdge {
    uint8_t first, last;  // inclusive
    uint32_t to;
  };
  struct Call {
    uint32_t rule, to;  // goes on at `to` when the rule is over
  };
  struct State {
    std::vector<ByteEdge> bytes;
    std::vector<uint32_t> free;  // taken without a byte
    std::vector<Call> calls;
    bool ends = false;  // the rule may be over here
  };
  std::vector<State> states;
  std::vector<uint32_t> rule_starts;
  uint32_t root = 0;  // a rule
};

// Puts a grammar together from pieces, which are used once each.
class GrammarBuilder {
 public:
  struct Piece {
    uint32_t start, end;
  };
  using Rule = uint32_t;

  Piece nothing();  // the empty string
  Piece impossible();
  Piece literal(std::string_view bytes);
  Piece bytes(uint8_t first, uint8_t last);
  Piece sequence(const std::vector<Piece>& pieces);
  Piece any_of(const std::vector<Piece>& pieces);
  Piece optional(Piece piece);
  // `least` to `most` (none: any number) times what `make` makes anew each time.
  Piece repeated(const std::function<Piece()>& make, int64_t least, std::optional<int64_t> most);
  Piece call(Rule rule);

  // The free and byte edges of which pieces consist, for automata of other shapes.
  uint32_t add_state();
  void connect(uint32_t from, uint32_t to);
  void connect(uint32_t from, uint8_t first, uint8_t last, uint32_t to);

  Rule declare();  // to be defined later, so that rules may call themselves
  void define(Rule rule, Piece piece);

  // Error(input) if nothing fits the root, or a rule calls itself before any byte is read, or it got too
  // large.
  Grammar finish(Rule root);

 private:
  Grammar grammar_;
  std::vector<Piece> rules_;
};

}  // namespace millrace
