#include "tokenizers/derived_merges.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/error.h"

namespace millrace {
namespace {

// Every place to cut a token is tried, which takes the square of its bytes; Gemma's tokens take 40 million.
constexpr size_t kMostSteps = size_t{1} << 30;

struct Pair {
  double score;
  TokenId token, left, right;
  uint32_t left_characters, right_characters;
};

bool starts_character(char c) { return (c & 0xC0) != 0x80; }

}  // namespace

void add_derived_merges(TokenizerFile& file, const MergeOrder& order) {
  const Vocabulary& vocabulary = file.vocabulary;
  std::vector<Pair> pairs;
  size_t steps = 0;
  for (TokenId id = 0; id <= vocabulary.largest_id(); ++id) {
    const auto token = vocabulary.token_of(id);
    if (!token || vocabulary.id_of(*token) != id) continue;
    if (token->size() > kMostSteps || (steps += token->size() * token->size()) > kMostSteps)
      fail(ErrorKind::model, "the tokens are too long to be a vocabulary's");
    const double score = order.scores.empty() ? 0 : order.scores[static_cast<size_t>(id)];
    const auto characters =
        static_cast<uint32_t>(std::count_if(token->begin(), token->end(), starts_character));
    uint32_t before = 1;
    for (size_t cut = 1; cut < token->size(); ++cut) {
      if (!starts_character((*token)[cut])) continue;
      const auto left = vocabulary.id_of(token->substr(0, cut));
      const auto right = left ? vocabulary.id_of(token->substr(cut)) : std::nullopt;
      if (right) pairs.push_back({score, id, *left, *right, before, characters - before});
      ++before;
    }
  }
  // By rank from the first on, or by score from the best on; among equal scores the longest halves go first.
  const auto key = [&](const Pair& pair) {
    const int64_t way = order.scores.empty() ? 1 : -1;
    const auto left = order.by_length ? way * pair.left_characters : 0;
    const auto right = order.by_length ? way * pair.right_characters : 0;
    const TokenId rank = order.scores.empty() ? pair.token : 0;
    return std::tuple(-pair.score, rank, left, right, pair.token, pair.left, pair.right);
  };
  std::sort(pairs.begin(), pairs.end(), [&](const Pair& a, const Pair& b) { return key(a) < key(b); });
  for (const Pair& pair : pairs)
    file.add_merge(*vocabulary.token_of(pair.left), *vocabulary.token_of(pair.right));
  file.has_merges = true;
}

}  // namespace millrace
