#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "backends/loaded_model.h"
#include "backends/media_file.h"

namespace millrace {

// A conversation as the model is given it: a text in which markers stand for the media, in their order.
struct ChatPrompt {
  std::string text;
  std::vector<MediaFile> pictures;
};

// Writes conversations as a model's chat template has it, whose contents may be texts or lists of parts
// (message_media). A template that takes only texts, or knows of no pictures, is given the model's marker and
// a line's end in the place of each. Thread-safe.
class ChatPromptWriter {
 public:
  // A model without a template is Error(model); one that reads pictures takes a single message then, and is
  // given the markers and its text.
  explicit ChatPromptWriter(std::shared_ptr<const LoadedModel> model);

  // `variables` are those of ChatTemplate::render, with at least one message. Error(input): a message that is
  // not in one of these forms, or pictures for a model that reads none.
  ChatPrompt write(nlohmann::ordered_json variables) const;

 private:
  nlohmann::ordered_json content_of(const nlohmann::ordered_json& message, size_t number,
                                    ChatPrompt& prompt) const;
  std::string render_untemplated(const nlohmann::ordered_json& messages) const;

  std::shared_ptr<const LoadedModel> model_;
  std::string marker_;           // of a picture; empty: the model reads none
  bool takes_lists_ = false;     // the template
  bool takes_pictures_ = false;  // in lists
};

}  // namespace millrace
