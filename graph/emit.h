#pragma once
#include <utility>
#include <vector>

namespace millrace {

// Takes what a node makes during one call: none, one or many, in order. The runtime calls the node again only
// when all of it has found room downstream.
template <class Out>
class Emit {
 public:
  void operator()(Out out) { made_.push_back(std::move(out)); }

  const std::vector<Out>& made() const { return made_; }
  std::vector<Out> take() { return std::exchange(made_, {}); }

 private:
  std::vector<Out> made_;
};

}  // namespace millrace
