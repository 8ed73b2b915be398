#pragma once
#include <map>
#include <random>

#include "base/error.h"
#include "models/weights.h"

namespace millrace {

// Weights that a test makes.
class MemoryCheckpoint : public Checkpoint {
 public:
  void add(const std::string& name, Tensor tensor) { tensors_[name] = std::move(tensor); }
  // With random values around `mean`.
  const Tensor& add_random(const std::string& name, const Shape& shape, float mean = 0) {
    std::normal_distribution<float> normal(mean, 0.5f);
    Tensor tensor(DType::float32, shape);
    for (int64_t i = 0; i < tensor.count(); ++i) tensor.mutable_data<float>()[i] = normal(random_);
    return tensors_[name] = std::move(tensor);
  }

  const std::string& source() const override { return source_; }
  std::string_view format() const override { return "safetensors"; }
  bool has(std::string_view name) const override { return tensors_.contains(name); }
  Tensor get(std::string_view name) const override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) fail_at(ErrorKind::model, source_, "no tensor '{}'", name);
    return found->second;
  }
  TensorInfo info(std::string_view name) const override {
    const Tensor tensor = get(name);
    return {.type = "F32",
            .shape = tensor.shape(),
            .bytes = tensor.bytes().size(),
            .data = tensor.bytes().data()};
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_) names.push_back(name);
    return names;
  }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }

 private:
  std::string source_ = "memory";
  std::map<std::string, Tensor, std::less<>> tensors_;
  std::map<std::string, std::string> metadata_;
  std::mt19937 random_{5};
};

inline WeightScope scope_of(const MemoryCheckpoint& checkpoint, const std::string& path) {
  return WeightScope(std::make_shared<const Weights>(std::make_shared<const MemoryCheckpoint>(checkpoint),
                                                     CheckpointLayout{}, LoadOptions{}),
                     path);
}

}  // namespace millrace
