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
  std::string text = {};
  std::vector<MediaFile> pictures = {}, sounds = {};
};

// Writes conversations as a model's chat template has it, whose contents may be texts or lists of parts
// (message_media). A template that takes only texts, or knows of no pictures or sounds, is given the model's
// marker and a line's end in the place of each. Thread-safe.
class ChatPromptWriter {
 public:
  // A model without a template is Error(model); one that sees or hears takes a single message then, and is
  // given the markers and its text.
  explicit ChatPromptWriter(std::shared_ptr<const LoadedModel> model);

  // `variables` are those of ChatTemplate::render, with at least one message. Error(input): a message that is
  // not in one of these forms, or pictures or sounds for a model that takes none.
  ChatPrompt write(nlohmann::ordered_json variables) const;

 private:
  using Json = nlohmann::ordered_json;
  // How the model is told of one kind of media.
  struct Kind {
    std::string marker = {};  // in the text; empty: the model takes none
    std::string type = {};    // of a part of a list
    bool templated = false;   // the template makes the marker of such a part
  };
  bool is_multimodal() const { return !pictures_.marker.empty() || !sounds_.marker.empty(); }
  Kind kind_of(const char* type, const std::string& marker) const;
  Json media_part(const Json& part, const std::string& where, ChatPrompt& prompt) const;
  Json content_of(const Json& message, size_t number, ChatPrompt& prompt) const;
  std::string render_untemplated(const Json& messages) const;

  std::shared_ptr<const LoadedModel> model_;
  bool takes_lists_ = false;  // the template
  Kind pictures_, sounds_;
};

}  // namespace millrace
