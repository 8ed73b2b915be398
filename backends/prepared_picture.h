#pragma once
#include "backends/loaded_model.h"
#include "preprocess/image.h"
#include "preprocess/picture_text.h"

namespace millrace {

// A picture as a language model reads it.
struct PreparedPicture {
  Tensor embeddings;  // [tokens, width]
  PictureText text;   // what it is in a prompt (with_pictures), which has as many places
};

// Sounds are prepared to the same.
using PreparedMedia = PreparedPicture;

// Takes the picture apart, encodes it and counts its places, as the folder's processor says. `model` has a
// multimodal; where the folder has no image processor that is Error(model). Expensive: a picture need be
// prepared once only.
PreparedPicture prepare_picture(const LoadedModel& model, const Image& image);

}  // namespace millrace
