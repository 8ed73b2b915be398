#include "models/ctranslate2_checkpoint.h"

#include <array>

#include "base/error.h"
#include "base/limits.h"
#include "base/reader.h"
#include "base/suggest.h"
#include "models/mapped_checkpoint.h"

namespace millrace {
namespace {

constexpr std::array kTypes = {DType::float32, DType::int8,    DType::int16,
                               DType::int32,   DType::float16, DType::bfloat16};  // by type id
constexpr uint32_t kOldestVersion = 4, kNewestVersion = 6;

std::string read_name(Reader& reader, std::string_view what) {
  const std::string place = reader.place();
  const auto length = reader.read<uint16_t>(what);
  const std::string_view text = reader.take_text(length, what);
  if (length == 0 || length > limits::kNameBytes || text.find('\0') != length - 1u)
    fail_at(ErrorKind::model, place,
            "{} is not a text ended by a zero byte; this may be no CTranslate2 model", what);
  return std::string(text.substr(0, length - 1u));
}

StoredTensor read_variable(Reader& reader, const std::string& name,
                           const std::shared_ptr<const MappedFile>& file) {
  const std::string place = reader.place();
  StoredTensor tensor;
  tensor.file = file;
  const auto rank = reader.read<uint8_t>("the number of dimensions");
  if (rank > limits::kRank)
    fail_at(ErrorKind::model, place, "'{}' has {} dimensions; at most {} are read", name, rank,
            limits::kRank);
  for (int i = 0; i < rank; ++i) tensor.shape.push_back(reader.read<uint32_t>("a dimension"));
  const auto type = reader.read<uint8_t>("the type");
  if (type >= kTypes.size()) fail_at(ErrorKind::model, place, "'{}' has the unknown type {}", name, type);
  tensor.dtype = kTypes[type];
  tensor.type = name_of(kTypes[type]);
  const auto bytes = reader.read<uint32_t>("the size");
  uint64_t needed = 0;
  try {
    needed = static_cast<uint64_t>(element_count(tensor.shape)) * size_of(kTypes[type]);
  } catch (const Error& error) {
    throw error.at(place);
  }
  if (bytes != needed)
    fail_at(ErrorKind::model, place, "'{}' has {} bytes, but its type {} and shape {} need {}", name, bytes,
            tensor.type, to_string(tensor.shape), needed);
  tensor.bytes = reader.take(bytes, "the values of '" + name + "'");
  return tensor;
}

// Reads the aliases at the file's end: other names of variables, and so of their scales.
void read_aliases(Reader& reader, StoredTensors& tensors) {
  const auto count = reader.read<uint32_t>("the number of aliases");
  if (count > limits::kTensors) fail_at(ErrorKind::model, reader.place(), "{} aliases are too many", count);
  for (uint32_t i = 0; i < count; ++i) {
    const std::string place = reader.place();
    const std::string alias = read_name(reader, "an alias"), name = read_name(reader, "an alias's variable");
    const auto found = tensors.find(name);
    if (found == tensors.end())
      fail_at(ErrorKind::model, place, "'{}' is an alias of '{}', which is not there", alias, name);
    if (!tensors.try_emplace(alias, found->second).second)
      fail_at(ErrorKind::model, place, "'{}' is there twice", alias);
    for (const std::string_view companion : {"_scale", "_zero"}) {
      const auto beside = tensors.find(name + std::string(companion));
      if (beside != tensors.end()) tensors.try_emplace(alias + std::string(companion), beside->second);
    }
  }
}

class Ctranslate2Checkpoint : public MappedCheckpoint {
 public:
  using MappedCheckpoint::MappedCheckpoint;

  Tensor get(std::string_view name) const override {
    const std::string scale_name = std::string(name) + "_scale";
    if (!has(scale_name)) return MappedCheckpoint::get(name);
    if (has(std::string(name) + "_zero"))
      fail_at(ErrorKind::model, source(), "'{}' is quantised to 4 bits (AWQ), which is not supported", name);
    return dequantized(name, MappedCheckpoint::get(name).to_float32(),
                       MappedCheckpoint::get(scale_name).to_float32());
  }

 private:
  Tensor dequantized(std::string_view name, Tensor values, const Tensor& scales) const {
    if (stored(name).dtype != DType::int8 && stored(name).dtype != DType::int16)
      fail_at(ErrorKind::model, source(), "'{}' has a scale, but is of type {}", name, stored(name).type);
    const int64_t rows = values.rank() == 0 ? 1 : values.dim(0);
    if (scales.count() != 1 && scales.count() != rows)
      fail_at(ErrorKind::model, source(), "'{}' of shape {} cannot have scales of shape {}", name,
              to_string(values.shape()), to_string(scales.shape()));
    const int64_t row_size = rows == 0 ? 0 : values.count() / rows;
    float* value = values.mutable_data<float>();
    for (int64_t row = 0; row < rows; ++row) {
      const float scale = scales.data<float>()[scales.count() == 1 ? 0 : row];
      for (int64_t i = 0; i < row_size; ++i) *value++ /= scale;
    }
    return values;
  }
};

}  // namespace

std::shared_ptr<const Checkpoint> read_ctranslate2(const std::shared_ptr<const MappedFile>& file) {
  const std::string path = file->path().string();
  Reader reader(file->bytes(), path);
  const auto version = reader.read<uint32_t>("the version");
  if (version < kOldestVersion || version > kNewestVersion)
    fail_at(ErrorKind::model, path + " @ byte 0",
            "is of binary version {}; CTranslate2's versions {} to {} are read. Is it a CTranslate2 model?",
            version, kOldestVersion, kNewestVersion);
  MappedCheckpoint::Contents contents{path, "ctranslate2", {}, {}};
  contents.metadata["spec"] = read_name(reader, "the name of the specification");
  contents.metadata["revision"] = fmt::format("{}", reader.read<uint32_t>("the revision"));
  const auto count = reader.read<uint32_t>("the number of variables");
  if (count > limits::kTensors) fail_at(ErrorKind::model, reader.place(), "{} variables are too many", count);
  for (uint32_t i = 0; i < count; ++i) {
    const std::string place = reader.place();
    const std::string name = read_name(reader, "a variable's name");
    if (!contents.tensors.try_emplace(name, read_variable(reader, name, file)).second)
      fail_at(ErrorKind::model, place, "'{}' is there twice", name);
  }
  read_aliases(reader, contents.tensors);
  if (reader.remaining() != 0)
    fail_at(ErrorKind::model, reader.place(), "{} bytes follow the last alias", reader.remaining());
  return std::make_shared<Ctranslate2Checkpoint>(std::move(contents));
}

}  // namespace millrace
