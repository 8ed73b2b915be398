#include "decoders/constraint/number_range.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <tuple>

namespace millrace {
namespace {

using Piece = GrammarBuilder::Piece;
constexpr size_t kDigits = 18, kFraction = 18;

// Decimal strings of one length from `first` to `last`, of which `at` digits are the same already.
void connect_digits(GrammarBuilder& builder, uint32_t from, const std::string& first, const std::string& last,
                    size_t at, uint32_t to) {
  if (at == first.size()) {
    builder.connect(from, to);
    return;
  }
  // Any digits from here on: one row of states, not one for each digit.
  if (first.find_first_not_of('0', at) == std::string::npos &&
      last.find_first_not_of('9', at) == std::string::npos) {
    for (size_t i = at; i < first.size(); ++i) {
      const uint32_t next = i + 1 < first.size() ? builder.add_state() : to;
      builder.connect(from, '0', '9', next);
      from = next;
    }
    return;
  }
  const size_t rest = first.size() - at - 1;
  const auto go_on = [&](char low, char high, const std::string& a, const std::string& b) {
    const uint32_t next = builder.add_state();
    builder.connect(from, static_cast<uint8_t>(low), static_cast<uint8_t>(high), next);
    connect_digits(builder, next, a, b, at + 1, to);
  };
  const std::string lowest = std::string(at + 1, '0') + std::string(rest, '0');
  const std::string highest = std::string(at + 1, '9') + std::string(rest, '9');
  if (first[at] == last[at]) {
    go_on(first[at], first[at], first, last);
    return;
  }
  go_on(first[at], first[at], first, highest);
  if (first[at] + 1 < last[at])
    go_on(static_cast<char>(first[at] + 1), static_cast<char>(last[at] - 1), lowest, highest);
  go_on(last[at], last[at], lowest, last);
}

bool less(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::string add_one(std::string digits, bool up) {
  for (size_t i = digits.size(); i-- > 0;) {
    if (digits[i] != (up ? '9' : '0')) {
      digits[i] = static_cast<char>(digits[i] + (up ? 1 : -1));
      break;
    }
    digits[i] = up ? '0' : '9';
    if (i == 0 && up) return "1" + digits;
  }
  const size_t start = digits.find_first_not_of('0');
  return start == std::string::npos ? "0" : digits.substr(start);
}

// Whole numbers from `low` to `high` (none: of at most kDigits digits), without signs.
Piece whole_between(GrammarBuilder& builder, const std::string& low, const std::optional<std::string>& high) {
  const std::string last = high.value_or(std::string(kDigits, '9'));
  const Piece piece = builder.impossible();
  if (less(last, low)) return piece;
  for (size_t size = low.size(); size <= last.size(); ++size) {
    const std::string from = size == low.size() ? low : "1" + std::string(size - 1, '0');
    const std::string to = size == last.size() ? last : std::string(size, '9');
    connect_digits(builder, piece.start, from, to, 0, piece.end);
  }
  return piece;
}

// What may follow the whole part, where it equals that of a bound or lies between: nothing, or a fraction.
class Fraction {
 public:
  Fraction(GrammarBuilder& builder, const DecimalBound* low, const DecimalBound* high)
      : builder_(builder), low_(low), high_(high), piece_(builder.impossible()) {
    const bool at_low = low != nullptr, at_high = high != nullptr;
    if (may_end(0, at_low, at_high)) builder.connect(piece_.start, piece_.end);
    const uint32_t point = builder.add_state();
    builder.connect(piece_.start, '.', '.', point);
    connect(point, 0, at_low, at_high);
  }
  Piece piece() const { return piece_; }

 private:
  // After so many digits, whether the number still equals the bounds' digits.
  bool may_end(size_t digits, bool at_low, bool at_high) const {
    if (at_low && (digits < low_->fraction.size() || !low_->inclusive)) return false;
    return !at_high || digits < high_->fraction.size() || high_->inclusive;
  }
  static char digit(const DecimalBound& bound, size_t at) {
    return at < bound.fraction.size() ? bound.fraction[at] : '0';
  }

  uint32_t state(size_t digits, bool at_low, bool at_high) {
    const auto [found, fresh] = states_.try_emplace({digits, at_low, at_high}, 0u);
    if (!fresh) return found->second;
    const uint32_t state = found->second = builder_.add_state();
    if (may_end(digits, at_low, at_high)) builder_.connect(state, piece_.end);
    connect(state, digits, at_low, at_high);
    return state;
  }

  void connect(uint32_t from, size_t digits, bool at_low, bool at_high) {
    if (digits == kFraction) return;
    for (char c = '0'; c <= '9'; ++c) {
      if (at_low && c < digit(*low_, digits)) continue;
      if (at_high && c > digit(*high_, digits)) continue;
      const uint32_t to =
          state(digits + 1, at_low && c == digit(*low_, digits), at_high && c == digit(*high_, digits));
      builder_.connect(from, static_cast<uint8_t>(c), static_cast<uint8_t>(c), to);
    }
  }

  GrammarBuilder& builder_;
  const DecimalBound* low_;
  const DecimalBound* high_;
  Piece piece_;
  std::map<std::tuple<size_t, bool, bool>, uint32_t> states_;
};

// Magnitudes between two bounds that are not negative.
Piece magnitude(GrammarBuilder& builder, const DecimalBound& low, const std::optional<DecimalBound>& high,
                bool whole_only) {
  if (whole_only) {
    const bool at_low = low.fraction.empty() && low.inclusive;
    const std::string from = at_low ? low.whole : add_one(low.whole, true);
    if (!high) return whole_between(builder, from, {});
    const bool below = high->fraction.empty() && !high->inclusive;
    if (below && high->whole == "0") return builder.impossible();
    return whole_between(builder, from, below ? add_one(high->whole, false) : high->whole);
  }
  const auto with = [&](Piece whole, const DecimalBound* at_low, const DecimalBound* at_high) {
    return builder.sequence({whole, Fraction(builder, at_low, at_high).piece()});
  };
  if (high && less(high->whole, low.whole)) return builder.impossible();
  if (high && high->whole == low.whole) return with(builder.literal(low.whole), &low, &*high);
  std::vector<Piece> ways = {with(builder.literal(low.whole), &low, nullptr)};
  std::optional<std::string> last;
  if (high) {
    ways.push_back(with(builder.literal(high->whole), nullptr, &*high));
    last = add_one(high->whole, false);
  }
  ways.push_back(with(whole_between(builder, add_one(low.whole, true), last), nullptr, nullptr));
  return builder.any_of(ways);
}

}  // namespace

std::optional<DecimalBound> decimal_bound(double value, bool inclusive) {
  if (!(std::abs(value) < 1e15)) return std::nullopt;
  const std::string text = fmt::format("{:.12f}", std::abs(value));
  if (std::stod(text) != std::abs(value)) return std::nullopt;
  DecimalBound bound{.negative = value < 0,
                     .whole = text.substr(0, text.find('.')),
                     .fraction = text.substr(text.find('.') + 1),
                     .inclusive = inclusive};
  bound.fraction.erase(bound.fraction.find_last_not_of('0') + 1);
  return bound;
}

Piece number_between(GrammarBuilder& builder, const std::optional<DecimalBound>& low,
                     const std::optional<DecimalBound>& high, bool whole_only) {
  const DecimalBound zero;
  std::vector<Piece> ways;
  // From 0 up, as far as the bounds let.
  if (!high || !high->negative)
    ways.push_back(magnitude(builder, low && !low->negative ? *low : zero, high, whole_only));
  // Below 0, the bounds changing sides. Without -0, which some readers take for a number of its own.
  if (!low || low->negative) {
    DecimalBound nearest;
    nearest.inclusive = false;
    if (high && high->negative) nearest = *high;
    ways.push_back(builder.sequence({builder.literal("-"), magnitude(builder, nearest, low, whole_only)}));
  }
  return builder.any_of(ways);
}

}  // namespace millrace
