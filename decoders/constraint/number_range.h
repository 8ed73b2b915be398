#pragma once
#include <optional>
#include <string>

#include "decoders/constraint/grammar.h"

namespace millrace {

// A bound of a number in decimal: |bound| = whole.fraction, the fraction without zeros at its end.
struct DecimalBound {
  bool negative = false;
  std::string whole = "0", fraction;
  bool inclusive = true;

  bool is_zero() const { return whole == "0" && fraction.empty(); }
};

// Up to 12 digits after the point; none when the number has more or is beyond 10^15.
std::optional<DecimalBound> decimal_bound(double value, bool inclusive);

// Numbers without exponent between the bounds (none: any, of at most 18 digits), whole ones or with
// fractions.
GrammarBuilder::Piece number_between(GrammarBuilder& builder, const std::optional<DecimalBound>& low,
                                     const std::optional<DecimalBound>& high, bool whole_only);

}  // namespace millrace
