#pragma once
#include <memory>
#include <optional>
#include <string>

#include "backends/multimodal_model.h"
#include "backends/zero_shot_options.h"
#include "decoders/generation/generation_config.h"
#include "decoders/text_decoder.h"
#include "models/label_set.h"
#include "models/model.h"
#include "preprocess/image_processor.h"
#include "preprocess/log_mel.h"
#include "preprocess/picture_tiler.h"
#include "tokenizers/chat_template.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// Everything that a model folder brings: what the nodes of one model share.
struct LoadedModel {
  std::shared_ptr<const Model> methods;             // never null
  std::shared_ptr<const TextDecoder> text_decoder;  // null when the model writes no text
  std::shared_ptr<const Tokenizer> tokenizer;       // null when the folder has none
  std::optional<LogMelOptions> log_mel;             // of models that take log-mel spectrograms
  std::optional<ChatTemplate> chat_template;        // of models that converse
  GenerationConfig generation;
  std::optional<ImageProcessorOptions> image_processor;  // of models of pictures
  std::optional<PictureTilerOptions> picture_tiler;      // instead, of those that take pictures apart
  std::optional<SoundProcessorOptions> sound_processor;  // of language models that hear
  std::shared_ptr<const MultimodalModel> multimodal;     // null when it neither reads pictures nor hears
  std::optional<LabelSet> labels;                        // of those that tell what is on them
  std::optional<ZeroShotOptions> zero_shot;              // of those that compare them with texts
};

// Loads the model at `path`: a Hugging Face folder (config.json, safetensors) or a CTranslate2 one
// (model.bin). What is missing, damaged or not understood is Error(model) naming the file and the key or
// tensor.
LoadedModel load_model(const std::string& path, const LoadOptions& options = {});

}  // namespace millrace
