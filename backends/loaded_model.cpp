#include "backends/loaded_model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "backends/block.h"
#include "backends/model_methods.h"
#include "backends/sound_options.h"
#include "backends/text_files.h"
#include "backends/vision_methods.h"
#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/path_status.h"
#include "models/architecture_library.h"
#include "models/checkpoint.h"
#include "models/config.h"
#include "models/nested_family.h"

namespace millrace {
namespace {

// Single values (CTranslate2's options, counters of training) are no weights. Those of other formats may be
// of heads for other tasks; a GGUF file has only what its architecture computes with.
void check_unread(const Weights& weights, const Architecture& architecture) {
  auto names = weights.unread();
  std::erase_if(names, [&](const auto& name) { return weights.checkpoint().info(name).shape.empty(); });
  if (names.empty()) return;
  constexpr size_t kShown = 3;
  const size_t count = names.size();
  names.resize(std::min(kShown, count));
  const auto shown = fmt::format("{}{}", fmt::join(names, ", "), count > kShown ? ", …" : "");
  if (weights.checkpoint().format() == "gguf")
    fail_at(
        ErrorKind::model, weights.checkpoint().source(),
        "{} tensors are not understood for '{}' models, which would compute something else without them: {}",
        count, architecture.name, shown);
  log::warning("{}: {} tensors are not used: {}", weights.checkpoint().source(), count, shown);
}

// The folder's, else the one that the family's architecture file gives.
std::optional<ImageProcessorOptions> image_processor(const std::filesystem::path& folder,
                                                     const Architecture& architecture) {
  if (auto options = read_image_processor(folder)) return options;
  if (architecture.image_processor.is_null()) return std::nullopt;
  return image_processor_options(architecture.image_processor, architecture.where);
}

// What the model's checkpoint, config and architecture file say together.
struct ModelFiles {
  std::optional<ModelConfig> config;
  Architecture architecture;
  Settings settings;
  std::shared_ptr<const Weights> weights;
};

ModelFiles read_files(const std::filesystem::path& path, const std::filesystem::path& folder,
                      const LoadOptions& options) {
  const auto checkpoint = open_checkpoint(path);
  // A GGUF file says all itself; a config.json beside it may be another's.
  const auto config = checkpoint->format() == "gguf" ? std::nullopt : read_config(folder);
  const auto library = load_architectures();
  auto architecture = config ? library.of_model_type(config->model_type(), config->where)
                             : library.of_checkpoint(*checkpoint);
  if (config) add_nested_families(architecture, *config, library);
  const auto* layout = find_layout(architecture, *checkpoint);
  if (layout == nullptr)
    fail_at(ErrorKind::model, architecture.where, "says nothing of {} checkpoints, which {} is",
            checkpoint->format(), checkpoint->source());
  auto settings = resolve_settings(architecture, config, *checkpoint);
  auto weights = std::make_shared<const Weights>(checkpoint, *layout, options);
  return {config, std::move(architecture), std::move(settings), std::move(weights)};
}

}  // namespace

LoadedModel load_model(const std::string& path, const LoadOptions& options) {
  const std::filesystem::path given(path);
  if (!path_exists(given)) fail_at(ErrorKind::model, path, "there is no such file or folder");
  const auto folder = is_folder(given) ? given : given.parent_path();
  const auto files = read_files(given, folder, options);

  LoadedModel model;
  TextFiles texts = read_text_files(folder, files.weights->checkpoint());
  model.generation = std::move(texts.generation);
  model.tokenizer = std::move(texts.tokenizer);
  model.chat_template = std::move(texts.chat_template);
  if (model.tokenizer)
    for (const auto& [key, token] : files.architecture.generation_tokens)
      if (const auto id = model.tokenizer->id_of(token)) model.generation.set_default(key, *id);
  auto methods = std::make_shared<MethodTable>(path);
  std::optional<Method> encoder, text_decoder;
  for (const auto& [name, kind] : files.architecture.methods) {
    Block block = build_block({.method = name,
                               .block = kind,
                               .where = files.architecture.where,
                               .settings = files.settings.at(name),
                               .weights = WeightScope(files.weights, name)});
    if (block.text_decoder) model.text_decoder = block.text_decoder;
    if (block.multimodal) model.multimodal = block.multimodal;
    if (block.takes_pictures) model.picture_tiler = read_picture_tiler(folder);
    if (block.takes_pictures && !model.picture_tiler)
      model.image_processor = image_processor(folder, files.architecture);
    if (block.labels > 0) {
      model.labels = read_labels(files.config, files.architecture, block.labels);
      model.labels->of = block.labels_of;
    }
    if (block.zero_shot) model.zero_shot = block.zero_shot;
    if (block.mel_bands > 0) model.log_mel = read_log_mel_options(folder, {.bands = block.mel_bands});
    if (block.multimodal && block.multimodal->sound_processor())
      model.sound_processor = read_sound_processor(folder, *block.multimodal->sound_processor());
    if (name == "encoder") encoder = block.methods.front();
    if (name == "text_decoder") text_decoder = block.methods.front();
    for (auto& method : block.methods) methods->add(std::move(method));
  }
  if (encoder && text_decoder) {
    methods->add(encoder_decoder_forward_method(*encoder, *text_decoder));
    methods->add(encoder_decoder_generate_method(*encoder, model.text_decoder, model.generation));
  }
  if (model.zero_shot && model.tokenizer)
    read_text_batch_options(folder, *model.tokenizer, model.zero_shot->texts);
  if (model.log_mel) methods->add(log_mel_method("preprocess", *model.log_mel));
  if (model.sound_processor) methods->add(sound_processor_method("preprocess", *model.sound_processor));
  if (model.picture_tiler) methods->add(picture_tiler_method("preprocess", *model.picture_tiler));
  if (model.image_processor) methods->add(image_processor_method("preprocess", *model.image_processor));
  files.settings.check_all_used();
  check_unread(*files.weights, files.architecture);
  model.methods = std::move(methods);
  return model;
}

}  // namespace millrace
