#include "tokenizers/sentencepiece_shapes.h"

#include <map>

namespace millrace {
namespace {

using json = nlohmann::json;
using Settings = SentencePieceSettings;

constexpr const char* kMark = "\u2581";

json replace(const char* from, const char* to) {
  return {{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
}
json sequence(const char* key, json parts) { return {{"type", "Sequence"}, {key, std::move(parts)}}; }
json metaspace(const char* scheme, bool split) {
  return {{"type", "Metaspace"}, {"replacement", kMark}, {"prepend_scheme", scheme}, {"split", split}};
}
json precompiled(const Settings& settings) {
  return {{"type", "Precompiled"}, {"precompiled_charsmap", settings.charsmap}};
}

// Marks to spaces, bytes to characters, and the space before the first word away where one is put there.
json byte_decoder(bool strip) {
  json parts = {replace(kMark, " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
  if (strip) parts.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  return sequence("decoders", std::move(parts));
}

SentencePieceShape llama(const Settings&, TokenizerConfig& config) {
  const bool prefix = config.add_prefix_space.value_or(true);
  config.default_token("bos_token", "<s>");
  config.default_token("eos_token", "</s>");
  config.default_token("unk_token", "<unk>");
  return {false,
          {{"model", {{"type", "BPE"}, {"fuse_unk", true}, {"byte_fallback", true}}},
           {"pre_tokenizer", metaspace(!prefix         ? "never"
                                       : config.legacy ? "always"
                                                       : "first",
                                       false)},
           {"decoder", byte_decoder(prefix)}}};
}

SentencePieceShape gemma(const Settings&, TokenizerConfig& config) {
  config.default_token("bos_token", "<bos>");
  config.default_token("eos_token", "<eos>");
  config.default_token("unk_token", "<unk>");
  config.default_token("pad_token", "<pad>");
  config.default_token("mask_token", "<mask>");
  return {false,
          {{"model",
            {{"type", "BPE"},
             {"unk_token", config.special_tokens["unk_token"]},
             {"fuse_unk", true},
             {"byte_fallback", true}}},
           {"normalizer", replace(" ", kMark)},
           {"pre_tokenizer",
            {{"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "MergedWithPrevious"}}},
           {"decoder", byte_decoder(false)}}};
}

// Unigram models that split at white space first: T5, XLM-RoBERTa.
SentencePieceShape words(const Settings& settings, int64_t unknown, const char* scheme) {
  json document = {
      {"model", {{"type", "Unigram"}, {"unk_id", unknown}, {"byte_fallback", false}}},
      {"pre_tokenizer", sequence("pretokenizers", {{{"type", "WhitespaceSplit"}}, metaspace(scheme, true)})},
      {"decoder", metaspace(scheme, true)}};
  if (!settings.charsmap.empty()) document["normalizer"] = precompiled(settings);
  return {true, std::move(document)};
}

SentencePieceShape t5(const Settings& settings, TokenizerConfig& config) {
  config.default_token("eos_token", "</s>");
  config.default_token("unk_token", "<unk>");
  config.default_token("pad_token", "<pad>");
  config.add_bos = false, config.add_eos = true;
  SentencePieceShape shape = words(settings, 2, "always");
  for (int64_t i = config.extra_ids; i-- > 0;) {
    shape.more_tokens.push_back(fmt::format("<extra_id_{}>", i));
    config.named.push_back({.content = shape.more_tokens.back(), .normalized = false, .special = true});
  }
  return shape;
}

json replace_all(const char* pattern, const char* to) {
  return {{"type", "Replace"}, {"pattern", {{"Regex", pattern}}}, {"content", to}};
}

// SigLIP's texts are made alike first: lower case, no punctuation, single spaces. The mark that is put before
// them is taken for a word's begin, even where a space follows it.
SentencePieceShape siglip(const Settings& settings, TokenizerConfig& config) {
  config.default_token("eos_token", "</s>");
  config.default_token("unk_token", "<unk>");
  config.default_token("pad_token", "</s>");
  config.add_bos = false, config.add_eos = true;
  const json strip = {{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}};
  json normalizers = {replace(kMark, " "), {{"type", "Prepend"}, {"prepend", kMark}}};
  if (config.lower_case) normalizers.push_back({{"type", "Lowercase"}});
  normalizers.push_back(replace_all("[!-/:-@\\[-`{-~]", ""));
  normalizers.push_back(replace_all("[\\s\\x1c-\\x1f]+", " "));
  normalizers.push_back(strip);
  if (!settings.charsmap.empty()) normalizers.push_back(precompiled(settings));
  normalizers.push_back(replace_all(" {2,}", " "));  // which the map may have made
  normalizers.push_back(strip);
  normalizers.push_back(replace_all("\u2581$", ""));
  normalizers.push_back(replace(" ", kMark));
  return {true,
          {{"model",
            {{"type", "Unigram"}, {"unk_id", settings.unknown}, {"byte_fallback", settings.byte_fallback}}},
           {"normalizer", sequence("normalizers", std::move(normalizers))},
           {"decoder", metaspace("always", true)}}};
}

// Any other class: the file's own settings, as far as transformers takes them up.
SentencePieceShape generic(const Settings& settings, TokenizerConfig& config) {
  config.default_token("bos_token", "<s>");
  config.default_token("eos_token", "</s>");
  config.default_token("unk_token", settings.unknown_piece);
  json model = {{"type", "BPE"},
                {"unk_token", settings.unknown_piece},
                {"fuse_unk", true},
                {"byte_fallback", settings.byte_fallback}};
  if (settings.unigram)
    model = {{"type", "Unigram"}, {"unk_id", settings.unknown}, {"byte_fallback", settings.byte_fallback}};
  json normalizers = json::array();
  if (!settings.charsmap.empty()) normalizers.push_back(precompiled(settings));
  normalizers.push_back(replace(" ", kMark));
  return {settings.unigram,
          {{"model", std::move(model)},
           {"normalizer", sequence("normalizers", std::move(normalizers))},
           {"decoder", settings.byte_fallback ? byte_decoder(false)
                                              : sequence("decoders", json::array({replace(kMark, " ")}))}}};
}

}  // namespace

SentencePieceShape sentencepiece_shape(std::string_view tokenizer_class, const Settings& settings,
                                       TokenizerConfig& config) {
  static const std::map<std::string_view, SentencePieceShape (*)(const Settings&, TokenizerConfig&)> kShapes =
      {{"CodeLlamaTokenizer", llama},
       {"GemmaTokenizer", gemma},
       {"LlamaTokenizer", llama},
       {"SiglipTokenizer", siglip},
       {"T5Tokenizer", t5}};
  const auto found = kShapes.find(tokenizer_class);
  return found == kShapes.end() ? generic(settings, config) : found->second(settings, config);
}

}  // namespace millrace
