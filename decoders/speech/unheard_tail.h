#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decoders/speech/speech_tokens.h"

namespace millrace {

// A model may end its text early although the window's speech goes on. The sequential algorithm hears the
// rest in its next window; where windows were cut beforehand, the text is taken up again inside the window.
// The tokens to go on from: the window's own, up to the timestamp at which the next segment begins. None
// where the text reaches the window's end to a second, or has no timestamp that says how far it reaches.
std::optional<std::vector<TokenId>> text_to_continue(std::span<const TokenId> tokens,
                                                     const SpeechTokens& speech, int64_t content_samples);

}  // namespace millrace
