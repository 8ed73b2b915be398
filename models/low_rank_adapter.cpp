#include "models/low_rank_adapter.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"

namespace millrace {
namespace {

constexpr std::string_view kDown = ".lora_A", kUp = ".lora_B";

// The two factors of what is added to one weight, by their names in the adapter's file.
struct Factors {
  std::string down, up;
};

// A name without the parts that name the whole model, which differ between versions and wrappers.
std::string without_wrappers(std::string_view name) {
  std::string result;
  while (!name.empty()) {
    const auto part = name.substr(0, name.find('.'));
    name.remove_prefix(std::min(name.size(), part.size() + 1));
    if (part == "model" || part == "base_model") continue;
    if (!result.empty()) result += '.';
    result += part;
  }
  return result;
}

// Numbers that scale what is added, with what the adapter may not have.
double scale_of(const nlohmann::json& config, const std::string& where, int64_t rank) {
  const auto number = [&](const char* key, double otherwise) {
    const auto found = config.find(key);
    if (found == config.end() || found->is_null()) return otherwise;
    if (!found->is_number()) fail_at(ErrorKind::model, where, "{} is {}, not a number", key, found->dump());
    return found->get<double>();
  };
  const bool by_root = config.value("use_rslora", false);
  const auto size = static_cast<double>(rank);
  return number("lora_alpha", 8) / (by_root ? std::sqrt(size) : size);
}

void check_kind(const nlohmann::json& config, const std::string& where) {
  if (!config.is_object()) fail_at(ErrorKind::model, where, "is not a JSON object");
  for (const auto& [key, allowed] :
       std::initializer_list<std::pair<const char*, nlohmann::json>>{{"peft_type", "LORA"},
                                                                     {"bias", "none"},
                                                                     {"fan_in_fan_out", false},
                                                                     {"use_dora", false},
                                                                     {"lora_bias", false},
                                                                     {"use_rslora", nullptr}})
    if (const auto found = config.find(key); found != config.end() && !found->is_null()) {
      if (allowed.is_null() ? !found->is_boolean() : *found != allowed)
        fail_at(ErrorKind::model, where, "{} is {}, which is not supported", key, found->dump());
    }
  for (const char* key : {"alpha_pattern", "modules_to_save", "layer_replication", "target_parameters"})
    if (const auto found = config.find(key); found != config.end() && !found->is_null() && !found->empty())
      fail_at(ErrorKind::model, where, "{} is {}; only nothing is supported", key, found->dump());
}

class AdaptedCheckpoint : public Checkpoint {
 public:
  AdaptedCheckpoint(std::shared_ptr<const Checkpoint> base, std::shared_ptr<const Checkpoint> adapter,
                    nlohmann::json config, std::string where)
      : base_(std::move(base)),
        adapter_(std::move(adapter)),
        config_(std::move(config)),
        where_(std::move(where)) {
    std::map<std::string, std::string> weights;
    for (const auto& name : base_->names())
      if (name.ends_with(".weight")) weights.emplace(without_wrappers(name), name);
    for (const auto& name : adapter_->names()) add(name, weights);
    for (const auto& [weight, factors] : factors_)
      if (factors.down.empty() || factors.up.empty())
        fail_at(ErrorKind::model, adapter_->source(), "has one of two factors for '{}' only", weight);
  }

  const std::string& source() const override { return base_->source(); }
  std::string_view format() const override { return base_->format(); }
  bool has(std::string_view name) const override { return base_->has(name); }
  std::vector<std::string> names() const override { return base_->names(); }
  const std::map<std::string, std::string>& metadata() const override { return base_->metadata(); }
  void release(std::string_view name) const override { base_->release(name); }

  Tensor get(std::string_view name) const override {
    const auto found = factors_.find(name);
    return found == factors_.end() ? base_->get(name) : merged(base_->get(name), found->second);
  }
  std::optional<QuantisedTensor> quantised(std::string_view name) const override {
    return factors_.contains(name) ? std::nullopt : base_->quantised(name);
  }
  TensorInfo info(std::string_view name) const override {
    TensorInfo info = base_->info(name);
    // Of no other name, though the file may have it in common with one.
    if (const auto found = factors_.find(name); found != factors_.end())
      info.data = adapter_->info(found->second.down).data;
    return info;
  }

 private:
  void add(const std::string& name, const std::map<std::string, std::string>& weights) {
    const bool up = name.find(kUp) != std::string::npos;
    const auto at = name.find(up ? kUp : kDown);
    const auto found = at == std::string::npos
                           ? weights.end()
                           : weights.find(without_wrappers(name.substr(0, at)) + ".weight");
    if (found == weights.end())
      fail_at(ErrorKind::model, adapter_->source(), "tensor '{}' adapts no weight of {}", name,
              base_->source());
    Factors& factors = factors_[found->second];
    (up ? factors.up : factors.down) = name;
  }

  Tensor merged(const Tensor& weight, const Factors& factors) const {
    const Tensor down = adapter_->get(factors.down).to_float32(), up = adapter_->get(factors.up).to_float32();
    if (weight.rank() != 2 || down.rank() != 2 || up.rank() != 2 || down.dim(0) != up.dim(1) ||
        up.dim(0) != weight.dim(0) || down.dim(1) != weight.dim(1) || down.empty())
      fail_at(ErrorKind::model, adapter_->source(), "tensors '{}' {} and '{}' {} do not fit a weight of {}",
              factors.down, to_string(down.shape()), factors.up, to_string(up.shape()),
              to_string(weight.shape()));
    const int64_t rank = down.dim(0), inputs = weight.dim(1);
    const auto scale = static_cast<float>(scale_of(config_, where_, rank));
    Tensor result = Tensor::from<float>(weight.shape(), weight.to_float32().values<float>());
    float* row = result.mutable_data<float>();
    for (int64_t output = 0; output < weight.dim(0); ++output, row += inputs)
      for (int64_t k = 0; k < rank; ++k) {
        const float factor = scale * up.data<float>()[output * rank + k];
        const float* from = down.data<float>() + k * inputs;
        for (int64_t i = 0; i < inputs; ++i) row[i] += factor * from[i];
      }
    return result;
  }

  std::shared_ptr<const Checkpoint> base_, adapter_;
  nlohmann::json config_;
  std::string where_;
  std::map<std::string, Factors, std::less<>> factors_;  // by the weight's name in the base's file
};

}  // namespace

std::shared_ptr<const Checkpoint> with_adapter(std::shared_ptr<const Checkpoint> base,
                                               const std::filesystem::path& folder) {
  const auto path = folder / "adapter_config.json";
  if (!path_exists(path)) return nullptr;
  auto config = read_json(path, ErrorKind::model, limits::kConfigBytes);
  check_kind(config, path.string());
  auto adapter = open_checkpoint(folder / "adapter_model.safetensors");
  return std::make_shared<const AdaptedCheckpoint>(std::move(base), std::move(adapter), std::move(config),
                                                   path.string());
}

}  // namespace millrace
