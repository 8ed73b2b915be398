#pragma once
#include <malloc.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <string>

#include "base/stream_clock.h"
#include "devices/stream_account.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/register.h"
#include "tests/nodes/said.h"

// Hours of speech on the virtual clock, through the live pipeline but for the encoder and the model.
namespace millrace::testing {

// Every 5.12 s somebody speaks, from 1.024 to 3.072 s.
constexpr int64_t kPeriod = 160 * 512, kSpoken = 32 * 512, kSilent = 96 * 512;  // samples
constexpr double kPeriodSeconds = 5.12, kSpokenSeconds = 1.024, kSilentSeconds = 3.072;

// The input says how many periods.
struct TickingSource {
  struct Params {};
  struct In {
    Ref<std::string> periods;
  };
  struct Out {
    AudioClip clip;
  };
  struct State {
    int64_t at = 0, end = 0;
  };
  static constexpr auto contract = make_contract(
      {.type = "test.ticking_source", .help = "Speech now and then.", .blocking = true}, params(),
      inputs(port<&In::periods>("periods", "how many")), outputs(port<&Out::clip>("clip", "sound")));

  TickingSource(const Params&, Resources& resources) : clock(resources.find<StreamClock>()) {}
  State begin(const In& in) const { return {0, std::stoll(*in.periods) * kPeriod}; }
  bool next(State& state, Emit<Out>& emit) const {
    if (state.at >= state.end) return false;
    const int64_t length = std::min<int64_t>(1600, state.end - state.at);
    AudioClip clip = clip_of(length, static_cast<double>(state.at) / kSpeechRate, 0);
    for (int64_t i = 0; i < length; ++i) {
      const int64_t place = (state.at + i) % kPeriod;
      if (place >= kSpoken && place < kSilent)
        clip.samples[static_cast<size_t>(i)] =
            0.3f * static_cast<float>(std::sin(0.2 * static_cast<double>(place)));
    }
    clip.began_at = 0;
    state.at += length;
    clock->wait_until(static_cast<double>(state.at) / kSpeechRate, nullptr);
    emit({.clip = std::move(clip)});
    return true;
  }
  std::shared_ptr<StreamClock> clock;
};

struct NoEncoder {
  struct Params {};
  struct In {
    Ref<AudioClip> clip;
  };
  struct Out {
    EncoderStates states;
  };
  static constexpr auto contract =
      make_contract({.type = "test.no_encoder", .help = "Nothing."}, params(),
                    inputs(port<&In::clip>("clip", "sound")), outputs(port<&Out::states>("states", "zeros")));
  NoEncoder(const Params&, Resources&) {}
  Out operator()(const In&) const { return {{Tensor(DType::float32, {2, 1})}}; }
};

inline constexpr std::string_view kTickingPipeline = R"(name: ticking
nodes:
  audio: {type: test.ticking_source, inputs: {periods: $input}}
  windows: {type: audio.utterance, inputs: {clip: audio.clip}, feedback: {step: text.step}, method: energy}
  encoded: {type: test.no_encoder, inputs: {clip: windows.clip}}
  text:
    type: speech.transcribe_live
    inputs: {states: encoded.states, clip: windows.clip, window: windows.window}
    model: said
    suppress_tokens: []
outputs: {partial: text.partial, segment: text.segment, gap: text.gap}
)";

struct Ticked {
  int64_t segments = 0, partials = 0, gaps = 0;
  int64_t out_of_time = 0;             // segments more than 20 ms from where they were said
  double last_end = 0;                 // seconds
  double growth = 0;                   // bytes in use since the first twentieth
  int64_t processed = 0, dropped = 0;  // samples
};

inline Ticked tick(int64_t periods) {
  Resources resources;
  add_model_that_says(resources, {"<0.30> tick<2.34>"}, false);
  auto& account = resources.emplace<SpeechAccount>();
  resources.set<StreamClock>(std::make_shared<VirtualClock>());
  Registry registry = shipped_nodes();
  registry.add<TickingSource>();
  registry.add<NoEncoder>();
  const auto source = std::make_shared<SourceText>(SourceText{"ticking.yaml", std::string(kTickingPipeline)});
  const auto pipeline = check_pipeline(source, registry, {}, {});
  const Graph graph = Graph::build(pipeline, resources);
  const auto in_use = [] { return static_cast<double>(mallinfo2().uordblks); };
  Ticked ticked;
  double before = 0;
  Sink sink;
  sink.packet = [&](const OutputPacket& out) {
    if (out.output_name == "gap") ++ticked.gaps;
    if (out.output_name == "partial") ++ticked.partials;
    if (out.output_name != "segment") return;
    const Segment& segment = *out.packet.get<Segment>();
    const double begun = static_cast<double>(ticked.segments) * kPeriodSeconds;
    if (std::abs(segment.start - (begun + kSpokenSeconds)) > 0.02 ||
        std::abs(segment.end - (begun + kSilentSeconds)) > 0.02)
      ++ticked.out_of_time;
    if (++ticked.segments == periods / 20) before = in_use();
    if (ticked.segments == periods - 1) ticked.growth = in_use() - before;
    ticked.last_end = segment.end;
  };
  graph.run(items_of({text_item(std::to_string(periods))}), sink);
  ticked.processed = account.total().processed;
  ticked.dropped = account.total().dropped;
  return ticked;
}

}  // namespace millrace::testing
