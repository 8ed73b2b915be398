#pragma once
#include "backends/loaded_model.h"
#include "preprocess/image.h"
#include "preprocess/picture_text.h"

namespace millrace {

// A picture as a language model reads it.
struct PreparedPicture {
  Tensor embeddings;  // [tokens, width], or with what deep layers add (MediaEmbedder::deep_layers) behind it
  PictureText text;   // what it is in a prompt (with_pictures), which has as many places
  MediaExtent extent = {};  // in the places of the text, where positions go by it
};

// Sounds are prepared to the same.
using PreparedMedia = PreparedPicture;

// Takes the picture apart, encodes it and counts its places, as the folder's processor says. `model` has a
// multimodal; where the folder has no image processor that is Error(model). Expensive: a picture need be
// prepared once only.
PreparedPicture prepare_picture(const LoadedModel& model, const Image& image);

}  // namespace millrace
