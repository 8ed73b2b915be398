#include "models/mapped_checkpoint.h"

#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {

const StoredTensor& MappedCheckpoint::stored(std::string_view name) const {
  const auto found = contents_.tensors.find(name);
  if (found == contents_.tensors.end())
    fail_at(ErrorKind::model, source(), "has no tensor '{}'{}", name, did_you_mean(name, names()));
  return found->second;
}

void MappedCheckpoint::release(std::string_view name) const {
  const StoredTensor& tensor = stored(name);
  if (tensor.file) tensor.file->release(tensor.bytes);
}

Tensor MappedCheckpoint::get(std::string_view name) const {
  const StoredTensor& tensor = stored(name);
  if (!tensor.dtype)
    fail_at(
        ErrorKind::model, tensor.file->path().string(),
        "tensor '{}' is of type {}, which is not supported; save the model in float32, bfloat16 or float16",
        name, tensor.type);
  if (reinterpret_cast<uintptr_t>(tensor.bytes.data()) % size_of(*tensor.dtype) == 0)
    return Tensor(*tensor.dtype, tensor.shape, tensor.bytes, tensor.file);
  // Nothing in these formats makes a tensor begin where its type may be read from; such a one is copied.
  Tensor copy(*tensor.dtype, tensor.shape);
  std::memcpy(copy.mutable_bytes(), tensor.bytes.data(), tensor.bytes.size());
  return copy;
}

TensorInfo MappedCheckpoint::info(std::string_view name) const {
  const StoredTensor& tensor = stored(name);
  return {tensor.type, tensor.shape, tensor.bytes.size(), tensor.bytes.data()};
}

std::vector<std::string> MappedCheckpoint::names() const {
  std::vector<std::string> all;
  all.reserve(contents_.tensors.size());
  for (const auto& [name, tensor] : contents_.tensors) all.push_back(name);
  return all;
}

}  // namespace millrace
