#pragma once
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "preprocess/speech_segmenter.h"
#include "test_files.h"

namespace millrace {

// Probabilities of a recording, and the segments that the reference finds in them.
struct SpeechCase {
  std::string name;
  VoiceActivityOptions options;
  std::vector<double> probabilities;
  int64_t samples = 0;
  std::vector<SpeechSegment> expected;
};

inline std::vector<SpeechCase> speech_cases() {
  std::vector<SpeechCase> cases;
  for (const auto& json : nlohmann::json::parse(bytes_of(golden_file("speech_segments.json")))) {
    for (const char* name : {"last_silence", "longest_silence"}) {
      SpeechCase one;
      const auto& given = json["options"];
      one.name = given.dump() + name;
      VoiceActivityOptions& options = one.options;
      options.threshold = given.value("threshold", options.threshold);
      if (given.contains("neg_threshold")) options.neg_threshold = given["neg_threshold"].get<double>();
      options.min_speech_duration_ms = given.value("min_speech_duration_ms", options.min_speech_duration_ms);
      options.max_speech_duration_s = given.value("max_speech_duration_s", options.max_speech_duration_s);
      options.min_silence_duration_ms =
          given.value("min_silence_duration_ms", options.min_silence_duration_ms);
      options.speech_pad_ms = given.value("speech_pad_ms", options.speech_pad_ms);
      options.cut =
          name == std::string("last_silence") ? LongSpeechCut::last_silence : LongSpeechCut::longest_silence;
      one.probabilities = json["probabilities"].get<std::vector<double>>();
      one.samples = json["samples"].get<int64_t>();
      for (const auto& pair : json[name])
        one.expected.push_back({pair[0].get<int64_t>(), pair[1].get<int64_t>()});
      cases.push_back(std::move(one));
    }
  }
  return cases;
}

inline void PrintTo(const SpeechSegment& segment, std::ostream* out) {
  *out << segment.start << '-' << segment.end;
}

}  // namespace millrace
