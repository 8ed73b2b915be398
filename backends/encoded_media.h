#pragma once
#include <memory>
#include <vector>

#include "backends/prepared_picture.h"

namespace millrace {

// A picture or a sound that is ready to stand in prompts.
struct EncodedMedium {
  PreparedMedia prepared;
  uint64_t content = 0;  // equal for the same
  int64_t bytes() const { return static_cast<int64_t>(prepared.embeddings.bytes().size()); }
};

// What stands in a text, in its order.
struct EncodedMedia {
  std::vector<std::shared_ptr<const EncodedMedium>> pictures = {}, sounds = {};
};

}  // namespace millrace
