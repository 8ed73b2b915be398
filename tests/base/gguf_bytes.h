#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/gguf_file.h"

namespace millrace {

// A GGUF file put together field by field, for tests: gguf_text("llama"), gguf_key("general.architecture",
// …).
template <class T>
std::string gguf_raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

inline std::string gguf_string(std::string_view text) {
  return gguf_raw<uint64_t>(text.size()) + std::string(text);
}

inline std::string gguf_key(std::string_view key, GgufValueType type, std::string_view value) {
  return gguf_string(key) + gguf_raw(static_cast<uint32_t>(type)) + std::string(value);
}
inline std::string gguf_key(std::string_view key, std::string_view text) {
  return gguf_key(key, GgufValueType::string, gguf_string(text));
}
inline std::string gguf_key(std::string_view key, uint32_t value) {
  return gguf_key(key, GgufValueType::uint32, gguf_raw(value));
}
inline std::string gguf_key(std::string_view key, float value) {
  return gguf_key(key, GgufValueType::float32, gguf_raw(value));
}

inline std::string gguf_array(GgufValueType element, const std::vector<std::string>& elements) {
  std::string out = gguf_raw(static_cast<uint32_t>(element)) + gguf_raw<uint64_t>(elements.size());
  for (const auto& item : elements) out += item;
  return out;
}

// `dimensions` as the file has them, the innermost first.
struct GgufBytesTensor {
  std::string name;
  std::vector<uint64_t> dimensions;
  GgmlType type = GgmlType::F32;
  uint64_t offset = 0;
};

struct GgufBytes {
  std::string magic = "GGUF";
  uint32_t version = 3;
  std::vector<std::string> keys = {};  // gguf_key(…)
  std::vector<GgufBytesTensor> tensors = {};
  size_t alignment = 32;
  std::string data = {};

  std::string bytes() const {
    std::string out =
        magic + gguf_raw(version) + gguf_raw<uint64_t>(tensors.size()) + gguf_raw<uint64_t>(keys.size());
    for (const auto& key : keys) out += key;
    for (const auto& tensor : tensors) {
      out += gguf_string(tensor.name) + gguf_raw(static_cast<uint32_t>(tensor.dimensions.size()));
      for (const uint64_t size : tensor.dimensions) out += gguf_raw(size);
      out += gguf_raw(static_cast<uint32_t>(tensor.type)) + gguf_raw(tensor.offset);
    }
    out.append((alignment - out.size() % alignment) % alignment, '\0');
    return out + data;
  }

  std::shared_ptr<const GgufFile> read() const {
    const std::string all = bytes();
    return GgufFile::read(MappedFile::in_memory("x.gguf", std::as_bytes(std::span(all))));
  }
};

}  // namespace millrace
