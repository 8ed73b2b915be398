#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// Cuts text that comes in pieces into sentences, each as soon as it is complete, for whoever speaks them. A
// line break ends a sentence, too; one that goes on for very long is cut at a space. One per text.
class Sentences {
 public:
  Sentences() : Sentences(400) {}
  explicit Sentences(size_t longest) : longest_(longest) {}  // bytes

  // Those that are complete now; together with the rest they are the text.
  std::vector<std::string> push(std::string_view piece);
  std::string finish();  // the rest, which may be empty

 private:
  size_t end_of_first() const;

  size_t longest_;
  std::string text_;
};

}  // namespace millrace
