#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace millrace {

// What a WAV file's header claims, true or not.
struct WavHeader {
  uint16_t format = 1;  // 1: integers, 3: floating point
  uint16_t channels = 1;
  uint32_t sample_rate = 16000;
  uint16_t bits = 16;
  int64_t data_bytes = -1;  // as many as there are
};

inline std::string wav_bytes(const WavHeader& header, const std::string& data) {
  std::string bytes;
  const auto put = [&](uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  };
  const auto size = header.data_bytes < 0 ? data.size() : static_cast<uint64_t>(header.data_bytes);
  bytes += "RIFF";
  put(size + 36, 4);
  bytes += "WAVEfmt ";
  put(16, 4);
  put(header.format, 2);
  put(header.channels, 2);
  put(header.sample_rate, 4);
  const uint64_t frame = header.channels * (header.bits / 8u);
  put(header.sample_rate * frame, 4);
  put(frame, 2);
  put(header.bits, 2);
  bytes += "data";
  put(size, 4);
  return bytes + data;
}

template <class T>
std::string bytes_of_samples(const std::vector<T>& samples) {
  return {reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(T)};
}

}  // namespace millrace
