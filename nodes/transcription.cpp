#include "nodes/transcription.h"

#include <algorithm>

#include "nodes/model_cache.h"

namespace millrace {

Transcription::Transcription(const SpeechTranscriber& transcriber) : state_(transcriber.begin()) {
  transcript_.task = transcriber.options().task;
  if (!transcriber.options().detects_language()) transcript_.language = transcriber.options().language;
}

void Transcription::measured(const Ref<RecordingMeasure>& measure) {
  if (!measure || !measure->seconds) return;
  transcript_.duration = *measure->seconds;
  measured_ = true;
}

std::vector<Ref<Segment>> Transcription::add(WindowResult result, const AudioClip& clip) {
  if (!measured_) transcript_.duration = std::max(transcript_.duration, clip.seconds_at(clip.length()));
  if (!result.language.empty()) transcript_.language = result.language;
  std::vector<Ref<Segment>> passed_on;
  for (Segment& segment : result.segments) {
    transcript_.text += segment.text;
    transcript_.segments.push_back(segment);
    passed_on.push_back(make_ref(std::move(segment)));
  }
  return passed_on;
}

Transcript Transcription::finish() {
  transcript_.language_probability = state_.language.probability;
  return std::move(transcript_);
}

SpeechTranscriber::Parts transcriber_parts(const std::string& model, const TranscriptionOptions& options,
                                           Resources& resources) {
  const auto loaded = resources.get<ModelCache>().get(model);
  if (!loaded->text_decoder || !loaded->tokenizer)
    fail_at(ErrorKind::model, loaded->methods->source(), "has no {}",
            loaded->text_decoder ? "tokenizer" : "method 'text_decoder'");
  return {.decoder = loaded->text_decoder,
          .tokenizer = loaded->tokenizer,
          .generation = loaded->generation,
          .options = options,
          .cancel = resources.find<CancelToken>().get()};
}

std::shared_ptr<const SpeechTranscriber> make_transcriber(const std::string& model,
                                                          const TranscriptionOptions& options,
                                                          Resources& resources) {
  return std::make_shared<const SpeechTranscriber>(transcriber_parts(model, options, resources));
}

EncodedWindow encoded_window(const EncoderStates& states, const AudioClip& clip) {
  std::vector<TimeMap::Piece> pieces;
  for (const TimeSpan& span : clip.spans) pieces.push_back({span.first_sample, span.seconds});
  return {.states = states.values,
          .start_sample = clip.position,
          .content_samples = clip.length(),
          .last = clip.last,
          .speech = clip.speech,
          .time = TimeMap(std::move(pieces))};
}

}  // namespace millrace
