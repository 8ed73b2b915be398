#pragma once
#include <memory>
#include <string>

#include "graph/contract.h"
#include "nodes/media_packets.h"

namespace millrace {

//   pictures: {type: model.vision_encoder, inputs: {files: prompt.pictures}, model: $model}
struct ModelVisionEncoder {
  struct Params {
    std::string model;
    int64_t cache_mib = 512;
  };
  struct In {
    Ref<MediaFiles> files;
  };
  struct Out {
    EncodedPictures pictures;
  };

  static constexpr auto contract = make_contract(
      {.type = "model.vision_encoder",
       .help = "What a language model sees on pictures. None is encoded twice, as long as it is remembered."},
      params(param<&Params::model>("model", "with a method `vision_encoder`, where there are pictures",
                                   {.required = true, .model = true}),
             param<&Params::cache_mib>("cache_mib", "of embeddings that are remembered",
                                       {.min = 0, .max = 1 << 20, .unit = "MiB"})),
      inputs(port<&In::files>("files", "JPEG, PNG, WebP, BMP, TIFF or GIF")),
      outputs(port<&Out::pictures>("pictures", "their embeddings, and how they stand in a text")));

  ModelVisionEncoder(const Params& params, Resources& resources);
  Out operator()(const In& in) const;

 private:
  std::shared_ptr<ImagePrefiller> prefiller_;
};

}  // namespace millrace
