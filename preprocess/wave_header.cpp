#include "preprocess/wave_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "preprocess/promised_sound.h"

namespace millrace {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t kMostBytes = 4096;  // of a header
constexpr uint16_t kPcm = 1, kFloat = 3, kExtensible = 0xfffe;
// Of the chunk "fmt ": where in it there is what.
constexpr size_t kTag = 0, kChannels = 2, kRate = 4, kBits = 14, kSubformat = 24;

template <class T>
T number(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::optional<PcmFormat> pcm_format(uint16_t tag, uint16_t bits) {
  if (tag == kPcm && bits == 8) return PcmFormat::u8;
  if (tag == kPcm && bits == 16) return PcmFormat::s16le;
  if (tag == kPcm && bits == 24) return PcmFormat::s24le;
  if (tag == kPcm && bits == 32) return PcmFormat::s32le;
  if (tag == kFloat && bits == 32) return PcmFormat::f32le;
  if (tag == kFloat && bits == 64) return PcmFormat::f64le;
  return std::nullopt;
}

std::optional<RawPcm> format_of(const std::byte* chunk, size_t size) {
  if (size < kBits + 2) return std::nullopt;
  auto tag = number<uint16_t>(chunk + kTag);
  if (tag == kExtensible) {
    if (size < kSubformat + 2) return std::nullopt;
    tag = number<uint16_t>(chunk + kSubformat);
  }
  const auto format = pcm_format(tag, number<uint16_t>(chunk + kBits));
  if (!format) return std::nullopt;
  const auto rate = number<uint32_t>(chunk + kRate);
  return RawPcm{.format = *format,
                .sample_rate = static_cast<int>(std::min<uint32_t>(rate, INT32_MAX)),
                .channels = number<uint16_t>(chunk + kChannels)};
}

}  // namespace

std::optional<WaveHeader> wave_header(InputFile& file) {
  const auto is = [&](size_t at, std::string_view name) {
    const auto& head = file.peek(at + name.size());
    return head.size() >= at + name.size() && std::memcmp(head.data() + at, name.data(), name.size()) == 0;
  };
  if (!is(0, "RIFF") || !is(8, "WAVE")) return std::nullopt;
  std::optional<RawPcm> format;
  for (size_t at = 12; at < kMostBytes;) {
    if (file.peek(at + 8).size() < at + 8) return std::nullopt;
    const auto size = number<uint32_t>(file.peek(at + 8).data() + at + 4);
    if (is(at, "data")) {
      if (!format) return std::nullopt;
      return WaveHeader{*format, is_unknown_size(size) ? std::nullopt : std::optional<int64_t>(size), at + 8};
    }
    if (size > kMostBytes) return std::nullopt;
    if (is(at, "fmt ")) {
      const auto& head = file.peek(at + 8 + size);
      if (head.size() < at + 8 + size) return std::nullopt;
      format = format_of(head.data() + at + 8, size);
      if (!format) return std::nullopt;
    }
    at += 8 + size + size % 2;
  }
  return std::nullopt;
}

}  // namespace millrace
