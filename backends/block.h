#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/method_table.h"
#include "backends/multimodal_model.h"
#include "backends/zero_shot_options.h"
#include "decoders/text_decoder.h"
#include "models/label_set.h"
#include "models/settings.h"
#include "models/weights.h"

namespace millrace {

// What one block of an architecture file became: the method of the request, others where it has more, and
// what else the block is for.
struct Block {
  std::vector<Method> methods;
  std::shared_ptr<const TextDecoder> text_decoder;  // of a decoder: what generation is written against
  int mel_bands = 0;                                // of an encoder that takes log-mel spectrograms
  bool takes_pictures = false;
  int64_t labels = 0;  // of a classifier
  LabelSet::Of labels_of = LabelSet::Of::pictures;
  std::optional<ZeroShotOptions> zero_shot = std::nullopt;      // of a model of pictures and texts
  std::shared_ptr<const MultimodalModel> multimodal = nullptr;  // of one that reads pictures
};

// Builds the block called `block` ("audio_encoder", "transformer_decoder") as the method `method`, from the
// part of settings and weights that has the method's name. An unknown block is Error(model) naming `where`.
struct BlockRequest {
  std::string method, block, where;
  Settings settings;
  WeightScope weights;
  // Where `weights` are with an adapter: those without it.
  std::optional<WeightScope> plain_weights = std::nullopt;
};
Block build_block(const BlockRequest& request);

}  // namespace millrace
