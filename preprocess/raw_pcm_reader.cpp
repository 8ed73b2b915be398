#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "preprocess/audio_reader.h"

namespace millrace {
namespace {

static_assert(std::endian::native == std::endian::little);

int64_t bytes_of(PcmFormat format) {
  switch (format) {
    case PcmFormat::u8:
      return 1;
    case PcmFormat::s16le:
      return 2;
    case PcmFormat::s24le:
      return 3;
    case PcmFormat::s32le:
    case PcmFormat::f32le:
      return 4;
    case PcmFormat::f64le:
      return 8;
  }
  return 1;
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float sample_at(PcmFormat format, const std::byte* from) {
  switch (format) {
    case PcmFormat::u8:
      return static_cast<float>(load<uint8_t>(from) - 128) / 128.0f;
    case PcmFormat::s16le:
      return static_cast<float>(load<int16_t>(from)) / 32768.0f;
    case PcmFormat::s24le: {
      const uint32_t low = load<uint16_t>(from), high = load<uint8_t>(from + 2);
      return static_cast<float>(static_cast<int32_t>(high << 24 | low << 8)) / 2147483648.0f;
    }
    case PcmFormat::s32le:
      return static_cast<float>(load<int32_t>(from)) / 2147483648.0f;
    case PcmFormat::f32le:
      return load<float>(from);
    case PcmFormat::f64le:
      return static_cast<float>(load<double>(from));
  }
  return 0;
}

class RawPcmReader : public AudioReader {
 public:
  RawPcmReader(std::shared_ptr<InputFile> file, const RawPcm& format, std::optional<int64_t> bytes)
      : file_(std::move(file)), format_(format), promised_(bytes) {
    check_audio_format(file_->name(), format.sample_rate, format.channels);
  }

  int sample_rate() const override { return format_.sample_rate; }
  int channels() const override { return format_.channels; }

  std::optional<double> seconds() const override {
    if (!file_->regular()) return std::nullopt;
    return static_cast<double>(*file_->size() / frame_bytes()) / format_.sample_rate;
  }

  int64_t read(float* samples, int64_t frames) override {
    // At least one whole frame; then whatever a pipe has, so that live sound goes on at once.
    bytes_.resize(static_cast<size_t>(frames * frame_bytes()));
    size_t have = left_;
    do {
      const size_t room = bytes_.size() - have;
      const int64_t more = promised_.value_or(INT64_MAX) - read_;
      const size_t got =
          file_->read(bytes_.data() + have, std::min(room, static_cast<size_t>(std::max<int64_t>(more, 0))));
      if (got == 0) break;
      have += got;
      read_ += static_cast<int64_t>(got);
    } while (have < static_cast<size_t>(frame_bytes()));
    const int64_t whole = static_cast<int64_t>(have) / frame_bytes();
    const int64_t size = bytes_of(format_.format);
    for (int64_t i = 0; i < whole * format_.channels; ++i)
      samples[i] = sample_at(format_.format, bytes_.data() + i * size);
    left_ = have - static_cast<size_t>(whole * frame_bytes());  // part of a frame: the rest of it comes next
    std::memmove(bytes_.data(), bytes_.data() + whole * frame_bytes(), left_);
    return whole;
  }

  std::string fault() const override {
    // A sample less is how some programs count.
    if (promised_ && *promised_ - read_ > frame_bytes())
      return cut_short(seconds_of(*promised_ - read_), seconds_of(*promised_));
    return left_ == 0 ? std::string() : "ends in the middle of a sample";
  }

 private:
  int64_t frame_bytes() const { return bytes_of(format_.format) * format_.channels; }
  double seconds_of(int64_t bytes) const {
    return static_cast<double>(bytes) / static_cast<double>(frame_bytes() * format_.sample_rate);
  }

  std::shared_ptr<InputFile> file_;
  RawPcm format_;
  std::vector<std::byte> bytes_;
  size_t left_ = 0;
  std::optional<int64_t> promised_;
  int64_t read_ = 0;  // bytes
};

}  // namespace

std::unique_ptr<AudioReader> open_raw_pcm(std::shared_ptr<InputFile> file, const RawPcm& format,
                                          std::optional<int64_t> bytes) {
  return std::make_unique<RawPcmReader>(std::move(file), format, bytes);
}

}  // namespace millrace
