#pragma once
#include <filesystem>
#include <memory>

#include "base/gguf_file.h"
#include "models/checkpoint.h"

namespace millrace {

// The tensors of a GGUF file; of all its shards where its name says that it is one of several,
// "…-00001-of-00003.gguf". Quantised tensors come out of get() as float32, as ggml computes them, and out of
// quantised() as they are. metadata() has the keys' values as text: strings as they are, numbers and arrays
// of up to 1024 of them as JSON.
std::shared_ptr<const Checkpoint> read_gguf(const std::shared_ptr<const MappedFile>& file);

// The GGUF file in a folder, the first of its shards where there are several; none where there is none. More
// than one model is Error(model) that names them. Files "mmproj…" hold the vision part of another, and do
// not count.
std::filesystem::path find_gguf(const std::filesystem::path& folder);

}  // namespace millrace
