#include "tokenizers/gguf_vocabulary.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/error.h"
#include "base/gguf_file.h"
#include "base/utf8.h"
#include "tokenizers/byte_level.h"
#include "tokenizers/derived_merges.h"
#include "tokenizers/sentencepiece_shapes.h"
#include "tokenizers/tokenizer_file.h"
#include "tokenizers/tokenizer_json.h"
#include "tokenizers/word_patterns.h"

namespace millrace {
namespace {

constexpr const char* kMark = "\u2581";
enum TokenType : int64_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };

// A tokenizer on its way from the metadata.
struct Reading {
  const GgufFile& gguf;
  std::string model;
  std::vector<std::string> tokens;
  std::vector<int64_t> types;  // by id; empty: all normal
  TokenizerFile file = {};
  TokenizerConfig config = {};

  bool has_type(size_t id, TokenType type) const { return !types.empty() && types[id] == type; }
  std::optional<std::string> token_at(const char* key) const {
    const auto id = gguf.integer(key);
    if (!id || *id < 0 || static_cast<size_t>(*id) >= tokens.size()) return std::nullopt;
    return tokens[static_cast<size_t>(*id)];
  }
};

template <class T>
void check_count(const Reading& reading, const std::vector<T>& values, const char* key) {
  if (!values.empty() && values.size() != reading.tokens.size())
    fail_at(ErrorKind::model, reading.gguf.place(key), "holds {} values for {} tokens", values.size(),
            reading.tokens.size());
}

std::vector<double> scores_of(const Reading& reading) {
  auto scores = reading.gguf.reals("tokenizer.ggml.scores");
  check_count(reading, scores, "tokenizer.ggml.scores");
  scores.resize(reading.tokens.size());
  return scores;
}

void fill_vocabulary(Reading& reading) {
  for (size_t id = 0; id < reading.tokens.size(); ++id)
    reading.file.vocabulary.add(reading.tokens[id], static_cast<int64_t>(id));
  reading.file.has_vocabulary = true;
}

bool read_merges(Reading& reading) {
  if (!reading.gguf.has("tokenizer.ggml.merges")) return false;
  for (const auto merge : reading.gguf.texts("tokenizer.ggml.merges")) {
    // The space between the halves is not the one that a half may begin with.
    const size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos)
      fail_at(ErrorKind::model, reading.gguf.place("tokenizer.ggml.merges"), "'{}' is no merge", merge);
    reading.file.add_merge(merge.substr(0, space), merge.substr(space + 1));
  }
  return reading.file.has_merges = true;
}

void byte_level_model(Reading& reading) {
  for (size_t id = 0; id < reading.tokens.size(); ++id) {
    // Some files spell ordinary tokens as text. Those that are looked for in the text stay as they are.
    std::string& token = reading.tokens[id];
    if (reading.has_type(id, control) || reading.has_type(id, user_defined)) continue;
    if (!byte_level::decoded(token)) token = byte_level::encoded(token);
  }
  fill_vocabulary(reading);
  if (!read_merges(reading))
    fail_at(ErrorKind::model, reading.gguf.place("tokenizer.ggml.tokens"), "has no tokenizer.ggml.merges");
  const auto pre = reading.gguf.text("tokenizer.ggml.pre").value_or("default");
  reading.file.document = byte_level_document(byte_level_rules(pre));
}

bool is_only_spaces(std::string_view token) {
  return !token.empty() && token.find_first_not_of(' ') == std::string_view::npos;
}

