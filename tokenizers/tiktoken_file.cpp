#include "tokenizers/tiktoken_file.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/base64.h"
#include "base/error.h"
#include "tokenizers/byte_level.h"
#include "tokenizers/derived_merges.h"
#include "tokenizers/tokenizer_file.h"
#include "tokenizers/tokenizer_json.h"
#include "tokenizers/word_patterns.h"

namespace millrace {
namespace {

struct Line {
  std::string token;
  int64_t rank = -1;
};

std::optional<Line> parse_line(std::string_view line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  auto token = decode_base64(line.substr(0, space));
  Line made;
  const char* end = line.data() + line.size();
  const auto [stop, error] = std::from_chars(line.data() + space + 1, end, made.rank);
  if (!token || error != std::errc() || stop != end || made.rank < 0) return std::nullopt;
  made.token = std::move(*token);
  return made;
}

// What the config of a folder says besides: ids beyond the ranks, and placeholders where it leaves some out.
void add_reserved(const Vocabulary& vocabulary, TokenizerConfig& config) {
  std::map<int64_t, AddedToken> numbered(config.numbered.begin(), config.numbered.end());
  const auto first = static_cast<int64_t>(vocabulary.count());
  const int64_t last = numbered.empty() ? -1 : numbered.rbegin()->first;
  for (int64_t id = first; id <= last; ++id)
    numbered.try_emplace(
        id, AddedToken{
                .content = fmt::format("<|reserved_token_{}|>", id), .normalized = false, .special = true});
  config.numbered.assign(numbered.begin(), numbered.end());
}

std::string_view next_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool is_tiktoken(std::string_view text) { return parse_line(next_line(text)).has_value(); }

std::shared_ptr<const Tokenizer> tokenizer_from_tiktoken(std::string_view text, const std::string& name,
                                                         TokenizerConfig config) {
  TokenizerFile file;
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = next_line(text);
    if (line.empty()) continue;
    const auto parsed = parse_line(line);
    if (!parsed)
      fail_at(ErrorKind::model, fmt::format("{}:{}", name, number), "is not a token in base64 and its rank");
    file.vocabulary.add(byte_level::encoded(parsed->token), parsed->rank);
  }
  file.has_vocabulary = true;
  add_derived_merges(file, {.by_length = false});
  add_reserved(file.vocabulary, config);
  const std::string_view pattern = tiktoken_pattern(config.tokenizer_class);
  file.document = byte_level_document({.pattern = std::string(pattern), .ignore_merges = true});
  if (config.add_bos && config.special_tokens.contains("bos_token"))
    file.before.push_back(config.special_tokens["bos_token"]);
  if (config.add_eos && config.special_tokens.contains("eos_token"))
    file.after.push_back(config.special_tokens["eos_token"]);
  return compose_tokenizer(std::move(file), name, config);
}

}  // namespace millrace
