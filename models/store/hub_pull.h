#pragma once
#include <filesystem>
#include <string>

#include "models/store/pull_progress.h"
#include "models/store/store_options.h"

namespace millrace {

// Downloads what the engine reads of the Hub's repository `name` into the Hugging Face cache and gives the
// snapshot's folder. The snapshot appears once every file has come and its hash was right; files that are
// there already are not fetched again, broken transfers are carried on with, and two processes may pull the
// same at once. Errors: model where there is no such model, or it may not be read; io for everything between
// here and the Hub.
std::filesystem::path pull_from_hub(const std::string& name, const StoreOptions& options,
                                    const PullOptions& pull);

}  // namespace millrace
