#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace millrace {

// Speaks with eSpeak NG (https://github.com/espeak-ng/espeak-ng), which is run as a program for every text.
class SpeechProgram {
 public:
  struct Options {
    std::string program = "espeak-ng";
    std::string voice = {};  // "de", "en-gb+f3"; empty: the program's own
    int64_t words_per_minute = 175;
    std::string device = {};  // PortAudio's or PulseAudio's, as the program takes it; empty: the default
  };
  // Error(io) where the program is not installed, Error(usage) for a voice that it does not have.
  explicit SpeechProgram(Options options);

  // Speaks a text (UTF-8, of any origin: nothing in it is taken for an option or for markup) until its end,
  // or until `unwanted` is true: false then, within some 20 ms. With `wav` it goes to that file instead, at
  // once. Error(io) where it can't be spoken.
  bool speak(std::string_view text, const std::function<bool()>& unwanted, const std::string& wav = {}) const;

 private:
  Options options_;
};

// What of a text can be read aloud: without control characters, marks of Markdown and the program's own
// markup. Empty where nothing is left to be spoken.
std::string speakable(std::string_view text);

}  // namespace millrace
