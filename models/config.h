#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/json_file.h"
#include "models/architecture.h"
#include "models/checkpoint.h"
#include "models/settings.h"

namespace millrace {

// A checkpoint's config.json.
struct ModelConfig {
  nlohmann::json values;
  std::string where;
  KeyPlaces places;

  // Its model_type, and behind a slash that of the backbone_config in it, where it has one.
  std::string model_type() const;
  // Where a key, "rope.theta", is: "config.json:3:5", or the file alone.
  std::string place(std::string_view key) const;
};

// None when the folder has no config.json of transformers (one with a model_type).
std::optional<ModelConfig> read_config(const std::filesystem::path& folder);

// The engine's settings for one checkpoint of a family. Every key of the config is used, or has no influence,
// or has the one value that is supported; any other that is neither null nor false is Error(model) that names
// it.
Settings resolve_settings(const Architecture& architecture, const std::optional<ModelConfig>& config,
                          const Checkpoint& checkpoint);

}  // namespace millrace
