#include "base/gguf_file.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/limits.h"
#include "base/reader.h"

namespace millrace {
namespace {

constexpr uint32_t kOldestVersion = 2, kNewestVersion = 3;
constexpr uint64_t kDefaultAlignment = 32;

constexpr std::array<std::string_view, 13> kTypeNames = {"uint8",  "int8",    "uint16", "int16",  "uint32",
                                                         "int32",  "float32", "bool",   "string", "array",
                                                         "uint64", "int64",   "float64"};

std::string_view name_of(GgufValueType type) { return kTypeNames[static_cast<size_t>(type)]; }

// Bytes of a number; 0 for strings and arrays.
uint64_t size_of(GgufValueType type) {
  switch (type) {
    case GgufValueType::uint8:
    case GgufValueType::int8:
    case GgufValueType::boolean:
      return 1;
    case GgufValueType::uint16:
    case GgufValueType::int16:
      return 2;
    case GgufValueType::uint32:
    case GgufValueType::int32:
    case GgufValueType::float32:
      return 4;
    case GgufValueType::uint64:
    case GgufValueType::int64:
    case GgufValueType::float64:
      return 8;
    case GgufValueType::string:
    case GgufValueType::array:
      break;
  }
  return 0;
}

template <class T>
T raw(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// A number of an integer type that fits int64_t; none otherwise.
std::optional<int64_t> whole(GgufValueType type, const std::byte* from) {
  switch (type) {
    case GgufValueType::uint8:
      return raw<uint8_t>(from);
    case GgufValueType::int8:
      return raw<int8_t>(from);
    case GgufValueType::uint16:
      return raw<uint16_t>(from);
    case GgufValueType::int16:
      return raw<int16_t>(from);
    case GgufValueType::uint32:
      return raw<uint32_t>(from);
    case GgufValueType::int32:
      return raw<int32_t>(from);
    case GgufValueType::int64:
      return raw<int64_t>(from);
    case GgufValueType::uint64: {
      const auto value = raw<uint64_t>(from);
      if (value <= INT64_MAX) return static_cast<int64_t>(value);
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<double> number(GgufValueType type, const std::byte* from) {
  if (type == GgufValueType::float32) return raw<float>(from);
  if (type == GgufValueType::float64) return raw<double>(from);
  if (const auto value = whole(type, from)) return static_cast<double>(*value);
  return std::nullopt;
}

// Takes a file apart in the order in which it is written.
class GgufParser {
 public:
  explicit GgufParser(const MappedFile& file)
      : name_(file.path().string()), bytes_(file.bytes()), reader_(bytes_, name_) {}

  uint32_t header() {
    if (const auto magic = reader_.take_text(4, "the mark 'GGUF'"); magic != "GGUF")
      fail_at(ErrorKind::model, name_ + " @ byte 0", "this is no GGUF file: it does not begin with 'GGUF'");
    const std::string place = reader_.place();
    const auto version = reader_.read<uint32_t>("the version");
    if ((version & 0xffff) == 0 && version != 0)
      fail_at(ErrorKind::model, place,
              "this GGUF file is for big-endian machines, which is not supported; convert it again without "
              "--bigendian");
    if (version < kOldestVersion || version > kNewestVersion)
      fail_at(ErrorKind::model, place, "this file is of GGUF version {}; versions {} and {} are read",
              version, kOldestVersion, kNewestVersion);
    tensor_count_ = count("tensors", limits::kTensors, 24);
    key_count_ = count("metadata keys", limits::kMetadataKeys, 13);
    return version;
  }

  void metadata(std::map<std::string, GgufValue, std::less<>>& to) {
    for (uint64_t i = 0; i < key_count_; ++i) {
      const std::string place = reader_.place();
      const std::string_view key = string("a metadata key", limits::kNameBytes);
      const auto [item, fresh] = to.try_emplace(std::string(key));
      if (!fresh) fail_at(ErrorKind::model, place, "the metadata key '{}' is there twice", key);
      item->second = value(type("the type of '" + item->first + "'"), item->first, 0);
    }
  }

  void tensors(uint64_t alignment, std::map<std::string, GgufTensor, std::less<>>& to) {
    for (uint64_t i = 0; i < tensor_count_; ++i) {
      const std::string place = reader_.place();
      const std::string_view name = string("a tensor's name", limits::kNameBytes);
      const auto [item, fresh] = to.try_emplace(std::string(name));
      if (!fresh) fail_at(ErrorKind::model, place, "the tensor '{}' is there twice", name);
      item->second = tensor(item->first, alignment);
    }
    place_tensors((reader_.position() + alignment - 1) / alignment * alignment, to);
  }

  uint64_t alignment(const GgufValue* value) const {
    if (value == nullptr) return kDefaultAlignment;
    const auto given =
        value->type == GgufValueType::array ? std::nullopt : whole(value->type, value->bytes.data());
    if (!given || *given < 1 || *given > limits::kTensorAlignment || (*given & (*given - 1)) != 0)
      fail_at(ErrorKind::model, at(value->offset), "'general.alignment' must be a power of two of at most {}",
              limits::kTensorAlignment);
    return static_cast<uint64_t>(*given);
  }

 private:
  std::string at(uint64_t offset) const { return fmt::format("{} @ byte {}", name_, offset); }

  // How many of something follow, each of which takes `least_bytes`.
  uint64_t count(std::string_view what, uint64_t most, uint64_t least_bytes) {
    const std::string place = reader_.place();
    const auto number = reader_.read<uint64_t>("the number of " + std::string(what));
    if (number > most)
      fail_at(ErrorKind::model, place, "{} {} would be there; at most {} are read", number, what, most);
    if (number > reader_.remaining() / least_bytes)
      fail_at(ErrorKind::model, place, "{} {} do not fit the {} bytes left; the file is cut short or damaged",
              number, what, reader_.remaining());
    return number;
  }

  std::string_view string(std::string_view what, uint64_t most) {
    const std::string place = reader_.place();
    const auto length = reader_.read<uint64_t>(what);
    if (length > most)
      fail_at(ErrorKind::model, place, "{} would be {} bytes long; at most {} are read", what, length, most);
    return reader_.take_text(length, what);
  }

  GgufValueType type(const std::string& what) {
    const std::string place = reader_.place();
    const auto number = reader_.read<uint32_t>(what);
    if (number >= kTypeNames.size()) fail_at(ErrorKind::model, place, "{} is the unknown {}", what, number);
    return static_cast<GgufValueType>(number);
  }

  std::span<const std::byte> from(uint64_t start) const {
    return bytes_.subspan(start, reader_.position() - start);
  }

  GgufValue value(GgufValueType type, const std::string& key, int depth) {
    GgufValue result{.type = type, .offset = reader_.position()};
    if (type == GgufValueType::string) {
      const std::string_view text = string("the value of '" + key + "'", limits::kHeaderBytes);
      result.bytes = std::as_bytes(std::span(text));
    } else if (type == GgufValueType::array) {
      if (depth == limits::kArrayDepth)
        fail_at(ErrorKind::model, reader_.place(), "'{}' has arrays nested more than {} deep", key,
                limits::kArrayDepth);
      array(result, key, depth);
    } else {
      result.bytes = reader_.take(size_of(type), "the value of '" + key + "'");
    }
    return result;
  }

  void array(GgufValue& result, const std::string& key, int depth) {
    result.element = type("the type of the elements of '" + key + "'");
    const std::string what = "elements of '" + key + "'";
    const uint64_t size = size_of(result.element);
    // A string takes its length, an array its type and length at least.
    const uint64_t least = size != 0 ? size : result.element == GgufValueType::string ? 8 : 12;
    result.count = count(what, limits::kArrayElements, least);
    const uint64_t start = reader_.position();
    if (size != 0) {
      reader_.take(result.count * size, what);
    } else {
      for (uint64_t i = 0; i < result.count; ++i) value(result.element, key, depth + 1);
    }
    result.bytes = from(start);
  }

  GgufTensor tensor(const std::string& name, uint64_t alignment) {
    GgufTensor result;
    std::string place = reader_.place();
    const auto rank = reader_.read<uint32_t>("the number of dimensions of '" + name + "'");
    if (rank > limits::kRank)
      fail_at(ErrorKind::model, place, "'{}' has {} dimensions; at most {} are read", name, rank,
              limits::kRank);
    for (uint32_t i = 0; i < rank; ++i) {
      place = reader_.place();
      const auto size = reader_.read<uint64_t>("a dimension of '" + name + "'");
      if (size > INT64_MAX) fail_at(ErrorKind::model, place, "'{}' has a dimension of {}", name, size);
      result.shape.insert(result.shape.begin(), static_cast<int64_t>(size));
    }
    try {
      element_count(result.shape);
    } catch (const Error& error) {
      throw Error(ErrorKind::model, fmt::format("'{}': {}", name, error.message()), place);
    }
    place = reader_.place();
    result.type = static_cast<GgmlType>(reader_.read<uint32_t>("the type of '" + name + "'"));
    result.block = ggml_block(result.type);
    const int64_t row = result.shape.empty() ? 1 : result.shape.back();
    if (result.block && row % result.block->values != 0)
      fail_at(ErrorKind::model, place, "'{}' has rows of {} values, but {} comes in blocks of {}", name, row,
              result.block->name, result.block->values);
    place = reader_.place();
    result.offset = reader_.read<uint64_t>("the offset of '" + name + "'");
    if (result.offset % alignment != 0)
      fail_at(ErrorKind::model, place, "'{}' begins at offset {}, which is no multiple of {}", name,
              result.offset, alignment);
    return result;
  }

  // Turns offsets among the data into bytes of the file, which lie in it and do not overlap.
  void place_tensors(uint64_t data_start, std::map<std::string, GgufTensor, std::less<>>& tensors) const {
    using Item = std::pair<const std::string, GgufTensor>;
    std::vector<Item*> order;
    order.reserve(tensors.size());
    for (auto& item : tensors) {
      auto& [name, tensor] = item;
      const uint64_t data_bytes = bytes_.size() < data_start ? 0 : bytes_.size() - data_start;
      if (tensor.offset > data_bytes)
        fail_at(ErrorKind::model, at(bytes_.size()),
                "tensor '{}' begins at offset {} of {} bytes of data; the file is cut short or damaged", name,
                tensor.offset, data_bytes);
      const uint64_t left = data_bytes - tensor.offset;
      tensor.offset += data_start;
      if (!tensor.block) continue;
      const uint64_t blocks =
          static_cast<uint64_t>(element_count(tensor.shape)) / static_cast<uint64_t>(tensor.block->values);
      if (blocks > left / tensor.block->bytes)
        fail_at(
            ErrorKind::model, at(tensor.offset),
            "tensor '{}' of type {} and shape {} needs {} blocks of {} bytes, but only {} bytes are left; "
            "the file is cut short or damaged",
            name, tensor.block->name, to_string(tensor.shape), blocks, tensor.block->bytes, left);
      if (blocks == 0) continue;  // lies nowhere
      tensor.bytes = bytes_.subspan(tensor.offset, blocks * tensor.block->bytes);
      order.push_back(&item);
    }
    std::sort(order.begin(), order.end(),
              [](const Item* a, const Item* b) { return a->second.offset < b->second.offset; });
    for (size_t i = 1; i < order.size(); ++i) {
      const auto& [name, tensor] = *order[i];
      const auto& [before, neighbour] = *order[i - 1];
      if (tensor.offset - neighbour.offset < neighbour.bytes.size())
        fail_at(ErrorKind::model, at(tensor.offset), "tensor '{}' begins before '{}' ends, at {}", name,
                before, neighbour.offset + neighbour.bytes.size());
    }
  }

  std::string name_;
  std::span<const std::byte> bytes_;
  Reader reader_;
  uint64_t tensor_count_ = 0, key_count_ = 0;
};

}  // namespace

std::shared_ptr<const GgufFile> GgufFile::open(const std::filesystem::path& path) {
  return read(MappedFile::open(path));
}

std::shared_ptr<const GgufFile> GgufFile::read(std::shared_ptr<const MappedFile> file) {
  std::shared_ptr<GgufFile> result(new GgufFile);
  GgufParser parser(*file);
  result->file_ = std::move(file);
  result->version_ = parser.header();
  parser.metadata(result->metadata_);
  parser.tensors(parser.alignment(result->find("general.alignment")), result->tensors_);
  return result;
}

const GgufValue* GgufFile::find(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

std::string GgufFile::place(std::string_view key) const {
  const GgufValue* value = find(key);
  return fmt::format("{} @ byte {}: '{}'", file_->path().string(), value != nullptr ? value->offset : 0, key);
}

void GgufFile::refuse(std::string_view key, const GgufValue& value, std::string_view expected) const {
  const bool array = value.type == GgufValueType::array;
  fail_at(ErrorKind::model, place(key), "{} was expected, not {}{}", expected, array ? "an array of " : "",
          name_of(array ? value.element : value.type));
}

std::optional<int64_t> GgufFile::integer(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto result = whole(value->type, value->bytes.data());
  if (!result) refuse(key, *value, "a whole number below 2^63");
  return result;
}

std::optional<double> GgufFile::real(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto result = number(value->type, value->bytes.data());
  if (!result) refuse(key, *value, "a number");
  return result;
}

std::optional<bool> GgufFile::flag(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != GgufValueType::boolean) refuse(key, *value, "a truth value");
  return value->bytes[0] != std::byte{0};
}

std::optional<std::string_view> GgufFile::text(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != GgufValueType::string) refuse(key, *value, "a text");
  return std::string_view(reinterpret_cast<const char*>(value->bytes.data()), value->bytes.size());
}

// `convert(bytes)` makes an element of what is left of the array's bytes, or none.
template <class T, class Convert>
std::vector<T> GgufFile::elements(std::string_view key, std::string_view expected, Convert&& convert) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return {};
  if (value->type != GgufValueType::array) refuse(key, *value, expected);
  std::vector<T> result;
  result.reserve(value->count);
  const std::byte* from = value->bytes.data();
  for (uint64_t i = 0; i < value->count; ++i) {
    const std::optional<T> element = convert(value->element, from);
    if (!element) refuse(key, *value, expected);
    result.push_back(*element);
  }
  return result;
}

std::vector<int64_t> GgufFile::integers(std::string_view key) const {
  return elements<int64_t>(key, "an array of whole numbers below 2^63",
                           [](GgufValueType type, const std::byte*& from) {
                             const auto value = whole(type, from);
                             from += size_of(type);
                             return value;
                           });
}

std::vector<double> GgufFile::reals(std::string_view key) const {
  return elements<double>(key, "an array of numbers", [](GgufValueType type, const std::byte*& from) {
    const auto value = number(type, from);
    from += size_of(type);
    return value;
  });
}

std::vector<bool> GgufFile::flags(std::string_view key) const {
  return elements<bool>(key, "an array of truth values",
                        [](GgufValueType type, const std::byte*& from) -> std::optional<bool> {
                          if (type != GgufValueType::boolean) return std::nullopt;
                          return *from++ != std::byte{0};
                        });
}

std::vector<std::string_view> GgufFile::texts(std::string_view key) const {
  return elements<std::string_view>(
      key, "an array of texts",
      [](GgufValueType type, const std::byte*& from) -> std::optional<std::string_view> {
        if (type != GgufValueType::string) return std::nullopt;
        const auto length = raw<uint64_t>(from);
        const std::string_view text(reinterpret_cast<const char*>(from) + 8, length);
        from += 8 + length;
        return text;
      });
}

}  // namespace millrace
