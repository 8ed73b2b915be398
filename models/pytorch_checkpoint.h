#pragma once
#include <filesystem>
#include <memory>
#include <span>

#include "base/mapped_file.h"
#include "models/checkpoint.h"

namespace millrace {

// The tensors of a file that torch.save wrote, of a state dict or of something that holds one under
// "state_dict" or "model": both the zip format and the one before torch 1.6. The pickle inside is read as
// data: nothing is imported or run, and one that needs more than tensors is Error(model).
std::shared_ptr<const Checkpoint> read_pytorch(const std::shared_ptr<const MappedFile>& file);

// The one file ….pth or ….pt in a folder; none where there is none. More than one is Error(model) that names
// them.
std::filesystem::path find_state_dict(const std::filesystem::path& folder);

// Whether the file begins as those do.
bool is_pytorch(std::span<const std::byte> bytes);

}  // namespace millrace
