#include "tokenizers/unigram.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"

namespace millrace {
namespace {

constexpr double kUnknownPenalty = 10;  // SentencePiece's: below the least score of all

}  // namespace

Unigram::Unigram(Vocabulary vocabulary, Options options)
    : SubwordModel(std::move(vocabulary)), options_(std::move(options)), nodes_(1) {
  const auto count = static_cast<TokenId>(options_.scores.size());
  if (options_.unknown && (*options_.unknown < 0 || *options_.unknown >= count))
    fail(ErrorKind::model, "'unk_id' is {}, but there are {} tokens", *options_.unknown, count);
  for (TokenId id = 0; id < count; ++id) {
    // Of tokens with the same text, the vocabulary keeps the last.
    const auto text = vocabulary_.token_of(id);
    if (text && !text->empty() && vocabulary_.id_of(*text) == id) insert(*text, id);
  }
  if (count > 0)
    unknown_score_ = *std::min_element(options_.scores.begin(), options_.scores.end()) - kUnknownPenalty;
}

void Unigram::insert(std::string_view token, TokenId id) {
  uint32_t node = 0;
  for (const char c : token) {
    const auto byte = static_cast<unsigned char>(c);
    auto& children = nodes_[node].children;
    auto child = std::lower_bound(children.begin(), children.end(), std::pair(byte, uint32_t{0}));
    if (child == children.end() || child->first != byte) {
      child = children.insert(child, {byte, static_cast<uint32_t>(nodes_.size())});
      node = child->second;
      nodes_.emplace_back();
    } else {
      node = child->second;
    }
  }
  nodes_[node].id = id;
}

std::vector<Unigram::Step> Unigram::best_steps(std::string_view word) const {
  std::vector<Step> steps(word.size() + 1);
  for (size_t begin = 0; begin < word.size();) {
    const size_t character = utf8::decode_at(word, begin).size;
    const double so_far = steps[begin].score;
    const auto offer = [&](size_t end, TokenId id, double score) {
      Step& step = steps[end];
      if (step.begin == kNowhere || so_far + score > step.score) step = {so_far + score, begin, id};
    };
    bool covered = false;
    uint32_t node = 0;
    for (size_t end = begin; end < word.size();) {
      const auto byte = static_cast<unsigned char>(word[end]);
      const auto& children = nodes_[node].children;
      const auto child = std::lower_bound(children.begin(), children.end(), std::pair(byte, uint32_t{0}));
      if (child == children.end() || child->first != byte) break;
      node = child->second;
      ++end;
      const TokenId id = nodes_[node].id;
      if (id < 0) continue;
      offer(end, id, options_.scores[static_cast<size_t>(id)]);
      covered |= end - begin == character;
    }
    if (!covered) {
      if (!options_.unknown)
        fail(ErrorKind::model, "the vocabulary has no token for '{}', nor an unknown token",
             word.substr(begin, character));
      offer(begin + character, *options_.unknown, unknown_score_);
    }
    begin += character;
  }
  return steps;
}

void Unigram::add_unknown(std::string_view text, std::vector<TokenId>& ids) const {
  if (const auto known = vocabulary_.id_of(text)) {  // fused, it may be a token after all
    ids.push_back(*known);
    return;
  }
  const size_t first = ids.size();
  for (size_t i = 0; i < text.size() && options_.byte_fallback; ++i) {
    const auto id = vocabulary_.id_of(fmt::format("<0x{:02X}>", static_cast<unsigned char>(text[i])));
    if (!id) {
      ids.resize(first);
      break;
    }
    ids.push_back(*id);
  }
  if (ids.size() == first) ids.push_back(*options_.unknown);
}

void Unigram::tokenize(std::string_view word, std::vector<TokenId>& ids) const {
  const std::vector<Step> steps = best_steps(word);
  std::vector<std::pair<size_t, TokenId>> path;  // begin and id, from the end
  for (size_t end = word.size(); end > 0; end = steps[end].begin)
    path.emplace_back(steps[end].begin, steps[end].id);
  std::reverse(path.begin(), path.end());
  for (size_t i = 0; i < path.size();) {
    if (!options_.unknown || path[i].second != *options_.unknown) {
      ids.push_back(path[i++].second);
      continue;
    }
    const size_t begin = path[i].first;
    while (i < path.size() && path[i].second == *options_.unknown) ++i;
    add_unknown(word.substr(begin, (i < path.size() ? path[i].first : word.size()) - begin), ids);
  }
}

}  // namespace millrace
