#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/tensor.h"

namespace millrace {

// What a checkpoint says of one tensor, without touching its values.
struct TensorInfo {
  std::string type;  // as the file calls it: "F32", "float16", …
  Shape shape;
  size_t bytes = 0;                 // in the file
  const std::byte* data = nullptr;  // where they are mapped; two names of one tensor have it in common
};

// The named weights of a model, whatever file format they come in. Tensors are read-only views of mapped
// files.
class Checkpoint {
 public:
  virtual ~Checkpoint() = default;
  virtual const std::string& source() const = 0;  // the file or folder, for messages
  virtual std::string_view format() const = 0;    // "safetensors", "ctranslate2", …
  virtual bool has(std::string_view name) const = 0;
  // Error(model) with the nearest name when there is none, and when the tensor's type is one the engine has
  // not. Quantised weights come out as float32.
  virtual Tensor get(std::string_view name) const = 0;
  virtual TensorInfo info(std::string_view name) const = 0;  // Error(model) likewise, whatever the type
  virtual std::vector<std::string> names() const = 0;        // sorted
  // What the file says of itself: safetensors' `__metadata__`; "spec" and "revision" of CTranslate2.
  virtual const std::map<std::string, std::string>& metadata() const = 0;
};

// Opens the weights at `path`: a safetensors file, a CTranslate2 model.bin, or a folder with
// model.safetensors, a sharded model.safetensors.index.json, or model.bin. Damaged files are Error(model)
// naming file and byte.
std::shared_ptr<const Checkpoint> open_checkpoint(const std::filesystem::path& path);

}  // namespace millrace
