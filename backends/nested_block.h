#pragma once
#include <memory>

#include "decoders/transformer_decoder.h"
#include "encoders/audio_encoder.h"
#include "encoders/vision_transformer.h"
#include "models/settings.h"
#include "models/weights.h"

// What the nested families of an architecture file became. One of another kind than is needed is Error(model)
// naming its block.
namespace millrace {

// Settings of heads that not all models of an encoder have are no error.
void allow_head_settings(const Settings& settings);

std::shared_ptr<const Backbone> nested_backbone(const Settings& settings, const WeightScope& weights);
// Of a model of pictures and texts: its encoder of pictures.
std::shared_ptr<const VisionTransformer> nested_vision_transformer(const Settings& settings,
                                                                   const WeightScope& weights);
std::shared_ptr<const AudioEncoder> nested_audio_encoder(const Settings& settings,
                                                         const WeightScope& weights);
std::shared_ptr<const TransformerDecoder> nested_text_decoder(const Settings& settings,
                                                              const WeightScope& weights);

}  // namespace millrace
