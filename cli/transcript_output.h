#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "cli/console.h"
#include "cli/output_folder.h"
#include "decoders/speech/transcript_formats.h"
#include "graph/runtime/run_types.h"

namespace millrace::cli {

// Where transcripts go: standard output as they are made, or a file for each recording that appears when it
// is whole. What was cut short appears as NAME.partial.ENDING.
class TranscriptOutput {
 public:
  struct Options {
    TranscriptFormat format = TranscriptFormat::text;
    std::string folder;              // of the files; empty: standard output
    std::vector<std::string> files;  // the recordings
  };
  // Refuses a folder that cannot be written to, before any work is done (output_folder.h).
  TranscriptOutput(Options options, Output& out);

  void segment(const std::string& file, const Segment& segment);
  void transcript(const std::string& file, const Transcript& transcript);
  void finished(const FinishedItem& item);

 private:
  void open(const std::string& file);    // does nothing the second time
  void place(const FinishedItem& item);  // the file where it belongs
  void write(const std::string& text);

  Options options_;
  Output& out_;
  std::optional<OutputFolder> folder_;
  std::unique_ptr<TranscriptWriter> writer_;  // null between recordings
  std::unique_ptr<AtomicFile> file_;
};

}  // namespace millrace::cli
