#pragma once
#include <memory>
#include <string>
#include <vector>

#include "models/checkpoint.h"
#include "models/model.h"

namespace millrace {

// One result of a reference, compared.
struct VerifiedResult {
  std::string method, case_name, result;
  Shape shape;           // the reference's
  double max_error = 0;  // the largest difference
  double relative = 0;   // to the largest magnitude in the reference's result
  bool passed = false;
  std::string why;  // it did not pass
};

struct VerifyOptions {
  double tolerance = 1e-4;  // of `relative`; whole numbers have to be equal
  std::string method;       // only this one; empty: all
};

// Runs every case of a reference through the model and compares the results. A reference is a safetensors
// file of tensors in.METHOD[@CASE].ARGUMENT and out.METHOD[@CASE].RESULT. Shapes are compared without leading
// ones. `generate` makes as many tokens as the reference has, whatever its result is called there. What the
// model has no method or result for is a result that did not pass; a reference of another form is
// Error(input).
std::vector<VerifiedResult> verify(const Model& model, const Checkpoint& reference,
                                   const VerifyOptions& options = {});

}  // namespace millrace
