#include "tokenizers/ranked_vocabulary.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/json_file.h"
#include "base/limits.h"
#include "tokenizers/composed_tokenizer.h"
#include "tokenizers/tokenizer_file.h"
#include "tokenizers/vocabulary_files.h"

namespace millrace {
namespace {

// Finding a token's halves takes the square of its bytes; Whisper's tokens take 4 million together.
constexpr size_t kMostSteps = size_t{1} << 26;

std::vector<std::string> read_list(const std::filesystem::path& file) {
  const std::string text = read_text(file, ErrorKind::model, limits::kTokenizerBytes);
  std::vector<std::string> tokens;
  if (file.extension() == ".json") {
    const auto document = parse_json(text, file.string(), ErrorKind::model);
    if (!document.is_array()) fail_at(ErrorKind::model, file.string(), "must be a list of tokens");
    for (const auto& token : document) {
      if (!token.is_string()) fail_at(ErrorKind::model, file.string(), "must be a list of tokens");
      tokens.push_back(token.get<std::string>());
    }
    return tokens;
  }
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    tokens.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return tokens;
}

bool is_added(std::string_view token) {
  return token.size() > 4 && token.starts_with("<|") && token.ends_with("|>");
}

// "<|0.02|>"
bool is_time(std::string_view token) {
  return is_added(token) && token.substr(2, token.size() - 4).find_first_not_of("0123456789.") == token.npos;
}

std::vector<std::string_view> characters(std::string_view token) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at < token.size();) {
    size_t size = 1;
    while (at + size < token.size() && (static_cast<unsigned char>(token[at + size]) & 0xC0) == 0x80) ++size;
    parts.push_back(token.substr(at, size));
    at += size;
  }
  return parts;
}

// What the merges of lower rank than its own leave of a token: the two halves of its merge, or else.
std::vector<std::string_view> parts_of(std::string_view token, TokenId rank, const Vocabulary& vocabulary) {
  auto parts = characters(token);
  while (parts.size() > 2) {
    TokenId lowest = rank;
    size_t at = 0;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto id = vocabulary.id_of({parts[i].data(), parts[i].size() + parts[i + 1].size()});
      if (id && *id < lowest) lowest = *id, at = i;
    }
    if (lowest == rank) break;
    parts[at] = {parts[at].data(), parts[at].size() + parts[at + 1].size()};
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  return parts;
}

}  // namespace

std::shared_ptr<const Tokenizer> tokenizer_from_ranked_vocabulary(const std::filesystem::path& file,
                                                                  const TokenizerConfig& config) {
  const auto tokens = read_list(file);
  if (tokens.size() > static_cast<size_t>(Vocabulary::kMostId))
    fail_at(ErrorKind::model, file.string(), "holds more than {} tokens", Vocabulary::kMostId);
  TokenizerFile made;
  TokenizerConfig with_added = config;
  for (size_t id = 0; id < tokens.size(); ++id) {
    made.vocabulary.add(tokens[id], static_cast<int64_t>(id));
    if (is_added(tokens[id]))
      with_added.numbered.emplace_back(
          id, AddedToken{.content = tokens[id], .normalized = false, .special = !is_time(tokens[id])});
  }
  size_t steps = 0;
  for (size_t id = 0; id < tokens.size(); ++id) {
    if (is_added(tokens[id])) continue;
    const size_t size = tokens[id].size();
    if (size > kMostSteps || (steps += size * size) > kMostSteps)
      fail_at(ErrorKind::model, file.string(), "its tokens are too long to be a vocabulary's");
    const auto parts = parts_of(tokens[id], static_cast<TokenId>(id), made.vocabulary);
    if (parts.size() == 2 && made.vocabulary.id_of(parts[0]) && made.vocabulary.id_of(parts[1]))
      made.add_merge(parts[0], parts[1]);
  }
  return byte_level_tokenizer(std::move(made), with_added, file.string());
}

}  // namespace millrace
