#include "decoders/multimodal_prompt.h"

#include "base/error.h"

namespace millrace {

DecoderFeed MultimodalPrompt::feed() const { return feed(0, embeddings.dim(0)); }

DecoderFeed MultimodalPrompt::feed(int64_t first, int64_t count) const {
  const auto from = static_cast<size_t>(first), some = static_cast<size_t>(count),
             width = static_cast<size_t>(embeddings.dim(1));
  DecoderFeed feed{.slot = 0, .tokens = {}};
  feed.embeddings = embeddings.values<float>().subspan(from * width, some * width);
  if (!blocks.empty()) feed.blocks = std::span(blocks).subspan(from, some);
  return feed;
}

MultimodalPrompt MultimodalPrompt::without_padding(const std::vector<uint8_t>& mask) const {
  const int64_t width = embeddings.dim(1);
  MultimodalPrompt result;
  std::vector<float> kept;
  const float* from = embeddings.data<float>();
  for (size_t i = 0; i < mask.size(); ++i, from += width) {
    if (mask[i] == 0) continue;
    kept.insert(kept.end(), from, from + width);
    if (!blocks.empty()) result.blocks.push_back(blocks[i]);
    if (!contents.empty()) result.contents.push_back(contents[i]);
  }
  if (kept.empty()) fail(ErrorKind::input, "'attention_mask' masks all of a row");
  result.embeddings = Tensor::from<float>({std::ssize(kept) / width, width}, kept);
  return result;
}

bool MultimodalPrompt::goes_on_at(int64_t position) const {
  const auto at = static_cast<size_t>(position);
  return at > 0 && at < blocks.size() && blocks[at] >= 0 && blocks[at] == blocks[at - 1];
}

}  // namespace millrace
