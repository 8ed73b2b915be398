extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "preprocess/audio_reader.h"

namespace millrace {
namespace {

// Only formats that are one recording in one file: playlists and their like would open other files.
constexpr const char* kFormats =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,aac,mp3,ogg,flac,wav,w64,aiff,au,caf,avi,asf,amr,amrnb,amrwb,flv,"
    "mpeg,"
    "mpegts,ac3,eac3,dts,wv,ape,tta,tak,dsf,mpc,mpc8";
constexpr int kIoBytes = 64 << 10;
constexpr size_t kMostBytes = 256 << 20;  // of one allocation: sizes in damaged headers ask for gigabytes
// Seconds less than the header says: decoders leave out the padding of the first and of the last frame.
constexpr double kLeastMissing = 0.2;
constexpr int kBadPackets = 10'000;  // in a row, before the rest of the file is given up

template <auto Free>
struct FreeByAddress {
  template <class T>
  void operator()(T* object) const {
    Free(&object);
  }
};
struct FreeIo {
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using IoPtr = std::unique_ptr<AVIOContext, FreeIo>;
using FormatPtr = std::unique_ptr<AVFormatContext, FreeByAddress<avformat_close_input>>;
using DecoderPtr = std::unique_ptr<AVCodecContext, FreeByAddress<avcodec_free_context>>;
using PacketPtr = std::unique_ptr<AVPacket, FreeByAddress<av_packet_free>>;
using FramePtr = std::unique_ptr<AVFrame, FreeByAddress<av_frame_free>>;
using ResamplerPtr = std::unique_ptr<SwrContext, FreeByAddress<swr_free>>;

std::string text_of(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return text;
}

// The callbacks of C code: no exception may leave them.
int read_bytes(void* file, uint8_t* to, int size) {
  try {
    const size_t got = static_cast<InputFile*>(file)->read(to, static_cast<size_t>(size));
    return got == 0 ? AVERROR_EOF : static_cast<int>(got);
  } catch (const Error&) {
    return AVERROR(EIO);
  }
}

int64_t seek_bytes(void* opaque, int64_t offset, int whence) {
  auto* file = static_cast<InputFile*>(opaque);
  if (whence == AVSEEK_SIZE) return *file->size();
  if ((whence & ~AVSEEK_FORCE) != SEEK_SET || offset < 0) return AVERROR(EINVAL);
  try {
    file->seek(offset);
    return offset;
  } catch (const Error&) {
    return AVERROR(EIO);
  }
}

class FfmpegReader : public AudioReader {
 public:
  explicit FfmpegReader(std::shared_ptr<InputFile> file) : file_(std::move(file)) {}

  // False, with the reason, where this is not sound.
  bool open(std::string& why_not);

  int sample_rate() const override { return rate_; }
  int channels() const override { return channels_; }
  std::optional<double> seconds() const override {
    if (!file_->regular() || format_->duration <= 0) return std::nullopt;
    return static_cast<double>(format_->duration) / AV_TIME_BASE;
  }
  int64_t read(float* samples, int64_t frames) override;
  std::string fault() const override { return fault_; }

 private:
  bool open_decoder(std::string& why_not);
  bool decode_frame();  // the next one into converted_; false at the end
  bool send_packet();
  void convert();
  void give_up(int error);
  void note_end();

