#pragma once
#include <memory>
#include <vector>

#include "backends/media_file.h"
#include "backends/text_prefiller.h"
#include "graph/packet.h"

// What travels along the edges of pipelines that converse about pictures and recordings.
namespace millrace {

// Of a conversation, in its order.
struct MediaFiles {
  std::vector<MediaFile> files;
};

// Those files, ready to stand in the prompt.
struct EncodedPictures {
  std::vector<std::shared_ptr<const EncodedPicture>> pictures;
};

// What is wired of them.
inline PromptMedia media_of(const Ref<EncodedPictures>& pictures) {
  return {.pictures = pictures ? pictures->pictures : std::vector<std::shared_ptr<const EncodedPicture>>()};
}

}  // namespace millrace
