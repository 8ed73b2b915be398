#include "nodes/audio_speak.h"

#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "preprocess/audio_source.h"

namespace millrace {
namespace {

double seconds_of_sound(const std::string& path) {
  const auto source = open_audio(path, {});
  double seconds = 0;
  while (const auto clip = source->next()) seconds += static_cast<double>(clip->length()) / clip->sample_rate;
  return seconds;
}

}  // namespace

AudioSpeak::AudioSpeak(const Params& params, Resources& resources)
    : folder_(params.folder), clock_(resources.find<StreamClock>()), stop_(resources.find<StopToken>()) {
  if (!clock_) clock_ = std::make_shared<SystemClock>();
  if (params.method == Method::none) return;
  program_ = std::make_shared<const SpeechProgram>(SpeechProgram::Options{
      .voice = params.voice, .words_per_minute = params.words_per_minute, .device = params.device});
  std::error_code fault;
  if (!folder_.empty() && !std::filesystem::is_directory(folder_, fault))
    fail_at(ErrorKind::io, folder_, "is no folder for spoken sentences");
}

bool AudioSpeak::unwanted(const Turn* turn) const {
  return (turn && turn->cancelled()) || (stop_ && stop_->cancelled());
}

void AudioSpeak::operator()(State& state, const In& in, Emit<Out>& emit) const {
  const TextPiece& piece = *in.piece;
  const Turn* turn = piece.turn.get();
  for (const std::string& sentence : state.sentences.push(piece.text)) say(state, sentence, turn);
  if (!piece.completion) return;
  say(state, state.sentences.finish(), turn);
  if (state.speaking && turn && turn->floor) turn->floor->stops_speaking(clock_->now());
  Completion completion = *piece.completion;
  completion.generated.text = std::move(state.given);
  if (state.cut_off) completion.generated.reason = FinishReason::cancelled;
  state = {};
  emit({.completion = make_ref(std::move(completion))});
}

void AudioSpeak::say(State& state, const std::string& sentence, const Turn* turn) const {
  if (sentence.empty()) return;
  if (program_ && !state.cut_off) state.cut_off = !sound(state, sentence, turn);
  if (!state.cut_off) state.given += sentence;
}

// False where it was cut off.
bool AudioSpeak::sound(State& state, const std::string& sentence, const Turn* turn) const {
  if (unwanted(turn)) return false;
  if (!std::exchange(state.speaking, true) && turn && turn->floor)
    turn->floor->starts_speaking(clock_->now());
  const bool whole = folder_.empty() ? program_->speak(sentence, [&] { return unwanted(turn); })
                                     : sound_as_file(state, sentence, turn);
  if (!whole && turn && turn->floor) turn->floor->stops_speaking(clock_->now());
  return whole;
}

bool AudioSpeak::sound_as_file(State& state, const std::string& sentence, const Turn* turn) const {
  if (speakable(sentence).empty()) return true;
  const std::string path = fmt::format("{}/{}-{}.wav", folder_, turn ? turn->number : 0, ++state.sentence);
  if (!program_->speak(
          sentence, [&] { return unwanted(turn); }, path))
    return false;
  const CancelToken* over = turn ? turn->over.get() : stop_.get();
  return clock_->wait_until(clock_->now() + seconds_of_sound(path), over);
}

}  // namespace millrace
