#include "tokenizers/vocabulary_files.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_file.h"
#include "base/limits.h"
#include "tokenizers/composed_tokenizer.h"
#include "tokenizers/tokenizer_file.h"
#include "tokenizers/tokenizer_json.h"

namespace millrace {
namespace {

Vocabulary read_vocabulary(const std::filesystem::path& path) {
  const auto document = read_json(path, ErrorKind::model, limits::kTokenizerBytes);
  const ComponentSpec spec(document, path.string());
  if (!document.is_object()) spec.refuse("must be an object of tokens and ids");
  Vocabulary vocabulary;
  for (const auto& [token, id] : document.items()) {
    if (!id.is_number_integer()) spec.refuse("token '{}' has an id that is no whole number", token);
    vocabulary.add(token, id.get<int64_t>());
  }
  return vocabulary;
}

void read_merges(const std::filesystem::path& path, TokenizerFile& into) {
  const std::string text = read_text(path, ErrorKind::model, limits::kTokenizerBytes);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) into.add_merge_line(line);
    at = end + 1;
  }
}

// What transformers' tokenizers put around a text; no file beside a vocabulary says it.
struct Surroundings {
  std::string_view tokenizer_class;
  std::vector<std::string_view> before, after;
};
const Surroundings kSurroundings[] = {
    {"WhisperTokenizer", {"<|startoftranscript|>", "<|notimestamps|>"}, {"<|endoftext|>"}},
};

// Nothing where the vocabulary lacks one of the tokens.
PostProcessor surroundings(const std::string& tokenizer_class, const AddedTokens& tokens) {
  for (const auto& [name, before, after] : kSurroundings) {
    if (name != tokenizer_class) continue;
    PostProcessor made;
    for (const auto& [texts, ids] : {std::pair(&before, &made.before), std::pair(&after, &made.after)})
      for (const auto text : *texts) {
        const auto id = tokens.id_of(text);
        if (!id) return {};
        ids->push_back(*id);
      }
    return made;
  }
  return {};
}

}  // namespace

std::shared_ptr<const Tokenizer> byte_level_tokenizer(TokenizerFile file, const TokenizerConfig& config,
                                                      const std::string& where) {
  ComposedTokenizer::Parts parts;
  const auto merges = file.merges();
  parts.model = std::make_unique<Bpe>(std::move(file.vocabulary), merges, Bpe::Options{});
  const nlohmann::json byte_level = {{"type", "ByteLevel"},
                                     {"add_prefix_space", config.add_prefix_space.value_or(false)},
                                     {"use_regex", true}};
  const ComponentSpec spec(byte_level, where);
  parts.pre_tokenizer = make_pre_tokenizer(spec);
  parts.decoder = make_decoder(spec);

  // The numbered tokens must take the numbers they have.
  std::vector<AddedToken> tokens;
  for (const auto& [id, token] : config.numbered) tokens.push_back(token);
  for (AddedToken& token : tokens) {
    const auto named = [&](const AddedToken& other) { return other.content == token.content; };
    if (std::any_of(config.named.begin(), config.named.end(), named)) token.special = true;
  }
  for (const AddedToken& token : config.named) {
    const auto same = [&](const AddedToken& other) { return other.content == token.content; };
    if (std::none_of(tokens.begin(), tokens.end(), same)) tokens.push_back(token);
  }
  parts.added.add(tokens, *parts.model, nullptr);
  for (const auto& [id, token] : config.numbered) {
    const auto given = parts.added.id_of(token.content);
    if (given != id)
      fail_at(ErrorKind::model, where, "the token '{}' has the id {}, but its place is {}", token.content, id,
              given.value_or(-1));
  }
  parts.special_tokens = config.special_tokens;
  parts.post = surroundings(config.tokenizer_class, parts.added);
  return std::make_shared<ComposedTokenizer>(std::move(parts));
}

namespace {

// CLIP's words end in "</w>", and begin wherever letters, digits and the rest meet.
std::shared_ptr<const Tokenizer> clip_tokenizer(TokenizerFile file, TokenizerConfig config,
                                                const std::string& where) {
  using json = nlohmann::json;
  config.default_token("bos_token", "<|startoftext|>");
  for (const char* name : {"eos_token", "pad_token", "unk_token"})
    config.default_token(name, "<|endoftext|>");
  const json spaces = {{"type", "Replace"}, {"pattern", {{"Regex", "\\s+"}}}, {"content", " "}};
  const json words = {{"type", "Split"},
                      {"pattern",
                       {{"Regex",
                         "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|"
                         "[^\\s\\p{L}\\p{N}]+"}}},
                      {"behavior", "Removed"},
                      {"invert", true}};
  const json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}};
  file.document = {
      {"model",
       {{"type", "BPE"}, {"unk_token", config.special_tokens["unk_token"]}, {"end_of_word_suffix", "</w>"}}},
      {"normalizer",
       {{"type", "Sequence"}, {"normalizers", {{{"type", "NFC"}}, spaces, {{"type", "Lowercase"}}}}}},
      {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", {words, bytes}}}},
      {"decoder", {{"type", "ByteLevel"}}}};
  file.has_vocabulary = file.has_merges = true;
  file.before = {config.special_tokens["bos_token"]};
  file.after = {config.special_tokens["eos_token"]};
  return compose_tokenizer(std::move(file), where, config);
}

}  // namespace

std::shared_ptr<const Tokenizer> tokenizer_from_vocabulary_files(const std::filesystem::path& folder,
                                                                 const TokenizerConfig& config) {
  TokenizerFile file;
  std::filesystem::path reading = folder / "vocab.json";
  try {
    file.vocabulary = read_vocabulary(reading);
    reading = folder / "merges.txt";
    read_merges(reading, file);
    if (config.tokenizer_class == "CLIPTokenizer")
      return clip_tokenizer(std::move(file), config, folder.string());
    return byte_level_tokenizer(std::move(file), config, folder.string());
  } catch (const Error& error) {
    throw error.where().empty() ? error.at(reading.string()) : error;
  }
}

}  // namespace millrace
