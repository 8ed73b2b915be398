#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/tensor.h"
#include "kernels/types.h"

namespace millrace {

// What a checkpoint says of one tensor, without touching its values.
struct TensorInfo {
  std::string type;  // as the file calls it: "F32", "float16", …
  Shape shape;
  size_t bytes = 0;                 // in the file
  const std::byte* data = nullptr;  // where they are mapped; two names of one tensor have it in common
};

// A tensor in blocks of a GGML type, as it lies in its file: row by row, whole blocks of a row's values.
struct QuantisedTensor {
  kernels::WeightType type;  // a grouped one
  Shape shape;
  std::span<const std::byte> blocks;
  std::shared_ptr<const void> owner;
};

// The named weights of a model, whatever file format they come in. Tensors are read-only views of mapped
// files.
class Checkpoint {
 public:
  virtual ~Checkpoint() = default;
  virtual const std::string& source() const = 0;  // the file or folder, for messages
  virtual std::string_view format() const = 0;    // "safetensors", "ctranslate2", "gguf"
  virtual bool has(std::string_view name) const = 0;
  // Error(model) with the nearest name when there is none, and when the tensor's type is one the engine has
  // not. Quantised weights come out as float32.
  virtual Tensor get(std::string_view name) const = 0;
  // The tensor as it is stored, where the kernels compute with its blocks; none otherwise. Error(model) as
  // for get().
  virtual std::optional<QuantisedTensor> quantised(std::string_view) const { return std::nullopt; }
  // What has been read of the tensor need not stay in memory: it is copied, or seldom looked at.
  virtual void release(std::string_view) const {}
  virtual TensorInfo info(std::string_view name) const = 0;  // Error(model) likewise, whatever the type
  virtual std::vector<std::string> names() const = 0;        // sorted
  // What the file says of itself: safetensors' `__metadata__`; "spec" and "revision" of CTranslate2;
  // the keys of GGUF.
  virtual const std::map<std::string, std::string>& metadata() const = 0;
};

// A key of metadata in which "{architecture}" stands for the value of general.architecture; none where the
// checkpoint does not say that.
std::optional<std::string> metadata_key(const Checkpoint& checkpoint, std::string key);
// A value of the checkpoint's metadata by such a key, null where it has none.
const std::string* find_metadata(const Checkpoint& checkpoint, std::string key);

// Opens the weights at `path`: a safetensors file, a CTranslate2 model.bin, a GGUF file (with the others of
// which it is one), one of torch.save, or a folder with model.safetensors, a sharded
// model.safetensors.index.json, model.bin, or one GGUF model. Damaged files are Error(model) naming file and
// byte.
std::shared_ptr<const Checkpoint> open_checkpoint(const std::filesystem::path& path);

}  // namespace millrace
