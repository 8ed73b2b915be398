#pragma once
#include <string>
#include <vector>

#include "tokenizers/jinja/evaluation.h"

namespace millrace::jinja {

// "address.city" or 0: what filters like `map` and `sort` look up in each item.
class AttributePath {
 public:
  // None stands for the item itself.
  explicit AttributePath(const Value& attribute);
  // What is not there is `absent`, where that is not None.
  Value of(Evaluation& evaluation, const Value& item, const Value& absent = {}) const;

 private:
  std::vector<Value> parts_;
};

// Texts in lower case, other values as they are.
Value without_case(const Value& value);

}  // namespace millrace::jinja
