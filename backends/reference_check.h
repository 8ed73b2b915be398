#pragma once
#include <functional>
#include <string>

#include "models/checkpoint.h"
#include "models/model.h"

namespace millrace {

// How one result of a method compares with the reference's.
struct ReferenceResult {
  std::string method, case_name, result;  // case_name is empty for the only case
  bool within = false;                    // the tolerance
  double error = 0;   // largest difference over the reference's largest magnitude; of integers: the
                      // share that differs
  std::string fault;  // why there is nothing to compare; empty: there is
};

struct ReferenceOptions {
  double tolerance = 1e-4;  // integers have to be equal whatever it is
  std::string only_method = {};  // empty: all
};

// Runs every case of a reference: tensors in.METHOD[@CASE].ARGUMENT and out.METHOD[@CASE].RESULT. Shapes are
// compared without leading ones; what `model` has no method or result for is a result with a fault.
// `generate` is asked for as many tokens as the reference holds. `each` hears of one result after the other.
// Error(input) for a file that is no reference, Error(usage) when none of its methods is the one asked for.
void check_reference(const Model& model, const Checkpoint& reference, const ReferenceOptions& options,
                     const std::function<void(const ReferenceResult&)>& each);

}  // namespace millrace
