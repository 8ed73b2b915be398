#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ggml_type.h"
#include "base/mapped_file.h"
#include "base/tensor.h"

namespace millrace {

enum class GgufValueType : uint32_t {
  uint8,
  int8,
  uint16,
  int16,
  uint32,
  int32,
  float32,
  boolean,
  string,
  array,
  uint64,
  int64,
  float64
};

// A metadata value as it lies in the file: the bytes of a number, a string's characters, or an array's
// elements.
struct GgufValue {
  GgufValueType type = GgufValueType::uint8;
  GgufValueType element = GgufValueType::uint8;  // of an array
  uint64_t count = 0;                            // an array's elements
  std::span<const std::byte> bytes = {};
  uint64_t offset = 0;  // in the file, for messages
};

// A tensor as the file lists it. The sizes have been checked against the file's, but for a type that is not
// known, whose size cannot be told: `block` is none then, and `bytes` empty.
struct GgufTensor {
  GgmlType type = GgmlType::F32;
  std::optional<GgmlBlock> block;
  Shape shape;  // as row-major arrays have it: the file's dimensions turned round, [outputs, inputs]
  std::span<const std::byte> bytes = {};
  uint64_t offset = 0;  // in the file
};

// A file of llama.cpp's format GGUF, versions 2 and 3 (ggml's docs/gguf.md): typed metadata, then tensors.
// Everything is checked when it is opened; damage is Error(model) at "file @ byte N". What the getters give
// lies in the mapped file, which the object keeps alive.
class GgufFile {
 public:
  static std::shared_ptr<const GgufFile> open(const std::filesystem::path& path);
  static std::shared_ptr<const GgufFile> read(std::shared_ptr<const MappedFile> file);

  const std::shared_ptr<const MappedFile>& file() const { return file_; }
  uint32_t version() const { return version_; }
  const std::map<std::string, GgufValue, std::less<>>& metadata() const { return metadata_; }
  const std::map<std::string, GgufTensor, std::less<>>& tensors() const { return tensors_; }

  bool has(std::string_view key) const { return metadata_.contains(key); }
  // The value of a key: none where the key is absent, Error(model) where it is of another kind. Whole numbers
  // may be of any integer type, as long as they fit; a real number may be whole.
  std::optional<int64_t> integer(std::string_view key) const;
  std::optional<double> real(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;
  // An array's elements; empty where the key is absent (has() tells that from an empty array).
  std::vector<int64_t> integers(std::string_view key) const;
  std::vector<double> reals(std::string_view key) const;
  std::vector<bool> flags(std::string_view key) const;
  std::vector<std::string_view> texts(std::string_view key) const;

  // "model.gguf @ byte 42: 'general.name'", for messages about a key's value.
  std::string place(std::string_view key) const;

 private:
  GgufFile() = default;
  const GgufValue* find(std::string_view key) const;
  [[noreturn]] void refuse(std::string_view key, const GgufValue& value, std::string_view expected) const;
  template <class T, class Convert>
  std::vector<T> elements(std::string_view key, std::string_view expected, Convert&& convert) const;

  std::shared_ptr<const MappedFile> file_;
  uint32_t version_ = 0;
  std::map<std::string, GgufValue, std::less<>> metadata_;
  std::map<std::string, GgufTensor, std::less<>> tensors_;
};

}  // namespace millrace
