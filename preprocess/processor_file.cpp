#include "preprocess/processor_file.h"

#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"

namespace millrace {

std::optional<ProcessorPart> read_processor_part(const std::filesystem::path& folder,
                                                 std::initializer_list<const char*> keys) {
  if (const auto path = folder / "preprocessor_config.json"; path_exists(path))
    return ProcessorPart{read_json(path, ErrorKind::model, limits::kConfigBytes), path.string(), true};
  const auto path = folder / "processor_config.json";
  if (!path_exists(path)) return std::nullopt;
  const auto config = read_json(path, ErrorKind::model, limits::kConfigBytes);
  for (const char* key : keys)
    if (config.is_object() && config.contains(key)) return ProcessorPart{config[key], path.string(), false};
  return std::nullopt;
}

}  // namespace millrace