void sentencepiece_model(Reading& reading, bool gemma) {
  const auto architecture = reading.gguf.text("general.architecture").value_or("");
  gemma = gemma || architecture == "gemma" || architecture == "gemma2" || architecture == "gemma3";
  std::vector<double> scores = scores_of(reading);
  if (gemma) {
    for (size_t id = 0; id < reading.tokens.size(); ++id) {
      scores[id] = -static_cast<double>(id);  // the order of the merges; the scores are not
      std::string& token = reading.tokens[id];
      if (token.size() < 2 || !is_only_spaces(token)) continue;
      std::string marks;
      for (size_t i = 0; i < token.size(); ++i) marks += kMark;
      token = marks;
    }
  }
  if (const auto prefix = reading.gguf.flag("tokenizer.ggml.add_space_prefix"))
    reading.config.add_prefix_space = *prefix;
  TokenizerConfig of_class = reading.config;  // the file names its special tokens itself
  of_class.default_token("unk_token", "<unk>");
  auto& document = reading.file.document;
  document = sentencepiece_shape(gemma ? "GemmaTokenizer" : "LlamaTokenizer", {}, of_class).document;
  if (architecture == "phi3") {  // puts the space before every text between special tokens, spaces or not
    document.erase("pre_tokenizer");
    document["normalizer"] = {{"type", "Sequence"},
                              {"normalizers",
                               {{{"type", "Prepend"}, {"prepend", kMark}},
                                {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", kMark}}}}};
  }
  fill_vocabulary(reading);
  if (!read_merges(reading)) add_derived_merges(reading.file, {.scores = scores});
}

void t5_model(Reading& reading) {
  // The sentinels of T5 come as placeholders.
  int64_t left = reading.config.extra_ids;
  for (std::string& token : reading.tokens)
    if (left > 0 && token.starts_with("[PAD") && token.ends_with(']'))
      token = fmt::format("<extra_id_{}>", --left);
  SentencePieceSettings settings;
  if (reading.gguf.has("tokenizer.ggml.precompiled_charsmap")) {
    std::string bytes;
    for (const int64_t value : reading.gguf.integers("tokenizer.ggml.precompiled_charsmap"))
      bytes += static_cast<char>(value);
    settings.charsmap = encode_base64(bytes);
  }
  reading.config.extra_ids = 0;
  reading.file.document = sentencepiece_shape("T5Tokenizer", settings, reading.config).document;
  reading.file.document["model"]["unk_id"] =
      reading.gguf.integer("tokenizer.ggml.unknown_token_id").value_or(2);
  for (const std::string& token : reading.tokens)
    if (token.starts_with("<extra_id_"))
      reading.config.named.push_back({.content = token, .normalized = false, .special = true});
  fill_vocabulary(reading);
  reading.file.scores = scores_of(reading);
  reading.file.scored = true;
}

// Words begin with a mark there, where BERT's own vocabulary marks what does not begin one.
void bert_model(Reading& reading) {
  for (size_t id = 0; id < reading.tokens.size(); ++id) {
    std::string& token = reading.tokens[id];
    if (token.starts_with(kMark)) {
      token.erase(0, std::string_view(kMark).size());
    } else if (!(token.starts_with('[') && token.ends_with(']')) && !reading.has_type(id, control)) {
      token.insert(0, "##");
    }
  }
  fill_vocabulary(reading);
  reading.file.document = {
      {"model",
       {{"type", "WordPiece"},
        {"unk_token", reading.token_at("tokenizer.ggml.unknown_token_id").value_or("[UNK]")}}},
      {"normalizer", {{"type", "BertNormalizer"}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}}};
}

void name_special_tokens(Reading& reading) {
  for (const auto& [name, key] : std::initializer_list<std::pair<const char*, const char*>>{
           {"bos_token", "tokenizer.ggml.bos_token_id"},
           {"eos_token", "tokenizer.ggml.eos_token_id"},
           {"unk_token", "tokenizer.ggml.unknown_token_id"},
           {"sep_token", "tokenizer.ggml.seperator_token_id"},
           {"pad_token", "tokenizer.ggml.padding_token_id"},
           {"cls_token", "tokenizer.ggml.cls_token_id"},
           {"mask_token", "tokenizer.ggml.mask_token_id"},
           {"eot_token", "tokenizer.ggml.eot_token_id"},
           {"eom_token", "tokenizer.ggml.eom_token_id"}})
    if (const auto token = reading.token_at(key)) reading.config.default_token(name, *token);
  for (size_t id = 0; id < reading.tokens.size(); ++id)
    if (reading.has_type(id, control) || reading.has_type(id, user_defined))
      reading.config.named.push_back(
          {.content = reading.tokens[id], .normalized = false, .special = reading.has_type(id, control)});
}

// What goes around a text: by the file's flags, else as each model has it.
void surround(Reading& reading) {
  const bool bert = reading.model == "bert", llama = reading.model == "llama", t5 = reading.model == "t5";
  const auto flag = [&](const char* key, bool otherwise) {
    return reading.gguf.flag(key).value_or(otherwise);
  };
  const auto put = [&](const char* name, const char* second, std::vector<std::string>& where) {
    const auto& special = reading.config.special_tokens;
    auto found = special.find(name);
    if (found == special.end()) found = special.find(second);
    if (found != special.end()) where.push_back(found->second);
  };
  const bool wanted = flag("tokenizer.ggml.add_bos_token", bert || llama) && reading.model != "gemma4";
  if (wanted) put(bert ? "cls_token" : "bos_token", "bos_token", reading.file.before);
  if (flag("tokenizer.ggml.add_eos_token", bert || t5))
    put(bert ? "sep_token" : "eos_token", "eos_token", reading.file.after);
}

}  // namespace

std::shared_ptr<const Tokenizer> tokenizer_from_gguf(const GgufFile& file, const std::string& name) {
  const auto model = file.text("tokenizer.ggml.model");
  if (!model || !file.has("tokenizer.ggml.tokens")) fail_at(ErrorKind::model, name, "holds no tokenizer");
  Reading reading{.gguf = file, .model = std::string(*model), .tokens = {}, .types = {}};
  for (const auto token : file.texts("tokenizer.ggml.tokens"))
    reading.tokens.push_back(utf8::sanitized(token));
  reading.types = file.integers("tokenizer.ggml.token_type");
  check_count(reading, reading.types, "tokenizer.ggml.token_type");
  try {
    if (reading.model == "gpt2") {
      byte_level_model(reading);
    } else if (reading.model == "llama" || reading.model == "gemma4") {
      sentencepiece_model(reading, reading.model == "gemma4");
    } else if (reading.model == "t5") {
      t5_model(reading);
    } else if (reading.model == "bert") {
      bert_model(reading);
    } else {
      fail(ErrorKind::model, "the tokenizer model '{}' is not known; gpt2, llama, gemma4, t5 and bert are",
           reading.model);
    }
    name_special_tokens(reading);
    surround(reading);
    return compose_tokenizer(std::move(reading.file), name, reading.config);
  } catch (const Error& error) {
    throw error.where().empty() ? error.at(file.place("tokenizer.ggml.model")) : error;
  }
}

}  // namespace millrace
