#include "nodes/talk_listen.h"

#include <algorithm>
#include <utility>

namespace millrace {
namespace {

bool hears_itself(const Floor& floor, const AudioClip& block) {
  const auto captured_at = [&](int64_t sample) { return block.began_at + block.seconds_at(sample); };
  return floor.hears_itself(captured_at(0)) || floor.hears_itself(captured_at(block.length()));
}

AudioClip silenced(AudioClip block) {
  std::ranges::fill(block.samples, 0.f);
  return block;
}

}  // namespace

TalkListen::TalkListen(const Params& params, Resources& resources)
    : options_{.threshold = params.threshold,
               .neg_threshold = {},
               .min_speech_duration_ms = params.min_speech_duration_ms,
               .max_speech_duration_s = params.max_speech_duration_s,
               .min_silence_duration_ms = params.min_silence_duration_ms,
               .speech_pad_ms = params.speech_pad_ms,
               .cut = LongSpeechCut::longest_silence},
      barge_in_(params.barge_in),
      stop_(resources.find<StopToken>()),
      detector_(params.method) {}

TalkListen::State TalkListen::begin() const {
  State state;
  state.floor = std::make_shared<Floor>();
  state.cutter = std::make_unique<SpeechCutter>(options_, detector_.new_stream());
  return state;
}

void TalkListen::operator()(State& state, const In& in, Emit<Out>& emit) const {
  const bool deaf = !barge_in_ && hears_itself(*state.floor, *in.clip);
  state.began_at = in.clip->began_at;
  take(state, state.cutter->push(deaf ? silenced(*in.clip) : *in.clip), emit);
  const int64_t speech = state.cutter->current_speech();
  const double begins = options_.min_speech_duration_ms * kSpeechRate / 1000;
  if (!state.turn && static_cast<double>(speech) > begins) state.turn = state.floor->begin_turn();
  if (state.held && state.cutter->idle()) give(state, /*ends=*/true, emit);
}

void TalkListen::flush(State& state, Emit<Out>& emit) const {
  if (stop_ && stop_->cancelled()) return;  // nobody waits for an answer to half a sentence
  take(state, state.cutter->finish(), emit);
  if (state.held) give(state, /*ends=*/true, emit);
}

void TalkListen::take(State& state, std::vector<AudioClip> clips, Emit<Out>& emit) const {
  for (AudioClip& clip : clips) {
    if (state.held) give(state, /*ends=*/false, emit);
    if (!state.turn) state.turn = state.floor->begin_turn();
    state.held = std::move(clip);
  }
}

void TalkListen::give(State& state, bool ends, Emit<Out>& emit) const {
  AudioClip clip = *std::exchange(state.held, std::nullopt);
  clip.position = state.position;
  clip.began_at = state.began_at;
  state.position += clip.length();
  const double start = clip.seconds_at(0), end = clip.seconds_at(clip.length());
  const double padding = std::min(options_.speech_pad_ms / 1000, (end - start) / 2);
  emit({.clip = std::move(clip),
        .utterance = {.turn = *state.turn, .ends = ends, .start = start + padding, .end = end - padding}});
  if (ends) state.turn.reset();
}

}  // namespace millrace
