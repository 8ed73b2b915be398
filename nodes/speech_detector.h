#pragma once
#include <memory>
#include <string_view>

#include "encoders/voice_activity.h"
#include "preprocess/speech_cutter.h"

namespace millrace {

// What tells speech from everything else. Immutable: what it remembers of a stream is in what new_stream()
// gave.
class SpeechDetector {
 public:
  enum class Method { silero, energy };
  static constexpr std::string_view kMethods[] = {"silero", "energy"};
  static constexpr const char* kHelp = "how speech is found: the Silero network, or loudness alone";

  explicit SpeechDetector(Method method);
  SpeechProbabilities new_stream() const;

 private:
  std::shared_ptr<const VoiceActivityNetwork> network_;  // null: by loudness
};

}  // namespace millrace
