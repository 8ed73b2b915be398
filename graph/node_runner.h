#pragma once
#include <span>
#include <vector>

#include "graph/contract.h"
#include "graph/node_form.h"

namespace millrace {

// Runs one node over one stream without a graph, in the way the runtime does: for tests, and for programs
// that need a node alone. Feedback is left to the caller, who can call the node itself.
template <class N>
std::vector<typename N::Out> run_node(const N& node, std::span<const typename N::In> stream) {
  static_assert(check_node<N>());
  using Out = typename N::Out;
  Emit<Out> emit;
  if constexpr (form_of<N>() == NodeForm::map) {
    for (const auto& in : stream) {
      if constexpr (requires { Out(node(in)); })
        emit(node(in));
      else
        emit(std::move(node(std::span(&in, 1)).at(0)));
    }
  } else if constexpr (form_of<N>() == NodeForm::expand) {
    for (const auto& in : stream) node(in, emit);
  } else if constexpr (form_of<N>() == NodeForm::stateful) {
    auto state = node.begin();
    for (const auto& in : stream) node(state, in, emit);
    node.flush(state, emit);
  } else {
    for (const auto& in : stream) {
      auto state = node.begin(in);
      while (node.next(state, emit)) {
      }
    }
  }
  return emit.take();
}
template <class N>
std::vector<typename N::Out> run_node(const N& node, const std::vector<typename N::In>& stream) {
  return run_node(node, std::span<const typename N::In>(stream));
}

}  // namespace millrace
