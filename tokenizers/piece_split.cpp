#include "tokenizers/piece_split.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace millrace {
namespace {

using Segments = std::vector<Regex::Segment>;

// Joins each delimiter to the segment before it, unless that is a delimiter too.
void merge_backwards(Segments& segments) {
  Segments merged;
  bool after_match = false;
  for (const auto& segment : segments) {
    if (segment.match && !after_match && !merged.empty()) {
      merged.back().end = segment.end;
    } else {
      merged.push_back(segment);
    }
    after_match = segment.match;
  }
  segments = std::move(merged);
}

void merge_forwards(Segments& segments) {
  Segments merged;
  bool before_match = false;
  for (size_t i = segments.size(); i-- > 0;) {
    if (segments[i].match && !before_match && !merged.empty()) {
      merged.back().begin = segments[i].begin;
    } else {
      merged.push_back(segments[i]);
    }
    before_match = segments[i].match;
  }
  std::reverse(merged.begin(), merged.end());
  segments = std::move(merged);
}

void merge_equals(Segments& segments) {
  Segments merged;
  for (const auto& segment : segments) {
    if (!merged.empty() && merged.back().match == segment.match) {
      merged.back().end = segment.end;
    } else {
      merged.push_back(segment);
    }
  }
  segments = std::move(merged);
}

}  // namespace

SplitBehavior split_behavior(const ComponentSpec& spec, std::string_view key) {
  const std::string name = spec.text(key);
  if (name == "Removed") return SplitBehavior::removed;
  if (name == "Isolated") return SplitBehavior::isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (name == "Contiguous") return SplitBehavior::contiguous;
  spec.refuse("'{}' is '{}'; it must be Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous",
              key, name);
}

Segments segments_at(std::string_view text, const std::function<bool(char32_t)>& is_delimiter) {
  Segments segments;
  size_t last = 0;
  for (size_t i = 0; i < text.size();) {
    const auto [code, size] = utf8::decode_at(text, i);
    if (is_delimiter(code)) {
      if (last != i) segments.push_back({last, i, false});
      segments.push_back({i, i + size, true});
      last = i + size;
    }
    i += size;
  }
  if (last != text.size()) segments.push_back({last, text.size(), false});
  return segments;
}

void split_pieces(Pieces& pieces, SplitBehavior behavior,
                  const std::function<Segments(std::string_view)>& cut) {
  Pieces parts;
  parts.reserve(pieces.size());
  for (Piece& piece : pieces) {
    if (piece.token >= 0) {
      parts.push_back(std::move(piece));
      continue;
    }
    Segments segments = cut(piece.text);
    if (behavior == SplitBehavior::merged_with_previous) merge_backwards(segments);
    if (behavior == SplitBehavior::merged_with_next) merge_forwards(segments);
    if (behavior == SplitBehavior::contiguous) merge_equals(segments);
    for (const auto& [begin, end, match] : segments) {
      if (begin == end || (match && behavior == SplitBehavior::removed)) continue;
      parts.push_back({piece.text.substr(begin, end - begin), -1, piece.head_from(begin)});
    }
  }
  pieces = std::move(parts);
}

}  // namespace millrace
