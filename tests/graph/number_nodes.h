#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/stream_clock.h"
#include "graph/contract.h"
#include "graph/registry.h"

// Nodes of every form over integers, for random pipelines. What they make depends on their inputs and
// settings only; how long they take varies.
namespace millrace::number {

inline uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9E3779B97F4A7C15u + b + 0x7F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

struct Settings {
  int64_t salt = 0;
  int64_t fail_per_mille = 0;
  StreamClock* clock = nullptr;  // simulated time passes, too, where there is one

  int64_t value(int64_t a, int64_t b = 0) const {
    const uint64_t x =
        mix(mix(static_cast<uint64_t>(a), static_cast<uint64_t>(b)), static_cast<uint64_t>(salt));
    if (static_cast<int64_t>(x % 1000) < fail_per_mille) fail(ErrorKind::input, "bad value {}", x % 100000);
    if (clock && x % 4 == 0)
      clock->wait_until(clock->now() + static_cast<double>(x / 4 % 100) / 1000, nullptr);
    if (x % 64 == 0) std::this_thread::yield();
    if (x % 512 == 1) std::this_thread::sleep_for(std::chrono::microseconds(50));
    return static_cast<int64_t>(x >> 1);
  }
};

inline constexpr auto kParams =
    params(param<&Settings::salt>("salt", "any number"),
           param<&Settings::fail_per_mille>("fail_per_mille", "how often to fail", {.min = 0, .max = 1000}));

// What all nodes here have in common.
struct Node {
  using Params = Settings;
  Node(const Params& params, Resources& resources) : settings(params) {
    settings.clock = resources.find<StreamClock>().get();
  }
  Settings settings;
};
struct One {
  Ref<int64_t> a;
};
struct Value {
  int64_t v = 0;
};
constexpr auto one_input() { return inputs(port<&One::a>("a", "any number")); }
constexpr auto value_output() { return outputs(port<&Value::v>("v", "mixed")); }

struct Parse : Node {
  using Node::Node;
  struct In {
    Ref<std::string> text;
  };
  using Out = Value;
  static constexpr auto contract =
      make_contract({.type = "number.parse", .help = "A number of a text."}, kParams,
                    inputs(port<&In::text>("text", "digits")), value_output());
  Out operator()(const In& in) const { return {settings.value(std::stoll(*in.text))}; }
};

template <bool kBlocking>
struct Mix : Node {
  using Node::Node;
  struct In {
    Ref<int64_t> a, b;
  };
  using Out = Value;
  static constexpr auto contract = make_contract(
      {.type = kBlocking ? "number.mix_slowly" : "number.mix",
       .help = "One of one or two.",
       .blocking = kBlocking},
      kParams, inputs(port<&In::a>("a", "any"), optional_port<&In::b>("b", "any")), value_output());
  Out operator()(const In& in) const { return {settings.value(*in.a, in.b ? *in.b : 1)}; }
};

struct Together : Node {
  using Node::Node;
  using In = One;
  using Out = Value;
  static constexpr auto contract = make_contract({.type = "number.together", .help = "A batch at once."},
                                                 kParams, one_input(), value_output());
  std::vector<Out> operator()(std::span<const In> in) const {
    std::vector<Out> out;
    for (const In& one : in) out.push_back({settings.value(*one.a)});
    return out;
  }
};

struct Expand : Node {
  using Node::Node;
  using In = One;
  using Out = Value;
  static constexpr auto contract = make_contract({.type = "number.expand", .help = "None to three of one."},
                                                 kParams, one_input(), value_output());
  void operator()(const In& in, Emit<Out>& emit) const {
    const int64_t x = settings.value(*in.a);
    for (int64_t i = 0; i < x % 4; ++i) emit({x + i});
  }
};

struct Sum : Node {
  using Node::Node;
  using In = One;
  struct Out {
    std::optional<int64_t> some, rest;
  };
  struct State {
    int64_t sum = 0;
  };
  static constexpr auto contract =
      make_contract({.type = "number.sum", .help = "Sums with gaps."}, kParams, one_input(),
                    outputs(optional_port<&Out::some>("some", "now and then"),
                            optional_port<&Out::rest>("rest", "at other times")));
  State begin() const { return {}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const {
    state.sum = settings.value(*in.a, state.sum);
    if (state.sum % 3 == 0) emit({.some = state.sum, .rest = {}});
    if (state.sum % 5 == 0) emit({.some = {}, .rest = state.sum});
    if (state.sum % 7 == 0) emit({.some = state.sum, .rest = -state.sum});
  }
  void flush(State& state, Emit<Out>& emit) const { emit({.some = state.sum, .rest = {}}); }
};

struct Count : Node {
  using Node::Node;
  using In = One;
  using Out = Value;
  struct State {
    int64_t value = 0, left = 0;
  };
  static constexpr auto contract =
      make_contract({.type = "number.count", .help = "Up to nineteen, as they are wanted."}, kParams,
                    one_input(), value_output());
  State begin(const In& in) const {
    const int64_t x = settings.value(*in.a);
    return {x, x % 20};
  }
  bool next(State& state, Emit<Out>& emit) const {
    if (state.left == 0) return false;
    if (state.left % 3 != 0) emit({settings.value(state.value, state.left)});
    if (state.left % 4 == 0) emit({state.left});
    return --state.left > 0;
  }
};

// Takes several numbers, gives one, and goes on where the answer says.
struct Window : Node {
  using Node::Node;
  struct In {
    Ref<int64_t> a, seek;
  };
  using Out = Value;
  struct State {
    std::vector<int64_t> values;
    size_t at = 0;
    bool ended = false;
  };
  static constexpr auto contract = make_contract(
      {.type = "number.window", .help = "Windows of four."}, kParams,
      inputs(port<&In::a>("a", "any"), feedback_port<&In::seek>("seek", "where to go on")), value_output());
  State begin() const { return {}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const {
    if (in.seek)
      state.at += 1 + static_cast<size_t>(*in.seek % 5);
    else
      state.values.push_back(*in.a);
    make(state, emit);
  }
  void flush(State& state, Emit<Out>& emit) const {
    state.ended = true;
    make(state, emit);
  }

 private:
  void make(State& state, Emit<Out>& emit) const {
    const size_t left = state.values.size() - std::min(state.at, state.values.size());
    if (left == 0 || (left < 4 && !state.ended)) return;
    int64_t sum = 0;
    for (size_t i = 0; i < std::min<size_t>(left, 4); ++i)
      sum = settings.value(state.values[state.at + i], sum);
    emit({sum});
  }
};

struct Answer : Node {
  using Node::Node;
  using In = One;
  struct Out {
    std::optional<int64_t> v, seek;
  };
  struct State {};
  static constexpr auto contract = make_contract(
      {.type = "number.answer", .help = "Answers each number."}, kParams, one_input(),
      outputs(optional_port<&Out::v>("v", "some"), optional_port<&Out::seek>("seek", "for each one")));
  State begin() const { return {}; }
  void operator()(State&, const In& in, Emit<Out>& emit) const {
    const int64_t x = settings.value(*in.a);
    if (x % 2 == 0) emit({.v = x, .seek = {}});
    emit({.v = x % 3 == 0 ? std::optional(x + 1) : std::nullopt, .seek = x});
  }
  void flush(State&, Emit<Out>& emit) const { emit({.v = settings.salt, .seek = {}}); }
};

struct End : Node {
  using Node::Node;
  using In = One;
  struct Out {};
  static constexpr auto contract =
      make_contract({.type = "number.end", .help = "Takes numbers."}, kParams, one_input(), outputs());
  Out operator()(const In& in) const {
    settings.value(*in.a);
    return {};
  }
};

inline Registry registry() {
  Registry registry;
  registry.add<Parse>();
  registry.add<Mix<false>>();
  registry.add<Mix<true>>();
  registry.add<Together>();
  registry.add<Expand>();
  registry.add<Sum>();
  registry.add<Count>();
  registry.add<Window>();
  registry.add<Answer>();
  registry.add<End>();
  return registry;
}

}  // namespace millrace::number
