#pragma once
#include <cstdint>
#include <vector>

#include "decoders/text_decoder.h"

namespace millrace {

// A prompt as a text decoder is fed it, where that is more than its tokens: pictures and sounds stand in it.
struct MultimodalPrompt {
  Tensor embeddings;                    // [positions, width]; empty: the tokens' own
  std::vector<int32_t> blocks = {};     // DecoderFeed::blocks; empty: none
  std::vector<uint64_t> contents = {};  // what each position holds: equal numbers mean equal embeddings;
                                        // empty: the tokens tell

  // All of it in slot 0 of a session. The prompt outlives it.
  DecoderFeed feed() const;
  // `count` positions from `first` on.
  DecoderFeed feed(int64_t first, int64_t count) const;
  // Without the positions where `mask` is 0, padding that only makes prompts equally long. All of them is
  // Error(input).
  MultimodalPrompt without_padding(const std::vector<uint8_t>& mask) const;

  // Whether `position` is in the block of the one before it: both are in one feed.
  bool goes_on_at(int64_t position) const;
};

}  // namespace millrace
