#pragma once
#include <fmt/core.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/stream_clock.h"
#include "graph/contract.h"
#include "graph/registry.h"

// Nodes that take their time on the run's clock: what a live pipeline is made of, without a device.
namespace millrace::live {

struct Tick {
  int64_t number = 0;
  double at = 0;  // when it was captured, by the run's clock
};

// What all nodes here have in common.
struct OnClock {
  explicit OnClock(Resources& resources)
      : clock(resources.find<StreamClock>()),
        stop(resources.find<StopToken>()),
        abort(resources.find<CancelToken>()) {
    if (!clock) clock = std::make_shared<SystemClock>();
  }
  std::shared_ptr<StreamClock> clock;
  std::shared_ptr<StopToken> stop;
  std::shared_ptr<CancelToken> abort;
};

// generator: a device that gives something every so often, until it is told to stop.
struct Source : OnClock {
  struct Params {
    double period = 0.1;
    int64_t count = -1;
  };
  struct In {
    Ref<std::string> source;
  };
  struct Out {
    Tick tick;
  };
  struct State {
    double began_at = 0;
    int64_t number = 0;
  };
  static constexpr auto contract =
      make_contract({.type = "live.source", .help = "Ticks every so often.", .blocking = true},
                    params(param<&Params::period>("period", "between two", {.min = 0, .unit = "s"}),
                           param<&Params::count>("count", "how many; -1: without end")),
                    inputs(port<&In::source>("source", "any name")),
                    outputs(port<&Out::tick>("tick", "one after another")));
  Source(const Params& params, Resources& resources) : OnClock(resources), params_(params) {}
  State begin(const In&) const { return {clock->now(), 0}; }
  bool next(State& state, Emit<Out>& emit) const {
    if (state.number == params_.count) return false;
    const double at = state.began_at + params_.period * static_cast<double>(state.number + 1);
    if (!clock->wait_until(at, stop.get())) return false;
    emit({.tick = {state.number++, at}});
    return true;
  }

 private:
  Params params_;
};

// map: passes on what it gets, after a while; the last of every `every` alone takes that long.
struct Work : OnClock {
  struct Params {
    double seconds = 0;
    int64_t every = 1;
  };
  struct In {
    Ref<Tick> tick;
  };
  struct Out {
    Ref<Tick> tick;
  };
  static constexpr auto contract = make_contract(
      {.type = "live.work", .help = "Takes its time."},
      params(param<&Params::seconds>("seconds", "that a call takes", {.min = 0, .unit = "s"}),
             param<&Params::every>("every", "calls, one of which takes that long", {.min = 1})),
      inputs(port<&In::tick>("tick", "any")), outputs(port<&Out::tick>("tick", "the same, later")));
  Work(const Params& params, Resources& resources) : OnClock(resources), params_(params) {}
  Out operator()(const In& in) const {
    if ((in.tick->number + 1) % params_.every == 0)
      clock->wait_until(clock->now() + params_.seconds, abort.get());
    return {in.tick};
  }

 private:
  Params params_;
};

// stateful: lines of several numbers; what is left over at the end, too.
struct Gather {
  struct Params {
    int64_t ticks = 4;
  };
  struct In {
    Ref<Tick> tick;
  };
  struct Out {
    std::string line;
  };
  struct State {
    std::vector<int64_t> numbers;
  };
  static constexpr auto contract = make_contract({.type = "live.gather", .help = "Gathers ticks."},
                                                 params(param<&Params::ticks>("ticks", "a line", {.min = 1})),
                                                 inputs(port<&In::tick>("tick", "any")),
                                                 outputs(port<&Out::line>("line", "their numbers")));
  Gather(const Params& params, Resources&) : params_(params) {}
  State begin() const { return {}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const {
    state.numbers.push_back(in.tick->number);
    if (static_cast<int64_t>(state.numbers.size()) == params_.ticks) flush(state, emit);
  }
  void flush(State& state, Emit<Out>& emit) const {
    std::string line;
    for (const int64_t number : state.numbers) line += fmt::format("{}{}", line.empty() ? "" : " ", number);
    state.numbers.clear();
    if (!line.empty()) emit({line});
  }

 private:
  Params params_;
};

// generator: letters of a line, one a call.
struct Spell {
  struct Params {};
  struct In {
    Ref<std::string> line;
  };
  struct Out {
    std::string letter;
  };
  struct State {
    std::string left;
  };
  static constexpr auto contract =
      make_contract({.type = "live.spell", .help = "Spells a line."}, params(),
                    inputs(port<&In::line>("line", "any")), outputs(port<&Out::letter>("letter", "each")));
  Spell(const Params&, Resources&) {}
  State begin(const In& in) const { return {*in.line}; }
  bool next(State& state, Emit<Out>& emit) const {
    if (state.left.empty()) return false;
    emit({state.left.substr(0, 1)});
    state.left.erase(0, 1);
    return !state.left.empty();
  }
};

inline Registry registry() {
  Registry registry;
  registry.add<Source>();
  registry.add<Work>();
  registry.add<Gather>();
  registry.add<Spell>();
  return registry;
}

}  // namespace millrace::live
