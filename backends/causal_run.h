#pragma once
#include <cstdint>
#include <vector>

#include "decoders/text_decoder.h"

// Whole batches through a decoder, each row in a slot of a session of its own.
namespace millrace {

// Logits [B, length, vocabulary] of one feed for each row. `masks`, one for each or none, are of padding.
Tensor logits_of(const TextDecoder& decoder, std::vector<DecoderFeed> feeds,
                 const std::vector<std::vector<uint8_t>>& masks, int64_t length);

// The same from the arguments inputs_embeds [B, T, width] or [T, width], and where given cache_position,
// which counts from 0, and attention_mask.
Tensor logits_of_embeddings(const TextDecoder& decoder, const NamedTensors& arguments);

// The `count` tokens behind each prompt that are the most likely at each step, [B, count] int64.
Tensor most_likely(const TextDecoder& decoder, std::vector<DecoderFeed> prompts, int64_t count);

}  // namespace millrace
