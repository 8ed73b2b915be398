#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/stream_gap.h"
#include "decoders/speech/live_transcriber.h"
#include "decoders/speech/transcript_formats.h"

namespace millrace::cli {

// Writes captions piece by piece. What was written so far is a whole text, SRT or VTT file, or whole lines of
// JSON, at any moment:
//   text  a line a final segment; gaps in brackets
//   json  a line an event: {"type": "partial", "final" or "gap", "start", "end", "text", "latency"}, with
//         "settled", the part of a partial text that two hypotheses agree on, and "input" where there are
//         several streams
//   srt, vtt  a cue a final segment, or gap
class CaptionFormat {
 public:
  // `input` names the stream where there are several; empty: there is one.
  CaptionFormat(TranscriptFormat format, bool several);

  std::string begin();
  std::string partial(const std::string& input, const PartialText& text);  // nothing but in json
  std::string segment(const std::string& input, const Segment& segment);
  std::string gap(const std::string& input, const StreamGap& gap);

 private:
  TranscriptFormat format_;
  bool several_;
  std::unique_ptr<TranscriptWriter> writer_;
};

// The end of `text`, which goes on from line to line, as one line of a terminal of so many columns.
std::string last_columns(std::string_view text, size_t columns);

}  // namespace millrace::cli
