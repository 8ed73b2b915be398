#pragma once
#include <vector>

#include "models/layers/attention_options.h"
#include "models/settings.h"

namespace millrace {

// How the layers of a decoder differ from each other.
struct LayerPlan {
  std::vector<AttentionOptions> attention;  // of each layer
  std::vector<std::shared_ptr<const RotaryEmbedding>> rotary;
};

// From attention_options and the settings
//   layers          how many there are
//   layer_types     of each layer: "full", "sliding" or "convolution"; or
//   sliding_without_rope: true   the layers without rotary embedding slide, the others don't; or
//   full_every      every so manieth layer is full, the others slide; or
//   sliding_from    the layers from this one on slide; without any, all slide if there is a window
//   window          keys that a query of a sliding layer sees; windowed: false turns it off
//   rope.*          of the rotary embedding (none without rope.base or with alibi); sliding_rope.* where
//   sliding layers have
//                   their own
//   rope_layers     of each layer: 1 with, 0 without rotary embedding; or
//   no_rope_every   every so manieth layer has none; or
//   rope_only       the type of layer that alone has it
//   attention_scale_by_layer: true   divides the scores of layer i, counted from 1, by i
LayerPlan layer_plan(const Settings& settings, bool causal);

}  // namespace millrace
