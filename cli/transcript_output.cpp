#include "cli/transcript_output.h"

#include <filesystem>

namespace millrace::cli {

void TranscriptOutput::segment(const std::string& file, const Segment& segment) {
  open(file);
  write(writer_->segment(segment));
}

void TranscriptOutput::transcript(const std::string& file, const Transcript& transcript) {
  open(file);
  write(writer_->end(transcript));
}

void TranscriptOutput::finished(const FinishedItem& item) {
  if (item.error) {
    if (options_.format == TranscriptFormat::json && options_.folder.empty())
      out_.write(failed_transcript(item.name, item.error->what()));
    else if (options_.folder.empty())
      open(item.name);  // its header, with nothing below
  } else {
    open(item.name);
    if (file_) file_->commit();
  }
  file_.reset();
  writer_.reset();
}

void TranscriptOutput::open(const std::string& file) {
  if (writer_) return;
  if (!options_.folder.empty()) {
    std::filesystem::create_directories(options_.folder);
    const auto stem = file == "-" ? std::filesystem::path("stdin") : std::filesystem::path(file).filename();
    auto path = std::filesystem::path(options_.folder) / stem;
    path.replace_extension(file_ending(options_.format));
    file_ = std::make_unique<AtomicFile>(path);
  } else if (options_.several && options_.format == TranscriptFormat::text) {
    out_.line("== " + file + " ==");
  }
  writer_ = transcript_writer(options_.format, file);
  write(writer_->begin());
}

void TranscriptOutput::write(const std::string& text) {
  if (text.empty()) return;
  file_ ? file_->write(text) : out_.write(text);
}

}  // namespace millrace::cli
