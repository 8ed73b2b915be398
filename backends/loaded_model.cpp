#include "backends/loaded_model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "backends/block.h"
#include "backends/model_methods.h"
#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "models/architecture_library.h"
#include "models/checkpoint.h"
#include "models/config.h"

namespace millrace {
namespace {

// From preprocessor_config.json, or the feature_extractor of processor_config.json.
std::optional<LogMelOptions> read_log_mel_options(const std::filesystem::path& folder) {
  if (const auto path = folder / "preprocessor_config.json"; std::filesystem::exists(path))
    return log_mel_options(read_json(path, ErrorKind::model, limits::kConfigBytes), path.string());
  if (const auto path = folder / "processor_config.json"; std::filesystem::exists(path)) {
    const auto config = read_json(path, ErrorKind::model, limits::kConfigBytes);
    if (config.is_object() && config.contains("feature_extractor"))
      return log_mel_options(config["feature_extractor"], path.string());
  }
  return std::nullopt;
}

// Single values (CTranslate2's options, counters of training) are no weights.
void warn_of_unread(const Weights& weights) {
  auto names = weights.unread();
  std::erase_if(names, [&](const auto& name) { return weights.checkpoint().info(name).shape.empty(); });
  if (names.empty()) return;
  constexpr size_t kShown = 3;
  const size_t count = names.size();
  names.resize(std::min(kShown, count));
  log::warning("{}: {} tensors are not used: {}{}", weights.checkpoint().source(), count,
               fmt::join(names, ", "), count > kShown ? ", …" : "");
}

}  // namespace

LoadedModel load_model(const std::string& path, const LoadOptions& options) {
  const std::filesystem::path given(path);
  if (!std::filesystem::exists(given)) fail_at(ErrorKind::model, path, "there is no such file or folder");
  const auto folder = std::filesystem::is_directory(given) ? given : given.parent_path();
  const auto checkpoint = open_checkpoint(given);
  const auto config = read_config(folder);
  const auto library = load_architectures();
  const Architecture architecture = config ? library.of_model_type(config->model_type(), config->where)
                                           : library.of_checkpoint(*checkpoint);
  const auto layout = architecture.checkpoints.find(std::string(checkpoint->format()));
  if (layout == architecture.checkpoints.end())
    fail_at(ErrorKind::model, architecture.where, "says nothing of {} checkpoints, which {} is",
            checkpoint->format(), checkpoint->source());
  const Settings settings = resolve_settings(architecture, config, *checkpoint);
  const auto weights = std::make_shared<const Weights>(checkpoint, layout->second, options);

  LoadedModel model;
  model.generation = load_generation_config(folder);
  auto methods = std::make_shared<MethodTable>(path);
  std::map<std::string, Block> blocks;
  for (const auto& [method, block] : architecture.methods)
    blocks.emplace(method, build_block({.method = method,
                                        .block = block,
                                        .where = architecture.where,
                                        .settings = settings.at(method),
                                        .weights = WeightScope(weights, method)}));
  for (const auto& [name, block] : blocks) {
    if (block.text_decoder) model.text_decoder = block.text_decoder;
    methods->add(block.method);
  }
  if (const auto encoder = blocks.find("encoder"); encoder != blocks.end() && model.text_decoder)
    methods->add(
        encoder_decoder_generate_method(encoder->second.method, model.text_decoder, model.generation));
  model.log_mel = read_log_mel_options(folder);
  if (!model.log_mel) {
    if (const auto bands = settings.at("encoder"); bands.has("bands")) {
      model.log_mel.emplace();
      model.log_mel->bands = static_cast<int>(bands.size("bands"));
    }
  }
  if (model.log_mel) methods->add(log_mel_method("preprocess", *model.log_mel));
  settings.check_all_used();
  warn_of_unread(*weights);
  model.methods = std::move(methods);
  return model;
}

}  // namespace millrace
