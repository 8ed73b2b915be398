#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/tensor.h"

namespace millrace {

// The named weights of a model, whatever file format they come in. Tensors are read-only views of mapped files.
class Checkpoint {
 public:
  virtual ~Checkpoint() = default;
  virtual const std::string& source() const = 0;             // the file or folder, for messages
  virtual std::string_view format() const = 0;               // "safetensors", "ctranslate2", …
  virtual bool has(std::string_view name) const = 0;
  virtual Tensor get(std::string_view name) const = 0;       // Error(model) with the nearest name when there is none
  virtual std::vector<std::string> names() const = 0;        // sorted
};

// Opens the weights at `path`: a safetensors file, or a folder with model.safetensors, a sharded
// model.safetensors.index.json, or CTranslate2's model.bin. Damaged files are Error(model) naming file and byte.
std::shared_ptr<const Checkpoint> open_checkpoint(const std::filesystem::path& path);

}  // namespace millrace
