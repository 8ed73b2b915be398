#pragma once
#include <concepts>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "graph/contract.h"

namespace millrace {

enum class NodeForm { map, expand, stateful, generator };
std::string_view name_of(NodeForm form);

template <class M>
struct MemberOf;
template <class C, class T>
struct MemberOf<T C::*> {
  using Owner = C;
  using Type = T;
};
template <auto M>
using MemberType = typename MemberOf<std::remove_const_t<decltype(M)>>::Type;
template <auto M>
using MemberOwner = typename MemberOf<std::remove_const_t<decltype(M)>>::Owner;

// The packet type behind a port's member: T for Ref<T>, std::optional<T> and T.
template <class T>
struct Carried {
  using Type = T;
};
template <class T>
struct Carried<std::shared_ptr<const T>> {
  using Type = T;
};
template <class T>
struct Carried<std::optional<T>> {
  using Type = T;
};

template <class T>
inline constexpr bool kIsRef = false;
template <class T>
inline constexpr bool kIsRef<std::shared_ptr<const T>> = true;
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class N>
concept BatchNode = requires(const N& node, std::span<const typename N::In> in) {
  { node(in) } -> std::same_as<std::vector<typename N::Out>>;
};
template <class N>
concept MapNode = BatchNode<N> || requires(const N& node, const typename N::In& in) {
  { node(in) } -> std::same_as<typename N::Out>;
};
template <class N>
concept ExpandNode = requires(const N& node, const typename N::In& in, Emit<typename N::Out>& emit) {
  { node(in, emit) } -> std::same_as<void>;
};
template <class N>
concept StatefulNode = requires(const N& node, typename N::State& state, const typename N::In& in,
                                Emit<typename N::Out>& emit) {
  { node.begin() } -> std::same_as<typename N::State>;
  { node(state, in, emit) } -> std::same_as<void>;
  { node.flush(state, emit) } -> std::same_as<void>;
};
template <class N>
concept GeneratorNode = requires(const N& node, typename N::State& state, const typename N::In& in,
                                 Emit<typename N::Out>& emit) {
  { node.begin(in) } -> std::same_as<typename N::State>;
  { node.next(state, emit) } -> std::same_as<bool>;
};

template <class N>
constexpr int count_forms() {
  return MapNode<N> + ExpandNode<N> + StatefulNode<N> + GeneratorNode<N>;
}

template <class N>
constexpr NodeForm form_of() {
  if constexpr (GeneratorNode<N>) return NodeForm::generator;
  if constexpr (StatefulNode<N>) return NodeForm::stateful;
  if constexpr (ExpandNode<N>) return NodeForm::expand;
  return NodeForm::map;
}

namespace form_detail {

template <class N>
concept HasStructs = requires {
  typename N::Params;
  typename N::In;
  typename N::Out;
};

// The number of members of an aggregate of Refs.
struct Anything {
  template <class T>
  operator T() const;
};
template <class T, class... A>
constexpr size_t count_members() {
  if constexpr (sizeof...(A) > 32 || !requires { T{A{}..., Anything{}}; })
    return sizeof...(A);
  else
    return count_members<T, A..., Anything>();
}

template <class N, class... P>
constexpr bool params_belong(const std::tuple<P...>&) {
  return ([]<auto M, size_t C>(std::type_identity<Param<M, C>>) {
    return std::is_base_of_v<MemberOwner<M>, typename N::Params>;
  }(std::type_identity<P>()) &&
          ...);
}
template <class Owner, class... P>
constexpr bool ports_belong(const std::tuple<P...>&) {
  return ([]<auto M>(std::type_identity<Port<M>>) {
    return std::is_same_v<MemberOwner<M>, Owner>;
  }(std::type_identity<P>()) &&
          ...);
}
template <class... P>
constexpr bool all_refs(const std::tuple<P...>&) {
  return (
      []<auto M>(std::type_identity<Port<M>>) { return kIsRef<MemberType<M>>; }(std::type_identity<P>()) &&
      ...);
}
template <class... P>
constexpr bool optional_members(const std::tuple<P...>& ports) {
  return std::apply(
      [](const auto&... port) {
        return ([]<auto M>(const Port<M>& p) {
          return p.role != PortRole::optional || kIsRef<MemberType<M>> || kIsOptional<MemberType<M>>;
        }(port) &&
                ...);
      },
      ports);
}
template <class... P>
constexpr int count_feedback(const std::tuple<P...>& ports) {
  return std::apply([](const auto&... port) { return (0 + ... + (port.role == PortRole::feedback)); }, ports);
}

}  // namespace form_detail

// Stops the compilation with what is wrong when N is not a node.
template <class N>
constexpr bool check_node() {
  using namespace form_detail;
  static_assert(HasStructs<N>,
                "a node has the nested structs Params, In and Out (empty ones where there is nothing)");
  static_assert(
      requires { N::contract.summary.type; },
      "a node has a `static constexpr auto contract = make_contract(...)`");
  static_assert(std::constructible_from<N, const typename N::Params&, Resources&>,
                "a node is constructed from (const Params&, Resources&)");
  static_assert(std::default_initializable<typename N::Params>, "Params has a default for every member");
  static_assert(
      count_forms<N>() > 0,
      "a node is a map, expand, stateful or generator: see graph/contract.h for the const members of each");
  static_assert(count_forms<N>() < 2, "a node has the members of one form only: see graph/contract.h");
  static_assert(params_belong<N>(N::contract.params),
                "params(...) lists members of the node's own Params, inherited ones too");
  static_assert(ports_belong<typename N::In>(N::contract.inputs),
                "inputs(...) lists members of the node's own In");
  static_assert(ports_belong<typename N::Out>(N::contract.outputs),
                "outputs(...) lists members of the node's own Out");
  static_assert(all_refs(N::contract.inputs), "every member of In is a Ref<T>");
  static_assert(count_members<typename N::In>() == std::tuple_size_v<decltype(N::contract.inputs)>,
                "inputs(...) lists every member of In");
  static_assert(optional_members(N::contract.outputs),
                "an optional output is a Ref<T> or a std::optional<T>");
  static_assert(count_feedback(N::contract.outputs) == 0, "feedback ports are inputs");
  static_assert(count_feedback(N::contract.inputs) == 0 ||
                    (count_feedback(N::contract.inputs) == 1 && form_of<N>() == NodeForm::stateful),
                "a node has at most one feedback port, and is stateful then");
  return true;
}

}  // namespace millrace
