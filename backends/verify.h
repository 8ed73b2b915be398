#pragma once
#include <functional>
#include <limits>
#include <span>
#include <string>

#include "backends/reference.h"
#include "models/model.h"

namespace millrace {

// One result of a reference, compared.
struct VerifiedResult {
  std::string method, case_name, result;
  Shape shape;  // the reference's
  bool passed = false;
  // The largest difference, and that over the reference's largest magnitude (of integers: the share that
  // differs). Infinite where there is nothing to compare.
  double max_error = std::numeric_limits<double>::infinity(), error = max_error;
  std::string why;  // it did not pass
};

struct VerifyOptions {
  double tolerance = 1e-4;  // of `error`; integers have to be equal
  std::string method;       // only this one; empty: all
};

// Runs the cases through the model and compares the results; `each` hears of one after the other, as they
// are made. Shapes are compared without leading ones, those of `embeddings` as rows; no number (NaN) in
// either is a failure. `generate` makes as many tokens as the reference holds, whatever its result is called
// there. What the model has no method or result for is a result that did not pass. Error(usage) when no case
// has the method asked for.
void verify(const Model& model, std::span<const ReferenceCase> cases, const VerifyOptions& options,
            const std::function<void(const VerifiedResult&)>& each);

}  // namespace millrace
