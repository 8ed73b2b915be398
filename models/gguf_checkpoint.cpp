#include "models/gguf_checkpoint.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/limits.h"
#include "kernels/quantised_block.h"
#include "models/mapped_checkpoint.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kShownElements = 1024;  // of an array, as text

std::optional<DType> dtype_of(GgmlType type) {
  switch (type) {
    case GgmlType::F32:
      return DType::float32;
    case GgmlType::F16:
      return DType::float16;
    case GgmlType::BF16:
      return DType::bfloat16;
    case GgmlType::I8:
      return DType::int8;
    case GgmlType::I16:
      return DType::int16;
    case GgmlType::I32:
      return DType::int32;
    case GgmlType::I64:
      return DType::int64;
    default:
      return std::nullopt;
  }
}

bool is_real(GgufValueType type) { return type == GgufValueType::float32 || type == GgufValueType::float64; }

// A float32 in as few digits as tell it from its neighbours: 1e-05 and not 9.999999747378752e-06.
std::string number(GgufValueType type, double value) {
  return type == GgufValueType::float32 ? fmt::format("{}", static_cast<float>(value))
                                        : fmt::format("{}", value);
}

// None for what is no setting: long arrays and nested ones.
std::optional<std::string> text_of(const GgufFile& file, const std::string& key, const GgufValue& value) {
  if (value.type == GgufValueType::string) return std::string(*file.text(key));
  if (value.type == GgufValueType::boolean) return *file.flag(key) ? "true" : "false";
  if (is_real(value.type)) return number(value.type, *file.real(key));
  if (value.type == GgufValueType::uint64) {  // the one type that may not fit
    uint64_t whole;
    std::memcpy(&whole, value.bytes.data(), sizeof whole);
    return std::to_string(whole);
  }
  if (value.type != GgufValueType::array) return std::to_string(*file.integer(key));
  if (value.count > kShownElements) return std::nullopt;
  switch (value.element) {
    case GgufValueType::string: {
      auto list = nlohmann::json::array();
      for (const auto text : file.texts(key)) list.push_back(text);
      return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    case GgufValueType::boolean:
      return fmt::format("[{}]", fmt::join(file.flags(key), ","));
    case GgufValueType::array:
    case GgufValueType::uint64:
      return std::nullopt;
    default:
      break;
  }
  std::vector<std::string> numbers;
  for (const double real : file.reals(key))
    numbers.push_back(is_real(value.element) ? number(value.element, real)
                                             : std::to_string(static_cast<int64_t>(real)));
  return fmt::format("[{}]", fmt::join(numbers, ","));
}

class GgufCheckpoint : public MappedCheckpoint {
 public:
  GgufCheckpoint(Contents contents, std::map<std::string, GgmlType, std::less<>> types)
      : MappedCheckpoint(std::move(contents)), types_(std::move(types)) {}

  std::optional<QuantisedTensor> quantised(std::string_view name) const override {
    const StoredTensor& tensor = stored(name);
    const auto type = kernels::weight_type_of(types_.find(name)->second);
    if (!type) return std::nullopt;
    return QuantisedTensor{*type, tensor.shape, tensor.bytes, tensor.file};
  }

  Tensor get(std::string_view name) const override {
    const StoredTensor& tensor = stored(name);
    if (tensor.dtype) return MappedCheckpoint::get(name);
    if (const auto blocks = quantised(name)) return dequantised(*blocks);
    if (types_.find(name)->second == GgmlType::F64) return rounded(tensor);
    fail_at(
        ErrorKind::model, tensor.file->path().string(),
        "tensor '{}' is of type {}, which is not supported; take a file of F16, BF16, Q8_0, IQ4_NL, IQ4_XS "
        "or one of Q2_K to Q6_K or Q4_0 to Q5_1",
        name, tensor.type);
  }

 private:
  static Tensor rounded(const StoredTensor& tensor) {
    Tensor result(DType::float32, tensor.shape);
    auto* to = result.mutable_data<float>();
    for (int64_t i = 0; i < result.count(); ++i) {
      double value;
      std::memcpy(&value, tensor.bytes.data() + static_cast<size_t>(i) * sizeof value, sizeof value);
      to[i] = static_cast<float>(value);
    }
    return result;
  }

  static Tensor dequantised(const QuantisedTensor& tensor) {
    Tensor result(DType::float32, tensor.shape);
    kernels::dequantise(tensor.type, tensor.blocks, result.mutable_data<float>());
    return result;
  }

  std::map<std::string, GgmlType, std::less<>> types_;
};

// What "NAME-00001-of-00003.gguf" says of a file; nothing of any other name.
struct ShardName {
  std::string name;
  int64_t number, count;
};

std::optional<ShardName> shard_name(std::string_view file) {
  constexpr std::string_view kForm = "-ddddd-of-ddddd.gguf";
  if (file.size() < kForm.size()) return std::nullopt;
  const std::string_view end = file.substr(file.size() - kForm.size());
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == 'd' ? !digit(end[i]) : end[i] != kForm[i]) return std::nullopt;
  return ShardName{.name = std::string(file.substr(0, file.size() - kForm.size())),
                   .number = std::stol(std::string(end.substr(1, 5))),
                   .count = std::stol(std::string(end.substr(10, 5)))};
}