  std::shared_ptr<InputFile> file_;
  IoPtr io_;
  FormatPtr format_;
  DecoderPtr decoder_;
  PacketPtr packet_{av_packet_alloc()};
  FramePtr frame_{av_frame_alloc()};
  ResamplerPtr converter_;
  int stream_ = -1;
  int rate_ = 0, channels_ = 0;  // of all that is read: those of the first frame
  int frame_rate_ = 0, frame_channels_ = 0, frame_format_ = -1;  // what the converter expects
  std::vector<float> converted_;
  size_t position_ = 0;  // in converted_
  int64_t frames_ = 0;   // read so far
  bool ended_ = false;
  int bad_packets_ = 0;
  std::string fault_;
};

bool FfmpegReader::open(std::string& why_not) {
  static std::once_flag once;
  std::call_once(once, [] {
    av_log_set_level(AV_LOG_QUIET);
    av_max_alloc(kMostBytes);
  });

  auto* buffer = static_cast<unsigned char*>(av_malloc(kIoBytes));
  io_.reset(avio_alloc_context(buffer, kIoBytes, 0, file_.get(), read_bytes, nullptr,
                               file_->regular() ? seek_bytes : nullptr));
  if (file_->regular()) file_->seek(0);
  AVFormatContext* format = avformat_alloc_context();
  format->pb = io_.get();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->format_whitelist = av_strdup(kFormats);
  format->protocol_whitelist = av_strdup("");
  const int opened = avformat_open_input(&format, nullptr, nullptr, nullptr);  // frees `format` when it fails
  if (opened < 0) {
    why_not = text_of(opened);
    return false;
  }
  format_.reset(format);
  if (const int found = avformat_find_stream_info(format, nullptr); found < 0) {
    why_not = text_of(found);
    return false;
  }
  if (!open_decoder(why_not)) return false;
  if (!decode_frame()) {
    why_not = fault_.empty() ? "its sound track is empty" : fault_;
    return false;
  }
  return true;
}

bool FfmpegReader::open_decoder(std::string& why_not) {
  const AVCodec* codec = nullptr;
  stream_ = av_find_best_stream(format_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
  if (stream_ < 0) {
    why_not = stream_ == AVERROR_DECODER_NOT_FOUND ? "its sound is coded in a way that is not known here"
                                                   : kNoSoundTrack;
    return false;
  }
  for (unsigned i = 0; i < format_->nb_streams; ++i)
    if (static_cast<int>(i) != stream_) format_->streams[i]->discard = AVDISCARD_ALL;
  decoder_.reset(avcodec_alloc_context3(codec));
  int status = avcodec_parameters_to_context(decoder_.get(), format_->streams[stream_]->codecpar);
  decoder_->pkt_timebase = format_->streams[stream_]->time_base;
  decoder_->thread_count = 1;
  if (status >= 0) status = avcodec_open2(decoder_.get(), codec, nullptr);
  if (status < 0) why_not = text_of(status);
  return status >= 0;
}

void FfmpegReader::give_up(int error) {
  ended_ = true;
  if (error != AVERROR_EOF) fault_ = fmt::format("is damaged: {}", text_of(error));
}

// Hands the decoder the next packet of the sound track, or the end. Damaged packets are left out.
bool FfmpegReader::send_packet() {
  while (true) {
    const int read = av_read_frame(format_.get(), packet_.get());
    if (read == AVERROR_INVALIDDATA && ++bad_packets_ < kBadPackets) continue;
    if (read < 0) {
      if (read != AVERROR_EOF) fault_ = fmt::format("is damaged: {}", text_of(read));
      return avcodec_send_packet(decoder_.get(), nullptr) >= 0;
    }
    const bool ours = packet_->stream_index == stream_;
    const int sent = ours ? avcodec_send_packet(decoder_.get(), packet_.get()) : 0;
    av_packet_unref(packet_.get());
    if (sent >= 0) {
      if (ours) bad_packets_ = 0;
      if (ours) return true;
    } else if (sent != AVERROR_INVALIDDATA || ++bad_packets_ >= kBadPackets) {
      give_up(sent);
      return false;
    }
  }
}

bool FfmpegReader::decode_frame() {
  while (!ended_) {
    const int got = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (got == AVERROR(EAGAIN)) {
      if (!send_packet()) ended_ = true;
    } else if (got == AVERROR_INVALIDDATA && ++bad_packets_ < kBadPackets) {
      continue;
    } else if (got < 0) {
      give_up(got);
    } else {
      convert();
      av_frame_unref(frame_.get());
      if (!converted_.empty()) return true;
    }
  }
  return false;
}

// frame_ to interleaved float of the recording's rate and channels. Both may change in the middle of a
// stream.
void FfmpegReader::convert() {
  converted_.clear();
  position_ = 0;
  const int frame_channels = frame_->ch_layout.nb_channels;
  check_audio_format(file_->name(), frame_->sample_rate, frame_channels);
  if (rate_ == 0) {
    rate_ = frame_->sample_rate;
    channels_ = frame_channels;
  }
  if (frame_->sample_rate != frame_rate_ || frame_channels != frame_channels_ ||
      frame_->format != frame_format_) {
    AVChannelLayout from{}, to{};
    av_channel_layout_default(&from, frame_channels);
    av_channel_layout_default(&to, channels_);
    SwrContext* converter = nullptr;
    int status =
        swr_alloc_set_opts2(&converter, &to, AV_SAMPLE_FMT_FLT, rate_, &from,
                            static_cast<AVSampleFormat>(frame_->format), frame_->sample_rate, 0, nullptr);
    converter_.reset(converter);
    if (status >= 0) status = swr_init(converter);
    if (status < 0)
      fail_at(ErrorKind::input, file_->name(), "has sound that cannot be read: {}", text_of(status));
    frame_rate_ = frame_->sample_rate;
    frame_channels_ = frame_channels;
    frame_format_ = frame_->format;
  }
  const int room = swr_get_out_samples(converter_.get(), frame_->nb_samples);
  if (room <= 0) return;
  converted_.resize(static_cast<size_t>(room) * static_cast<size_t>(channels_));
  auto* to = reinterpret_cast<uint8_t*>(converted_.data());
  const int got = swr_convert(converter_.get(), &to, room, const_cast<const uint8_t**>(frame_->extended_data),
                              frame_->nb_samples);
  converted_.resize(static_cast<size_t>(std::max(got, 0)) * static_cast<size_t>(channels_));
}

int64_t FfmpegReader::read(float* samples, int64_t frames) {
  if (position_ == converted_.size() && !decode_frame()) {
    if (fault_.empty()) note_end();
    return 0;
  }
  const size_t count = std::min(static_cast<size_t>(frames * channels_), converted_.size() - position_);
  std::copy_n(converted_.data() + position_, count, samples);
  position_ += count;
  frames_ += static_cast<int64_t>(count) / channels_;
  return static_cast<int64_t>(count) / channels_;
}

// Only where the header says how long the sound itself is: a film's pictures may go on after it, and lengths
// guessed from the bit rate are wrong.
void FfmpegReader::note_end() {
  const auto whole = seconds();
  if (!whole || format_->nb_streams != 1 ||
      format_->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE)
    return;
  const double missing = *whole - static_cast<double>(frames_) / rate_;
  if (missing > kLeastMissing + 0.01 * *whole) fault_ = cut_short(missing, *whole);
}

}  // namespace

std::unique_ptr<AudioReader> open_ffmpeg(std::shared_ptr<InputFile> file, std::string& why_not) {
  auto reader = std::make_unique<FfmpegReader>(std::move(file));
  if (!reader->open(why_not)) return nullptr;
  return reader;
}

}  // namespace millrace
