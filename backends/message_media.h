#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "backends/media_file.h"

namespace millrace {

// A part of a message that is a picture or a recording.
struct MessageMedia {
  enum class Kind { picture, sound };
  Kind kind = Kind::picture;
  MediaFile file;
};

// Reads what a part of a message's content refers to, in the forms of
//   OpenAI        {"type": "image_url", "image_url": {"url": U}}, {"type": "input_image", "image_url": U},
//                 {"type": "input_audio", "input_audio": {"data": BASE64, "format": "wav"}}
//   transformers  {"type": "image", "url" | "path" | "image": U}, {"type": "audio", "url" | "path" | "audio":
//   U},
//                 and "base64": BASE64 in place of U
//   vLLM          {"type": "audio_url", "audio_url": {"url": U}}
// where U is data:TYPE;base64,… or file:///PATH or a path. Pictures and recordings are not fetched from other
// addresses. None for a part that is text. `where` names the part. Error(input): not in these forms, another
// kind than it is said to be, or too large; Error(io): a file that cannot be read.
std::optional<MessageMedia> message_media(const nlohmann::ordered_json& part, const std::string& where);

}  // namespace millrace
