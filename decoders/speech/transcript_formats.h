#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "decoders/speech/transcript.h"

namespace millrace {

enum class TranscriptFormat { text, json, srt, vtt };

// "text", "json", "srt" or "vtt"; anything else is Error(usage) with the nearest.
TranscriptFormat transcript_format(std::string_view name);
std::string_view file_ending(TranscriptFormat format);  // ".txt", ".json", …

// Writes a transcript piece by piece, each piece as soon as it is known. Always valid UTF-8.
//   text  the words, a line a segment
//   json  one line at the end: OpenAI's verbose_json
//   srt   SubRip, numbered from 1
//   vtt   WebVTT
class TranscriptWriter {
 public:
  virtual ~TranscriptWriter() = default;
  virtual std::string begin() { return {}; }
  virtual std::string segment(const Segment&) { return {}; }
  virtual std::string end(const Transcript&) { return {}; }  // segments were all given before
};

// `file` goes into json when it is not empty: the line's `file`.
std::unique_ptr<TranscriptWriter> transcript_writer(TranscriptFormat format, std::string file = {});

// The whole transcript at once.
std::string write_transcript(const Transcript& transcript, TranscriptFormat format,
                             const std::string& file = {});

// The line that stands in json for a file that failed.
std::string failed_transcript(const std::string& file, std::string_view error);

}  // namespace millrace
