#pragma once
#include <array>
#include <cstddef>
#include <limits>
#include <string_view>
#include <tuple>

#include "graph/emit.h"
#include "graph/packet.h"
#include "graph/resources.h"

// A node is a struct:
//
//   struct LogMel {
//     struct Params { int64_t mels = 80; };
//     struct In { Ref<AudioClip> clip; };
//     struct Out { MelFrames mel; };                       // a T or a Ref<T>
//     static constexpr auto contract = make_contract(
//         {.type = "audio.log_mel", .help = "Mono sound to a log-mel spectrogram."},
//         params(param<&Params::mels>("mels", "bands per frame", {.min = 1, .max = 256})),
//         inputs(port<&In::clip>("clip", "mono sound")),
//         outputs(port<&Out::mel>("mel", "one column a frame")));
//     LogMel(const Params&, Resources&);
//     Out operator()(const In&) const;                     // const: one instance serves all streams
//   };
//
// and is made known by one line: registry.add<LogMel>(). YAML, checks, documentation and the runtime follow
// from the contract. Four forms, told apart by the members a node has:
//
//   map        Out operator()(const In&) const;            and/or, to profit from `batch`:
//              std::vector<Out> operator()(std::span<const In>) const;     as many as went in
//   expand     void operator()(const In&, Emit<Out>&) const;               none or many per input, no memory
//   stateful   struct State;  State begin() const;                         one State per stream
//              void operator()(State&, const In&, Emit<Out>&) const;
//              void flush(State&, Emit<Out>&) const;                       the stream has ended
//   generator  struct State;  State begin(const In&) const;
//              bool next(State&, Emit<Out>&) const;                        false: nothing follows
//
// A node with a feedback port is stateful. It is called with either its other inputs or its feedback set,
// never both, and not with inputs before everything it emitted has been answered on the feedback port.
namespace millrace {

struct NodeSummary {
  std::string_view type;  // domain.action
  std::string_view help;  // one sentence
  bool blocking = false;  // waits for devices, sockets or pipes: never runs on a computing thread
};

struct ParamOptions {
  double min = -std::numeric_limits<double>::infinity();  // inclusive, of each element where it is a list
  double max = std::numeric_limits<double>::infinity();
  std::string_view unit = {};
  bool required = false;  // the pipeline has to give a value
  bool model = false;     // a string that names a model
};

// The member M of Params under the name that YAML gives it. Members may be bool, int, int64_t, double,
// std::string, an enum (see choice), and std::vector or std::optional of those.
template <auto M, size_t Choices = 0>
struct Param {
  std::string_view name, help;
  ParamOptions options;
  std::array<std::string_view, Choices> choices;
};

template <auto M>
constexpr Param<M> param(std::string_view name, std::string_view help, ParamOptions options = {}) {
  return {name, help, options, {}};
}

// An enum whose values 0, 1, … are called choices[0], choices[1], …; or a string that must be one of them.
template <auto M, size_t N>
constexpr Param<M, N> choice(std::string_view name, const std::string_view (&choices)[N],
                             std::string_view help, ParamOptions options = {}) {
  return {name, help, options, std::to_array(choices)};
}

enum class PortRole { required, optional, feedback };

template <auto M>
struct Port {
  std::string_view name, help;
  PortRole role;
};

template <auto M>
constexpr Port<M> port(std::string_view name, std::string_view help) {
  return {name, help, PortRole::required};
}
// An input that may be left unwired (null then), or an output that some calls leave out: a Ref or
// std::optional member, null for nothing.
template <auto M>
constexpr Port<M> optional_port(std::string_view name, std::string_view help) {
  return {name, help, PortRole::optional};
}
// An input whose packets depend on what this node emitted: the one cycle a pipeline may have.
template <auto M>
constexpr Port<M> feedback_port(std::string_view name, std::string_view help) {
  return {name, help, PortRole::feedback};
}

template <class... P>
constexpr std::tuple<P...> params(P... all) {
  return {all...};
}
template <class... P>
constexpr std::tuple<P...> inputs(P... all) {
  return {all...};
}
template <class... P>
constexpr std::tuple<P...> outputs(P... all) {
  return {all...};
}

template <class Ps, class Is, class Os>
struct Contract {
  NodeSummary summary;
  Ps params;
  Is inputs;
  Os outputs;
};

template <class Ps, class Is, class Os>
constexpr Contract<Ps, Is, Os> make_contract(NodeSummary summary, Ps params, Is inputs, Os outputs) {
  return {summary, params, inputs, outputs};
}

}  // namespace millrace
