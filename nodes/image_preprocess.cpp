#include "nodes/image_preprocess.h"

#include "nodes/model_cache.h"

namespace millrace {

ImagePreprocess::ImagePreprocess(const Params& params, Resources& resources) {
  const auto model = resources.get<ModelCache>().get(params.model);
  if (!model->image_processor)
    fail_at(ErrorKind::model, model->methods->source(),
            "says nothing of how pictures are prepared: it has no preprocessor_config.json");
  processor_ = std::make_shared<const ImageProcessor>(*model->image_processor);
}

ImagePreprocess::Out ImagePreprocess::operator()(const In& in) const {
  return {.pixels = {.values = (*processor_)(*in.image), .mask = processor_->pixel_mask(*in.image)}};
}

}  // namespace millrace
