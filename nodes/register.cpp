#include "nodes/register.h"

#include "nodes/audio_log_mel.h"
#include "nodes/audio_measure.h"
#include "nodes/audio_pack_speech.h"
#include "nodes/audio_read.h"
#include "nodes/audio_voice_activity.h"
#include "nodes/audio_window.h"
#include "nodes/model_encoder.h"
#include "nodes/speech_transcribe.h"
#include "nodes/speech_transcribe_batch.h"

namespace millrace {

Registry shipped_nodes() {
  Registry nodes;
  nodes.add<AudioRead>();
  nodes.add<AudioMeasure>();
  nodes.add<AudioVoiceActivity>();
  nodes.add<AudioWindow>();
  nodes.add<AudioPackSpeech>();
  nodes.add<AudioLogMel>();
  nodes.add<ModelEncoder>();
  nodes.add<SpeechTranscribe>();
  nodes.add<SpeechTranscribeBatch>();
  return nodes;
}

}  // namespace millrace
