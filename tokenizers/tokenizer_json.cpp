#include "tokenizers/tokenizer_json.h"

#include <algorithm>
#include <utility>

#include "tokenizers/composed_tokenizer.h"
#include "tokenizers/tokenizer_file.h"
#include "tokenizers/unigram.h"
#include "tokenizers/word_piece.h"

namespace millrace {
namespace {

std::unique_ptr<const SubwordModel> make_bpe(const ComponentSpec& spec, TokenizerFile& file) {
  if (!file.has_merges) spec.refuse("has no 'merges'");
  if (file.scored) spec.refuse("'vocab' must be an object of tokens and ids");
  Bpe::Options options;
  if (spec.has("unk_token")) options.unknown = spec.text("unk_token");
  options.continuing_prefix = spec.text("continuing_subword_prefix", "");
  options.end_suffix = spec.text("end_of_word_suffix", "");
  options.fuse_unknown = spec.flag("fuse_unk", false);
  options.byte_fallback = spec.flag("byte_fallback", false);
  options.ignore_merges = spec.flag("ignore_merges", false);
  return std::make_unique<Bpe>(std::move(file.vocabulary), file.merges(), std::move(options));
}

std::unique_ptr<const SubwordModel> make_unigram(const ComponentSpec& spec, TokenizerFile& file) {
  if (!file.scored) spec.refuse("'vocab' must be a list of tokens and scores");
  Unigram::Options options{.scores = std::move(file.scores),
                           .byte_fallback = spec.flag("byte_fallback", false)};
  if (spec.has("unk_id")) {
    const int64_t unknown = spec.number("unk_id");
    if (unknown < 0 || unknown > Vocabulary::kMostId) spec.refuse("'unk_id' is {}", unknown);
    options.unknown = static_cast<TokenId>(unknown);
  }
  return std::make_unique<Unigram>(std::move(file.vocabulary), std::move(options));
}

std::unique_ptr<const SubwordModel> make_word_piece(const ComponentSpec& spec, TokenizerFile& file) {
  if (file.scored) spec.refuse("'vocab' must be an object of tokens and ids");
  return std::make_unique<WordPiece>(
      std::move(file.vocabulary),
      WordPiece::Options{.unknown = spec.text("unk_token", "[UNK]"),
                         .continuing_prefix = spec.text("continuing_subword_prefix", "##"),
                         .most_characters = spec.number("max_input_chars_per_word", 100)});
}

std::unique_ptr<const SubwordModel> make_word_level(const ComponentSpec& spec, TokenizerFile& file) {
  if (file.scored) spec.refuse("'vocab' must be an object of tokens and ids");
  return std::make_unique<WordLevel>(std::move(file.vocabulary), spec.text("unk_token", "<unk>"));
}

// Older files do not name the type.
std::string type_by_shape(const ComponentSpec& spec, const TokenizerFile& file) {
  if (file.has_merges) return "BPE";
  if (file.scored) return "Unigram";
  return spec.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
}

std::unique_ptr<const SubwordModel> make_model(const ComponentSpec& spec, TokenizerFile& file) {
  if (!file.has_vocabulary) spec.refuse("has no 'vocab'");
  const std::string type = spec.text("type", type_by_shape(spec, file));
  if (type == "BPE") return make_bpe(spec, file);
  if (type == "Unigram") return make_unigram(spec, file);
  if (type == "WordPiece") return make_word_piece(spec, file);
  if (type == "WordLevel") return make_word_level(spec, file);
  spec.refuse_type("model", {"BPE", "Unigram", "WordLevel", "WordPiece"});
}

std::vector<AddedToken> read_added_tokens(const ComponentSpec& root) {
  std::vector<AddedToken> tokens;
  if (!root.has("added_tokens")) return tokens;
  for (const ComponentSpec& spec : root.list("added_tokens")) tokens.push_back(read_added_token(spec));
  return tokens;
}

// What only the files beside tokenizer.json know.
std::vector<AddedToken> missing_tokens(const TokenizerConfig& config, const ComposedTokenizer::Parts& parts) {
  std::vector<AddedToken> missing;
  for (const auto& [id, token] : config.numbered) {
    if (!parts.added.has(token)) missing.push_back(token);
  }
  for (const AddedToken& token : config.named) {
    const auto same = [&](const AddedToken& other) { return other.content == token.content; };
    if (!parts.added.id_of(token.content) && std::none_of(missing.begin(), missing.end(), same))
      missing.push_back(token);
  }
  return missing;
}

void surround(const TokenizerFile& file, ComposedTokenizer::Parts& parts) {
  for (const auto& [texts, ids] :
       {std::pair(&file.before, &parts.post.before), std::pair(&file.after, &parts.post.after)})
    for (const std::string& text : *texts) {
      auto id = parts.added.id_of(text);
      if (!id) id = parts.model->vocabulary().id_of(text);
      if (id) ids->push_back(*id);
    }
}

}  // namespace

std::shared_ptr<const Tokenizer> tokenizer_from_json(std::string_view text, const std::string& name,
                                                     const TokenizerConfig& config) {
  return compose_tokenizer(parse_tokenizer_file(text, name), name, config);
}

std::shared_ptr<const Tokenizer> compose_tokenizer(TokenizerFile file, const std::string& name,
                                                   const TokenizerConfig& config) {
  const ComponentSpec root(file.document, name);
  if (!file.document.is_object()) root.refuse("must be an object");
  const auto part = [&](const char* key) {
    return ComponentSpec(file.document.at(key), fmt::format("{}: {}", name, key));
  };
  ComposedTokenizer::Parts parts;
  std::string where = "model";
  try {
    if (!root.has("model")) root.refuse("has no 'model'");
    parts.model = make_model(part("model"), file);
    if (root.has(where = "normalizer")) parts.normalizer = make_normalizer(part("normalizer"));
    if (root.has(where = "pre_tokenizer")) parts.pre_tokenizer = make_pre_tokenizer(part("pre_tokenizer"));
    if (root.has(where = "post_processor")) parts.post = make_post_processor(part("post_processor"));
    if (root.has(where = "decoder")) parts.decoder = make_decoder(part("decoder"));
    where = "added_tokens";
    parts.added.add(read_added_tokens(root), *parts.model, parts.normalizer.get());
    parts.added.add(missing_tokens(config, parts), *parts.model, parts.normalizer.get());
    surround(file, parts);
  } catch (const Error& error) {
    throw error.where().empty() ? error.at(fmt::format("{}: {}", name, where)) : error;
  }
  parts.special_tokens = config.special_tokens;
  parts.clean_up_spaces =
      config.clean_up_spaces && (parts.model->allows_space_cleanup() || config.clean_up_bpe_spaces);
  return std::make_shared<ComposedTokenizer>(std::move(parts));
}

}  // namespace millrace
