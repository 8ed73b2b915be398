#pragma once
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "graph/node_type.h"
#include "graph/param_member.h"

// Turns a node struct into a NodeType and its NodeInstance.
namespace millrace::node_detail {

template <class Tuple, class F>
void for_each_port(const Tuple& ports, F&& f) {
  std::apply(
      [&](const auto&... port) {
        [[maybe_unused]] size_t i = 0;
        (f(port, i++), ...);
      },
      ports);
}

template <class N>
class Adaptor final : public NodeInstance {
  using In = typename N::In;
  using Out = typename N::Out;
  static constexpr NodeForm kForm = form_of<N>();
  static constexpr bool kHasState = kForm == NodeForm::stateful || kForm == NodeForm::generator;

 public:
  Adaptor(const typename N::Params& params, Resources& resources) : node_(params, resources) {}

  std::vector<Emission> map([[maybe_unused]] std::span<const Inputs> batch) const override {
    if constexpr (BatchNode<N>) {
      std::vector<In> in;
      for (const Inputs& inputs : batch) in.push_back(unpack(inputs));
      std::vector<Out> out = node_(std::span<const In>(in));
      if (out.size() != in.size())
        fail(ErrorKind::internal, "{} made {} results of a batch of {}", N::contract.summary.type, out.size(),
             in.size());
      return pack(std::move(out));
    } else if constexpr (kForm == NodeForm::map) {
      std::vector<Emission> made;
      for (const Inputs& inputs : batch) made.push_back(pack(node_(unpack(inputs))));
      return made;
    } else {
      wrong_form();
    }
  }

  std::vector<Emission> expand([[maybe_unused]] const Inputs& inputs) const override {
    if constexpr (kForm == NodeForm::expand) {
      Emit<Out> emit;
      node_(unpack(inputs), emit);
      return pack(emit.take());
    } else {
      wrong_form();
    }
  }

  State begin() const override {
    if constexpr (kForm == NodeForm::stateful)
      return std::make_shared<typename N::State>(node_.begin());
    else
      wrong_form();
  }

  std::vector<Emission> step([[maybe_unused]] State& state,
                             [[maybe_unused]] const Inputs& inputs) const override {
    if constexpr (kForm == NodeForm::stateful) {
      Emit<Out> emit;
      node_(*static_cast<typename N::State*>(state.get()), unpack(inputs), emit);
      return pack(emit.take());
    } else {
      wrong_form();
    }
  }

  std::vector<Emission> flush([[maybe_unused]] State& state) const override {
    if constexpr (kForm == NodeForm::stateful) {
      Emit<Out> emit;
      node_.flush(*static_cast<typename N::State*>(state.get()), emit);
      return pack(emit.take());
    } else {
      wrong_form();
    }
  }

  State begin([[maybe_unused]] const Inputs& inputs) const override {
    if constexpr (kForm == NodeForm::generator)
      return std::make_shared<typename N::State>(node_.begin(unpack(inputs)));
    else
      wrong_form();
  }

  bool next([[maybe_unused]] State& state, [[maybe_unused]] std::vector<Emission>& made) const override {
    if constexpr (kForm == NodeForm::generator) {
      Emit<Out> emit;
      const bool more = node_.next(*static_cast<typename N::State*>(state.get()), emit);
      made = pack(emit.take());
      return more;
    } else {
      wrong_form();
    }
  }

 private:
  [[noreturn]] static void wrong_form() {
    fail(ErrorKind::internal, "{} was called as another form than {}", N::contract.summary.type,
         name_of(kForm));
  }

  static In unpack([[maybe_unused]] const Inputs& packets) {
    In in{};
    for_each_port(
        N::contract.inputs, [&]<auto M>(const Port<M>&, size_t i) {
          in.*M = packets[i].template get<typename Carried<MemberType<M>>::Type>();
        });
    return in;
  }

  static Emission pack([[maybe_unused]] Out&& out) {
    Emission packets(std::tuple_size_v<decltype(N::contract.outputs)>);
    for_each_port(
        N::contract.outputs, [&]<auto M>(const Port<M>& port, size_t i) {
          using T = MemberType<M>;
          if constexpr (kIsRef<T>) {
            if (out.*M) packets[i] = Packet(std::move(out.*M));
          } else if constexpr (kIsOptional<T>) {
            if (out.*M) packets[i] = Packet::of(*std::move(out.*M));
          } else {
            packets[i] = Packet::of(std::move(out.*M));
          }
          if (!packets[i] && port.role != PortRole::optional)
            fail(ErrorKind::internal, "{} left its output '{}' empty", N::contract.summary.type, port.name);
        });
    return packets;
  }

  static std::vector<Emission> pack(std::vector<Out>&& all) {
    std::vector<Emission> made;
    made.reserve(all.size());
    for (Out& out : all) made.push_back(pack(std::move(out)));
    return made;
  }

  N node_;
};

template <class N>
typename N::Params params_of(const NodeType& type, std::span<const ParamSetting> settings) {
  typename N::Params params{};
  for ([[maybe_unused]] const ParamSetting& setting : settings)
    std::apply(
        [&](const auto&... param) {
          [[maybe_unused]] size_t i = 0;
          (
              [&]<auto M, size_t C>(const Param<M, C>&) {
                if (i == setting.index) param_detail::unpack(params.*M, setting.value, type.params[i]);
                ++i;
              }(param),
              ...);
        },
        N::contract.params);
  return params;
}

template <class N>
NodeType type_of() {
  static_assert(check_node<N>());
  const NodeSummary& summary = N::contract.summary;
  NodeType type{.type = std::string(summary.type),
                .help = std::string(summary.help),
                .form = form_of<N>(),
                .blocking = summary.blocking,
                .takes_batches = BatchNode<N>,
                .params = {},
                .inputs = {},
                .outputs = {},
                .fault = {},
                .make = {}};
  std::apply(
      [&](const auto&... param) {
        (type.params.push_back(param_detail::info_of<typename N::Params>(param)), ...);
      },
      N::contract.params);
  const auto ports = [](std::vector<PortInfo>& to) {
    return [&to]<auto M>(const Port<M>& port, size_t) {
      to.push_back({std::string(port.name), std::string(port.help), port.role,
                    &kPacketType<typename Carried<MemberType<M>>::Type>});
    };
  };
  for_each_port(N::contract.inputs, ports(type.inputs));
  for_each_port(N::contract.outputs, ports(type.outputs));
  // The closures outlive this object but only look at its parameters, which they carry.
  const auto known = std::make_shared<NodeType>(type);
  type.fault = [known]([[maybe_unused]] std::span<const ParamSetting> settings) -> std::string {
    if constexpr (requires(const typename N::Params& params) {
                    { params.fault() } -> std::convertible_to<std::string>;
                  })
      return params_of<N>(*known, settings).fault();
    else
      return {};
  };
  type.make = [known](std::span<const ParamSetting> settings,
                      Resources& resources) -> std::unique_ptr<NodeInstance> {
    return std::make_unique<Adaptor<N>>(params_of<N>(*known, settings), resources);
  };
  return type;
}

}  // namespace millrace::node_detail