// The shards of which `file` is one, in order; itself alone where it is whole.
std::vector<std::shared_ptr<const GgufFile>> read_shards(const std::shared_ptr<const MappedFile>& file) {
  auto one = GgufFile::read(file);
  const int64_t count = one->integer("split.count").value_or(1);
  if (count <= 1) return {std::move(one)};
  const fs::path& path = file->path();
  const std::string name = path.filename().string();
  const auto parts = shard_name(name);
  if (!parts || parts->count != count || count > static_cast<int64_t>(limits::kShards))
    fail_at(ErrorKind::model, one->place("split.count"),
            "the file is one of {}, but its name does not end in '-00001-of-{:05}.gguf', by which the others "
            "would be found",
            count, count);
  std::vector<std::shared_ptr<const GgufFile>> shards;
  for (int64_t i = 0; i < count; ++i) {
    const auto shard = path.parent_path() / fmt::format("{}-{:05}-of-{:05}.gguf", parts->name, i + 1, count);
    if (!fs::exists(shard))
      fail_at(ErrorKind::model, path.string(),
              "is one of {} files, of which '{}' is not there; the download is incomplete", count,
              shard.filename().string());
    shards.push_back(GgufFile::open(shard));
    if (const int64_t number = shards.back()->integer("split.no").value_or(-1); number != i)
      fail_at(ErrorKind::model, shards.back()->place("split.no"), "{} was expected, not {}", i, number);
  }
  return shards;
}

}  // namespace

std::shared_ptr<const Checkpoint> read_gguf(const std::shared_ptr<const MappedFile>& file) {
  const auto shards = read_shards(file);
  MappedCheckpoint::Contents contents{file->path().string(), "gguf", {}, {}};
  std::map<std::string, GgmlType, std::less<>> types;
  for (const auto& shard : shards) {
    for (const auto& [key, value] : shard->metadata())
      if (auto text = text_of(*shard, key, value)) contents.metadata.try_emplace(key, std::move(*text));
    for (const auto& [name, tensor] : shard->tensors()) {
      const std::string where = fmt::format("{} @ byte {}", shard->file()->path().string(), tensor.offset);
      if (!types.try_emplace(name, tensor.type).second)
        fail_at(ErrorKind::model, where, "the tensor '{}' is in another of the {} files, too", name,
                shards.size());
      if (types.size() > limits::kTensors)
        fail_at(ErrorKind::model, where, "more than {} tensors", limits::kTensors);
      StoredTensor& stored = contents.tensors[name];
      stored.type = tensor.block ? std::string(tensor.block->name)
                                 : fmt::format("number {}", static_cast<uint32_t>(tensor.type));
      stored.dtype = dtype_of(tensor.type);
      stored.shape = tensor.shape;
      stored.bytes = tensor.bytes;
      stored.file = shard->file();
    }
  }
  const int64_t expected = shards.front()->integer("split.tensors.count").value_or(-1);
  if (shards.size() > 1 && expected >= 0 && static_cast<size_t>(expected) != types.size())
    fail_at(ErrorKind::model, shards.front()->place("split.tensors.count"),
            "all files together have {} tensors and not {}", types.size(), expected);
  return std::make_shared<GgufCheckpoint>(std::move(contents), std::move(types));
}

fs::path find_gguf(const fs::path& folder) {
  std::vector<std::string> models;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".gguf" || name.starts_with("mmproj")) continue;
    if (const auto shard = shard_name(name); shard && shard->number != 1) continue;
    models.push_back(name);
  }
  std::ranges::sort(models);
  if (models.empty()) return {};
  if (models.size() > 1)
    fail_at(ErrorKind::model, folder.string(), "holds several GGUF models; name one of them: {}",
            fmt::join(models, ", "));
  return folder / models.front();
}

}  // namespace millrace
