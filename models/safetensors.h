#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/mapped_file.h"
#include "base/tensor.h"
#include "models/checkpoint.h"

namespace millrace {

// One safetensors file.
std::shared_ptr<const Checkpoint> read_safetensors(const std::shared_ptr<const MappedFile>& file);

// A sharded checkpoint by its index: {"weight_map": {"tensor": "model-00001-of-00002.safetensors", …}},
// the shards beside it. A shard or tensor that the index names and that is not there is Error(model).
std::shared_ptr<const Checkpoint> read_safetensors_shards(const std::filesystem::path& index);

// Writes `tensors` to a safetensors file, which appears whole or not at all. Values begin at a multiple of 8
// bytes and lie in order of falling element size, then name, so that each is aligned for its type.
void write_safetensors(const std::filesystem::path& file, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace millrace
