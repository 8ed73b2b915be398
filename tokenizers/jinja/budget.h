#pragma once
#include <cstddef>
#include <cstdint>

#include "base/error.h"

// What a template may use up. A template comes with a model, so nobody vouches for it: one that runs away has
// to end soon, with an error that says so.
namespace millrace::jinja {

constexpr size_t kMostSourceBytes = 4u << 20;  // of a template
constexpr int kMostNesting = 200;              // of blocks and parentheses in the source
constexpr int kMostChain = 1000;               // operators in a row, a + b + c …
constexpr int kMostCallDepth = 1200;           // statements and expressions that are being worked out
constexpr int64_t kMostSteps = 20'000'000;     // of one rendering
constexpr size_t kMostTextBytes = 16u << 20;   // of one string, and of the rendering
constexpr int64_t kMostWeight = 4'000'000;     // of one list, tuple or mapping, see Value::weight
constexpr int kMostValueDepth = 200;           // lists in lists
constexpr int64_t kStepsOfKept = 50;           // what a namespace or macro costs, which stays to the end
constexpr int64_t kMostRange = 100'000;        // items of one range()

// Throws where a text grows beyond what one may hold.
inline void check_text_size(size_t bytes) {
  if (bytes > kMostTextBytes)
    fail(ErrorKind::input, "a text grew beyond {} bytes; the template runs away", kMostTextBytes);
}

// Counts the steps of one rendering.
class Budget {
 public:
  void spend(int64_t steps) {
    left_ -= steps;
    if (left_ < 0)
      fail(ErrorKind::input, "the rendering took more than {} steps; the template runs away", kMostSteps);
  }

 private:
  int64_t left_ = kMostSteps;
};

}  // namespace millrace::jinja
