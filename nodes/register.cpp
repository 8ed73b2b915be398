#include "nodes/register.h"

#include "nodes/audio_log_mel.h"
#include "nodes/audio_measure.h"
#include "nodes/audio_microphone.h"
#include "nodes/audio_pack_speech.h"
#include "nodes/audio_read.h"
#include "nodes/audio_speak.h"
#include "nodes/audio_utterance.h"
#include "nodes/audio_voice_activity.h"
#include "nodes/audio_window.h"
#include "nodes/chat_template.h"
#include "nodes/image_classify.h"
#include "nodes/image_detect.h"
#include "nodes/image_draw.h"
#include "nodes/image_newest.h"
#include "nodes/image_overlay.h"
#include "nodes/image_preprocess.h"
#include "nodes/image_read.h"
#include "nodes/image_segment.h"
#include "nodes/image_smooth.h"
#include "nodes/image_zero_shot.h"
#include "nodes/model_encoder.h"
#include "nodes/model_token_embedding.h"
#include "nodes/model_vision_encoder.h"
#include "nodes/speech_transcribe.h"
#include "nodes/speech_transcribe_batch.h"
#include "nodes/speech_transcribe_live.h"
#include "nodes/talk_converse.h"
#include "nodes/talk_listen.h"
#include "nodes/talk_transcribe.h"
#include "nodes/text_compose.h"
#include "nodes/text_decode.h"
#include "nodes/text_tokenize.h"
#include "nodes/video_camera.h"

namespace millrace {

Registry shipped_nodes() {
  Registry nodes;
  nodes.add<AudioRead>();
  nodes.add<AudioMicrophone>();
  nodes.add<AudioMeasure>();
  nodes.add<AudioVoiceActivity>();
  nodes.add<AudioWindow>();
  nodes.add<AudioUtterance>();
  nodes.add<AudioPackSpeech>();
  nodes.add<AudioLogMel>();
  nodes.add<ModelEncoder>();
  nodes.add<SpeechTranscribe>();
  nodes.add<SpeechTranscribeBatch>();
  nodes.add<SpeechTranscribeLive>();
  nodes.add<ChatTemplateNode>();
  nodes.add<TextTokenize>();
  nodes.add<ModelTokenEmbedding>();
  nodes.add<ModelVisionEncoder>();
  nodes.add<TextDecode>();
  nodes.add<TextCompose>();
  nodes.add<ImageRead>();
  nodes.add<ImagePreprocess>();
  nodes.add<ImageClassify>();
  nodes.add<ImageSegment>();
  nodes.add<ImageDetect>();
  nodes.add<ImageDraw>();
  nodes.add<ImageZeroShot>();
  nodes.add<AudioSpeak>();
  nodes.add<TalkListen>();
  nodes.add<TalkTranscribe>();
  nodes.add<TalkConverse>();
  nodes.add<VideoCamera>();
  nodes.add<ImageNewest>();
  nodes.add<ImageSmooth>();
  nodes.add<ImageOverlay>();
  return nodes;
}

}  // namespace millrace
