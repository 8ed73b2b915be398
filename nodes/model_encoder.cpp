#include "nodes/model_encoder.h"

#include <algorithm>
#include <cstring>

#include "nodes/model_cache.h"

namespace millrace {

ModelEncoder::ModelEncoder(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)) {
  const auto& methods = model_->methods->methods();
  if (std::none_of(methods.begin(), methods.end(), [](const auto& m) { return m.name == "encoder"; }))
    fail_at(ErrorKind::model, model_->methods->source(), "has no method 'encoder'");
}

ModelEncoder::Out ModelEncoder::operator()(const In& in) const { return (*this)(std::span(&in, 1)).front(); }

std::vector<ModelEncoder::Out> ModelEncoder::operator()(std::span<const In> batch) const {
  Shape shape = batch.front().features->values.shape();
  shape.insert(shape.begin(), static_cast<int64_t>(batch.size()));
  Tensor features(DType::float32, shape);
  const size_t bytes = batch.front().features->values.bytes().size();
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto window = batch[i].features->values.bytes();
    if (window.size() != bytes)
      fail(ErrorKind::input, "windows of different lengths cannot be encoded together");
    std::memcpy(features.mutable_bytes() + i * bytes, window.data(), bytes);
  }
  NamedTensors results = model_->methods->run("encoder", {{"input_features", features}});
  const Tensor& states = results.at("last_hidden_state");
  const Shape one(states.shape().begin() + 1, states.shape().end());
  const size_t part = states.bytes().size() / batch.size();
  std::vector<Out> out;
  const auto keep = std::make_shared<const Tensor>(states);  // the batch's rows are views of one array
  for (size_t i = 0; i < batch.size(); ++i)
    out.push_back({.states = {Tensor(DType::float32, one, keep->bytes().subspan(i * part, part), keep)}});
  return out;
}

}  // namespace millrace
