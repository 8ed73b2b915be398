#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "backends/loaded_model.h"
#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "tests/temporary_folder.h"

namespace millrace {

inline const std::filesystem::path kSeeing = MILLRACE_SOURCE_DIR "/tests/golden/vision_language";

inline nlohmann::json read_chats(const std::string& file) {
  return read_json(kSeeing / "chats" / file, ErrorKind::input, limits::kConfigBytes);
}

// A folder with one of the tiny models of tests/golden/vision_language, the tokenizer of chats/ and a
// template, the model's of chats/templates.json unless another is given.
class SeeingModel {
 public:
  explicit SeeingModel(const std::string& name, std::string chat_template = {}) {
    for (const auto& file : {kSeeing / name / "config.json", kSeeing / name / "model.safetensors",
                             kSeeing / name / "preprocessor_config.json", kSeeing / "chats/tokenizer.json",
                             kSeeing / "chats/tokenizer_config.json"})
      std::filesystem::copy_file(file, folder_.path() / file.filename());
    if (chat_template.empty()) chat_template = read_chats("templates.json").at(name).get<std::string>();
    if (chat_template != kNone) folder_.write("chat_template.jinja", chat_template);
  }
  static constexpr const char* kNone = "none";

  std::string path() const { return folder_.path().string(); }
  std::shared_ptr<const LoadedModel> load() const {
    return std::make_shared<const LoadedModel>(load_model(path()));
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace millrace
