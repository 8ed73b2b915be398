#include <cstdint>

#include "base/error.h"
#include "base/json_file.h"
#include "models/architecture_library.h"
#include "models/config.h"

namespace {

// Whatever the config says, there are no weights.
class NoWeights : public millrace::Checkpoint {
 public:
  const std::string& source() const override { return source_; }
  std::string_view format() const override { return "safetensors"; }
  bool has(std::string_view) const override { return false; }
  millrace::Tensor get(std::string_view name) const override { refuse(name); }
  millrace::TensorInfo info(std::string_view name) const override { refuse(name); }
  std::vector<std::string> names() const override { return {}; }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }

 private:
  [[noreturn]] void refuse(std::string_view name) const {
    millrace::fail(millrace::ErrorKind::model, "no '{}'", name);
  }
  std::string source_ = "fuzz";
  std::map<std::string, std::string> metadata_;
};

}  // namespace

// Any document is a config whose settings can be asked for, or an Error.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  static const Architecture family = load_architectures().of_model_type("whisper", "fuzz");
  try {
    ModelConfig config{.values = {}, .where = "fuzz", .places = {}};
    config.values =
        parse_json({reinterpret_cast<const char*>(data), size}, "fuzz", ErrorKind::model, &config.places);
    if (!config.values.is_object()) return 0;
    const Settings settings = resolve_settings(family, config, NoWeights()).at("encoder");
    settings.size("width");
    settings.text("activation");
  } catch (const Error&) {
  }
  return 0;
}
