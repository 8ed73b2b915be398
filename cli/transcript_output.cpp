#include "cli/transcript_output.h"

#include <filesystem>

#include "base/log.h"

namespace millrace::cli {

TranscriptOutput::TranscriptOutput(Options options, Output& out) : options_(std::move(options)), out_(out) {
  if (!options_.folder.empty())
    folder_.emplace(options_.folder, options_.files, file_ending(options_.format));
}

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
    if (options_.format == TranscriptFormat::json && !folder_)
      out_.write(failed_transcript(item.name, item.error->what()));
    else if (!folder_)
      open(item.name);  // its header, with nothing below
  } else {
    open(item.name);
    if (file_) place(item);
  }
  file_.reset();
  writer_.reset();
}

void TranscriptOutput::open(const std::string& file) {
  if (writer_) return;
  if (folder_)
    file_ = std::make_unique<AtomicFile>(folder_->file_of(file));
  else if (options_.files.size() > 1 && options_.format == TranscriptFormat::text)
    out_.line("== " + file + " ==");
  writer_ = transcript_writer(options_.format, file);
  write(writer_->begin());
}

void TranscriptOutput::place(const FinishedItem& item) {
  if (!item.cut_short) return file_->commit();
  auto partial = folder_->file_of(item.name);
  partial.replace_extension(fmt::format(".partial{}", file_ending(options_.format)));
  file_->commit_as(partial);
  log::warning("{}: interrupted; what came before is in {}", item.name, partial.string());
}

void TranscriptOutput::write(const std::string& text) {
  if (text.empty()) return;
  file_ ? file_->write(text) : out_.write(text);
}

}  // namespace millrace::cli
