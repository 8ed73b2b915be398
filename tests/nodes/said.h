#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nodes/model_cache.h"
#include "nodes/packets.h"
#include "tests/decoders/scripted_decoder.h"
#include "tests/decoders/speech/byte_vocabulary.h"
#include "tests/nodes/sample_clips.h"

namespace millrace::testing {

// A model "said" that writes texts[n] ("<0.00> Hello.<1.00>") for the window whose states are n.
inline void add_model_that_says(Resources& resources, std::vector<std::string> texts, bool records = true) {
  using V = ByteVocabulary;
  ScriptedDecoder::Script script;
  script.vocabulary = V::kSize;
  script.records = records;
  script.logits = [texts = std::move(texts)](int window, std::span<const TokenId> fed) {
    std::vector<float> logits(static_cast<size_t>(V::kSize), 0.f);
    const auto said = V::tokens(texts.at(static_cast<size_t>(window)));
    const auto start = std::find(fed.begin(), fed.end(), V::kStart);
    const auto written = static_cast<size_t>(std::max<std::ptrdiff_t>(0, fed.end() - start - 3));
    const TokenId next = start + 1 == fed.end()  ? V::kEnglish
                         : written < said.size() ? said[written]
                                                 : V::kEnd;
    logits[static_cast<size_t>(next)] = 30;
    return logits;
  };
  LoadedModel model = *resources.emplace<ModelCache>().get(kTinyWhisper);
  model.text_decoder = std::make_shared<ScriptedDecoder>(std::move(script));
  model.tokenizer = std::make_shared<ByteVocabulary>();
  model.generation = V::generation();
  resources.get<ModelCache>().add("said", std::make_shared<const LoadedModel>(std::move(model)));
}

// States of window `number`.
inline Ref<EncoderStates> states_of(int number) {
  const std::vector<float> values(1500, static_cast<float>(number));
  return make_ref(EncoderStates{Tensor::from<float>({1500, 1}, values)});
}

// A window of sound of which the recording's time begins at `seconds`.
inline Ref<AudioClip> window_at(double position, double length, double seconds, bool last = false) {
  AudioClip clip = clip_of(std::llround(length * kSpeechRate), seconds);
  clip.position = std::llround(position * kSpeechRate);
  clip.last = last;
  return make_ref(std::move(clip));
}

}  // namespace millrace::testing
