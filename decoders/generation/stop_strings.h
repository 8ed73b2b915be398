#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// Finds stop strings in text that comes in pieces, wherever the pieces' borders lie. What may yet turn out to
// be the beginning of a stop string is held back, so that no part of one is ever given out. One per text.
class StopStrings {
 public:
  // Empty strings are passed over; without any nothing is held back.
  explicit StopStrings(std::vector<std::string> stops);

  // The text that is certain now. Once stopped() it ends where the stop string that is complete first begins
  // (the one that begins earliest, of several that end at one place), and nothing follows.
  std::string add(std::string_view piece);
  // The text that was held back, once no more is to come.
  std::string finish();

  bool stopped() const { return stopped_; }
  // The stop string that was found; empty unless stopped().
  const std::string& found() const { return found_; }

 private:
  // For each stop the length of its longest beginning that the text ends with (Knuth, Morris and Pratt, "Fast
  // pattern matching in strings", 1977), so that the time is linear in the text.
  struct Pattern {
    std::string text;
    std::vector<size_t> fallback;  // by length: the longest shorter beginning that ends it too
    size_t matched = 0;
  };
  static void step(Pattern& pattern, char byte);

  std::vector<Pattern> patterns_;
  std::string held_;
  std::string found_;
  bool stopped_ = false;
};

}  // namespace millrace
