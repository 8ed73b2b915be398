#pragma once
#include <memory>
#include <string>

#include "base/stream_clock.h"
#include "decoders/generation/sentences.h"
#include "devices/speech_program.h"
#include "graph/contract.h"
#include "nodes/text_packets.h"

namespace millrace {

//   speak: {type: audio.speak, inputs: {piece: text.piece}, queue: 4096}
struct AudioSpeak {
  enum class Method { espeak, none };
  struct Params {
    Method method = Method::espeak;
    std::string voice;
    int64_t words_per_minute = 175;
    std::string device;
    std::string folder;
  };
  struct In {
    Ref<TextPiece> piece;
  };
  struct Out {
    Ref<Completion> completion;
  };
  struct State {
    Sentences sentences;
    std::string given;  // of the answer under way: what was spoken of it
    int64_t sentence = 0;
    bool speaking = false, cut_off = false;
  };

  static constexpr std::string_view kMethods[] = {"espeak", "none"};
  static constexpr auto contract = make_contract(
      {.type = "audio.speak",
       .help = "Speaks answers as they are written, a sentence at a time. A newer turn ends the speaking at "
               "once.",
       .blocking = true},
      params(
          choice<&Params::method>("method", kMethods,
                                  "eSpeak NG, run as a program; none says nothing, and every answer passes"),
          param<&Params::voice>("voice", "of eSpeak NG (espeak-ng --voices); its own unless given"),
          param<&Params::words_per_minute>("words_per_minute", "how fast", {.min = 80, .max = 450}),
          param<&Params::device>("device", "where it sounds; the default unless given"),
          param<&Params::folder>(
              "folder",
              "each sentence becomes a WAV file there, TURN-SENTENCE.wav, instead of sounding, "
              "and takes its time all the same")),
      inputs(port<&In::piece>("piece", "answers of a conversation in pieces, one after another")),
      outputs(optional_port<&Out::completion>(
          "completion",
          "each answer at its end; of one that was cancelled, the sentences that were spoken")));

  AudioSpeak(const Params& params, Resources& resources);
  State begin() const { return {}; }
  void operator()(State& state, const In& in, Emit<Out>& emit) const;
  void flush(State&, Emit<Out>&) const {}

 private:
  bool unwanted(const Turn* turn) const;
  void say(State& state, const std::string& sentence, const Turn* turn) const;
  bool sound(State& state, const std::string& sentence, const Turn* turn) const;
  bool sound_as_file(State& state, const std::string& sentence, const Turn* turn) const;

  std::string folder_;
  std::shared_ptr<const SpeechProgram> program_;  // null: says nothing
  std::shared_ptr<StreamClock> clock_;
  std::shared_ptr<const StopToken> stop_;
};

}  // namespace millrace
