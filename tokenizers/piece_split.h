#pragma once
#include <functional>
#include <string_view>
#include <vector>

#include "tokenizers/pre_tokenizer.h"
#include "tokenizers/regex.h"

namespace millrace {

// What becomes of the delimiters that a text is split at.
enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

SplitBehavior split_behavior(const ComponentSpec& spec, std::string_view key);  // "MergedWithNext" and so on

// The segments of a text at the characters for which `is_delimiter` holds, one a segment.
std::vector<Regex::Segment> segments_at(std::string_view text,
                                        const std::function<bool(char32_t)>& is_delimiter);

// Replaces every piece that is no token by its parts: `cut` says where the delimiters (the matches) lie.
void split_pieces(Pieces& pieces, SplitBehavior behavior,
                  const std::function<std::vector<Regex::Segment>(std::string_view)>& cut);

}  // namespace millrace
