#pragma once
#include <memory>
#include <string>

#include "base/atomic_file.h"
#include "cli/console.h"
#include "decoders/speech/transcript_formats.h"
#include "graph/runtime/run_types.h"

namespace millrace::cli {

// Where transcripts go: standard output as they are made, or a file for each recording that appears when it is whole.
class TranscriptOutput {
 public:
  struct Options {
    TranscriptFormat format = TranscriptFormat::text;
    std::string folder;         // of the files; empty: standard output
    bool several = false;       // recordings
  };
  TranscriptOutput(Options options, Output& out) : options_(std::move(options)), out_(out) {}

  void segment(const std::string& file, const Segment& segment);
  void transcript(const std::string& file, const Transcript& transcript);
  void finished(const FinishedItem& item);

 private:
  void open(const std::string& file);  // does nothing the second time
  void write(const std::string& text);

  Options options_;
  Output& out_;
  std::unique_ptr<TranscriptWriter> writer_;  // null between recordings
  std::unique_ptr<AtomicFile> file_;
};

}  // namespace millrace::cli
