#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "models/checkpoint.h"

namespace millrace {

// One tensor as it lies in a mapped file. The size is checked against type and shape by whoever fills it in.
struct StoredTensor {
  std::string type;            // as the file calls it
  std::optional<DType> dtype;  // none: a type the engine has not
  Shape shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const MappedFile> file;
};

using StoredTensors = std::map<std::string, StoredTensor, std::less<>>;

// A checkpoint whose tensors lie as they are in one or more mapped files.
class MappedCheckpoint : public Checkpoint {
 public:
  struct Contents {
    std::string source;
    std::string format;
    StoredTensors tensors;
    std::map<std::string, std::string> metadata;
  };
  explicit MappedCheckpoint(Contents contents) : contents_(std::move(contents)) {}

  const std::string& source() const override { return contents_.source; }
  std::string_view format() const override { return contents_.format; }
  bool has(std::string_view name) const override { return contents_.tensors.contains(name); }
  Tensor get(std::string_view name) const override;
  void release(std::string_view name) const override;
  TensorInfo info(std::string_view name) const override;
  std::vector<std::string> names() const override;
  const std::map<std::string, std::string>& metadata() const override { return contents_.metadata; }

 protected:
  const StoredTensor& stored(std::string_view name) const;  // Error(model) with the nearest name

 private:
  Contents contents_;
};

}  // namespace millrace
