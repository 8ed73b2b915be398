#pragma once
#include <map>
#include <optional>
#include <string>

#include "cli/caption_format.h"
#include "cli/console.h"
#include "cli/growing_file.h"

namespace millrace::cli {

// Where captions go. On a terminal final segments stay as lines and the partial text, dimmed, is rewritten in
// the line below. Elsewhere standard output carries what the format has, and no partial text but in json. A
// file is whole up to the last final segment at any moment; partial text never goes there.
class CaptionOutput {
 public:
  struct Options {
    TranscriptFormat format = TranscriptFormat::text;  // of the file, else of standard output
    std::string file;                                  // empty: none
    bool several = false;                              // streams
    ProgressLine* status = nullptr;  // shows the partial text instead, above other lines of its own
  };
  CaptionOutput(const Options& options, Output& out);  // Error(io): the file

  void partial(const std::string& input, const PartialText& text);
  void segment(const std::string& input, const Segment& segment);
  void gap(const std::string& input, const StreamGap& gap);
  void end();  // takes the partial text away

 private:
  void show_partial(const std::string& text);
  void clear_partial();

  Output& out_;
  ProgressLine* status_;
  bool rewrites_, several_;
  bool shown_ = false;
  CaptionFormat screen_;
  std::optional<CaptionFormat> filed_;
  std::optional<GrowingFile> file_;
  std::map<std::string, double> final_until_;  // by input
};

}  // namespace millrace::cli
