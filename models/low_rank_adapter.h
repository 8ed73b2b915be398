#pragma once
#include <filesystem>
#include <memory>

#include "models/checkpoint.h"

namespace millrace {

// `base` with the adapter of low rank (Hu et al., "LoRA", 2021) that `folder` holds as PEFT writes it,
// adapter_config.json and adapter_model.safetensors: a weight W that it adapts comes out as W + scale * B *
// A. Null where the folder has none. An adapter of another kind, or whose tensors do not fit, is Error(model)
// naming file and key or tensor.
std::shared_ptr<const Checkpoint> with_adapter(std::shared_ptr<const Checkpoint> base,
                                               const std::filesystem::path& folder);

}  // namespace millrace
