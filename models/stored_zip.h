#pragma once
#include <map>
#include <span>
#include <string>

#include "base/mapped_file.h"

namespace millrace {

// The members of a zip file that holds them as they are, by name. Compressed ones, and what is damaged, are
// Error(model) at "file @ byte N".
std::map<std::string, std::span<const std::byte>, std::less<>> stored_members(const MappedFile& file);

}  // namespace millrace
