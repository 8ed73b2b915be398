#include "nodes/speech_detector.h"

#include "preprocess/energy_gate.h"

namespace millrace {

SpeechDetector::SpeechDetector(Method method) {
  if (method == Method::silero) network_ = std::make_shared<const VoiceActivityNetwork>();
}

SpeechProbabilities SpeechDetector::new_stream() const {
  if (!network_) return EnergyGate();
  return [network = network_, state = VoiceActivityNetwork::State()](std::span<const float> samples) mutable {
    return (*network)(state, samples);
  };
}

}  // namespace millrace
