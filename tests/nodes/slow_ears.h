#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/stream_clock.h"
#include "tests/nodes/said.h"

namespace millrace::testing {

// An encoder whose states tell which window it was: 0, 1, … of `texts`, over and over; a window takes
// `seconds` of the clock's time.
class SlowEncoder final : public Model {
 public:
  SlowEncoder(std::shared_ptr<StreamClock> clock, double seconds, int texts)
      : clock_(std::move(clock)), seconds_(seconds), texts_(texts) {}
  const std::string& source() const override { return source_; }
  const std::vector<MethodInfo>& methods() const override { return methods_; }
  NamedTensors run(std::string_view, const NamedTensors&) const override {
    const std::vector<float> values(1500, static_cast<float>(windows_++ % texts_));
    if (seconds_ > 0) clock_->wait_until(clock_->now() + seconds_, nullptr);
    return {{"last_hidden_state", Tensor::from<float>({1, 1500, 1}, values)}};
  }

 private:
  std::shared_ptr<StreamClock> clock_;
  double seconds_;
  int texts_;
  std::string source_ = "ears";
  std::vector<MethodInfo> methods_ = {{"encoder", {"input_features"}, {"last_hidden_state"}}};
  mutable int windows_ = 0;
};

// A model "ears" that hears texts one after the other, whatever is said, a window taking `seconds`.
inline void add_slow_ears(Resources& resources, std::shared_ptr<StreamClock> clock,
                          std::vector<std::string> texts, double seconds = 0) {
  const auto count = static_cast<int>(texts.size());
  add_model_that_says(resources, std::move(texts), false);
  auto& cache = resources.get<ModelCache>();
  LoadedModel ears = *cache.get("said");
  ears.methods = std::make_shared<SlowEncoder>(std::move(clock), seconds, count);
  ears.log_mel->chunk_seconds = 30;
  cache.add("ears", std::make_shared<const LoadedModel>(std::move(ears)));
}

}  // namespace millrace::testing
