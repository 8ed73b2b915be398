#include "preprocess/audio_source.h"

#include <algorithm>

#include "base/error.h"
#include "preprocess/content_kind.h"
#include "preprocess/speech_converter.h"
#include "preprocess/wave_header.h"

namespace millrace {
namespace {

constexpr int64_t kReadSamples = 1 << 16;  // of all channels, at a time
constexpr size_t kHeadBytes = 512;

class ResampledSource : public AudioSource {
 public:
  ResampledSource(std::string name, std::unique_ptr<AudioReader> reader, int64_t block_samples)
      : name_(std::move(name)),
        reader_(std::move(reader)),
        block_(static_cast<size_t>(block_samples)),
        converter_(reader_->sample_rate(), reader_->channels()),
        samples_(static_cast<size_t>(std::max<int64_t>(kReadSamples, reader_->channels()))) {}

  std::optional<double> seconds() const override { return reader_->seconds(); }
  std::string fault() const override { return reader_->fault(); }

  std::optional<AudioClip> next() override {
    // One sample more than the block: to know whether it is the last.
    while (!ended_ && ready_.size() <= block_) fill();
    if (ready_.empty()) {
      if (position_ == 0) fail_at(ErrorKind::input, name_, "{}", nothing());
      return std::nullopt;
    }
    AudioClip clip;
    clip.samples = take_samples(ready_, block_);
    clip.spans = {{0, static_cast<double>(position_) / kSpeechRate}};
    clip.last = ready_.empty();
    position_ += static_cast<int64_t>(clip.samples.size());
    return clip;
  }

 private:
  void fill() {
    const auto frames = static_cast<int64_t>(samples_.size()) / reader_->channels();
    const int64_t got = reader_->read(samples_.data(), frames);
    if (got == 0) {
      ended_ = true;
      converter_.finish(ready_);
      return;
    }
    converter_.push(samples_.data(), got, ready_);
  }

  std::string nothing() const {
    const std::string why = reader_->fault();
    return why.empty() ? "holds no sound: it has no samples" : why + "; no sound could be read from it";
  }

  std::string name_;
  std::unique_ptr<AudioReader> reader_;
  size_t block_;
  SpeechConverter converter_;
  std::vector<float> samples_, ready_;
  int64_t position_ = 0;
  bool ended_ = false;
};

// FFmpeg's reader of WAV looks 64 KiB ahead, which live sound takes seconds to bring.
std::unique_ptr<AudioReader> open_piped_wave(const std::shared_ptr<InputFile>& file) {
  const auto header = wave_header(*file);
  if (!header) return nullptr;
  std::vector<std::byte> skipped(header->size);
  for (size_t have = 0; have < skipped.size();) have += file->read(skipped.data(), skipped.size() - have);
  return open_raw_pcm(file, header->format, header->bytes);
}

std::unique_ptr<AudioReader> open_reader(const std::string& path, const AudioOptions& options) {
  auto file = std::make_shared<InputFile>(path, options.cancel);
  const std::string name = file->name();
  const auto& head = file->peek(options.raw ? 1 : kHeadBytes);
  if (head.empty()) fail_at(ErrorKind::input, name, "is empty");
  if (options.raw) return open_raw_pcm(std::move(file), *options.raw);

  const ContentKind kind = content_kind(head);
  if (path == "-" && !kind.sound) return open_raw_pcm(std::move(file), options.headerless);
  if (!kind.name.empty() && !kind.sound)
    fail_at(ErrorKind::input, name, "is {}, not sound; give a recording such as WAV, MP3, FLAC or M4A",
            kind.name);

  std::string sndfile_says, ffmpeg_says;
  std::unique_ptr<AudioReader> reader;
  // libsndfile passes MP3 and Ogg on to libraries that, on damaged files, print (libmpg123) or leak
  // (libvorbis).
  if (file->regular() && !kind.lossy) reader = open_sndfile(file, sndfile_says);
  if (!file->regular()) reader = open_piped_wave(file);
  if (reader == nullptr) reader = open_ffmpeg(file, ffmpeg_says);
  if (reader != nullptr) return reader;
  if (kind.name.empty())
    fail_at(
        ErrorKind::input, name,
        "is in no sound format that is known here ({}); samples without a header need their format, rate and "
        "channels to be said",
        ffmpeg_says);
  if (sndfile_says.empty() && ffmpeg_says == kNoSoundTrack)
    fail_at(ErrorKind::input, name, "is {} that holds no sound", kind.name);
  fail_at(ErrorKind::input, name, "looks like {}, but cannot be read ({}); it is damaged or cut short",
          kind.name, sndfile_says.empty() ? ffmpeg_says : fmt::format("{}; {}", sndfile_says, ffmpeg_says));
}

}  // namespace

std::unique_ptr<AudioSource> open_audio(const std::string& path, const AudioOptions& options) {
  if (options.block_samples < 1) fail(ErrorKind::usage, "a block of sound has at least one sample");
  auto reader = open_reader(path, options);
  return std::make_unique<ResampledSource>(path == "-" ? "standard input" : path, std::move(reader),
                                           options.block_samples);
}

std::vector<float> read_all(AudioSource& source) {
  std::vector<float> samples;
  while (auto clip = source.next()) samples.insert(samples.end(), clip->samples.begin(), clip->samples.end());
  return samples;
}

}  // namespace millrace
