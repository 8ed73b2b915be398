#include "tokenizers/word_patterns.h"

#include <map>

#include "base/error.h"
#include "base/suggest.h"

namespace millrace {
namespace {

using json = nlohmann::json;

#define CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define UPPER R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])"
#define LOWER R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])"
#define UPPER_NOT_HAN R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]])"
#define LOWER_NOT_HAN R"([\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]])"
#define SPACES R"(|\s*[\r\n]+|\s+(?!\S)|\s+)"

constexpr const char* kLlama3 =
    CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)" SPACES;
constexpr const char* kQwen2 =
    CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)" SPACES;
constexpr const char* kQwen35 =
    CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*)" SPACES;
constexpr const char* kGpt4o =
    R"([^\r\n\p{L}\p{N}]?)" UPPER "*" LOWER "+" CONTRACTIONS R"(?|[^\r\n\p{L}\p{N}]?)" UPPER "+" LOWER
    "*" CONTRACTIONS R"(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*)" SPACES;
constexpr const char* kTekken = R"([^\r\n\p{L}\p{N}]?)" UPPER "*" LOWER R"(+|[^\r\n\p{L}\p{N}]?)" UPPER
                                "+" LOWER R"(*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*)" SPACES;
constexpr const char* kKimi = R"([\p{Han}]+|[^\r\n\p{L}\p{N}]?)" UPPER_NOT_HAN "*" LOWER_NOT_HAN
                              "+" CONTRACTIONS R"(?|[^\r\n\p{L}\p{N}]?)" UPPER_NOT_HAN "+" LOWER_NOT_HAN
                              "*" CONTRACTIONS R"(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)" SPACES;
constexpr const char* kBloom = R"( ?[^(\s|[.,!?…。，、।۔،])]+)";
constexpr const char* kDeepSeekCjk = R"([一-龥ࠀ-一가-퟿]+)";
constexpr const char* kDeepSeek3 =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*)" SPACES;

#undef CONTRACTIONS
#undef UPPER
#undef LOWER
#undef UPPER_NOT_HAN
#undef LOWER_NOT_HAN
#undef SPACES

const std::map<std::string, ByteLevelRules, std::less<>>& rules_by_name() {
  static const auto kRules = [] {
    std::map<std::string, ByteLevelRules, std::less<>> rules;
    const auto put = [&](std::initializer_list<const char*> names, const ByteLevelRules& one) {
      for (const char* name : names) rules[name] = one;
    };
    put({"default", "gpt-2", "gpt2", "phi-2", "jais", "exaone4", "roberta-bpe", "jina-es", "jina-de",
         "jina-v2-es", "jina-v2-de", "jina-v2-code", "a.x-4.0", "mellum", "modern-bert"},
        {});
    put({"mpt", "olmo", "gpt-neox", "trillion", "granite-docling"}, {.nfc = true});
    put({"starcoder", "refact", "smollm", "codeshell", "exaone", "minerva-7b"}, {.single_digits = true});
    put({"command-r"}, {.single_digits = true, .nfc = true});
    put({"llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
         "jina-v5-nano"},
        {.pattern = kLlama3, .ignore_merges = true});
    put({"dbrx", "smaug-bpe", "chatglm-bpe", "glm4", "grok-2"}, {.pattern = kLlama3});
    put({"qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "hunyuan-dense"},
        {.pattern = kQwen2, .nfc = true});
    put({"qwen35"}, {.pattern = kQwen35, .nfc = true});
    put({"gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"}, {.pattern = kGpt4o});
    put({"tekken"}, {.pattern = kTekken, .ignore_merges = true});
    put({"kimi-k2"}, {.pattern = kKimi, .ignore_merges = true});
    put({"bloom", "gpt3-finnish", "poro-chat"}, {.pattern = kBloom});
    put({"viking"}, {.pattern = kBloom, .single_digits = true});
    put({"superbpe"}, {.pattern = R"(\p{N}+)", .cuts = {R"((?=(\d{3})+(?!\d)))"}});
    put({"falcon"}, {.cuts = {"[0-9][0-9][0-9]"}, .joined_punctuation = true});
    // The letters of this one are the cased ones.
    put({"deepseek-llm"}, {.cuts = {R"([\r\n])", R"(\s?[\p{Lu}\p{Lt}\p{Ll}]+)",
                                    R"(\s?[!-/:-~！-／：-～‘-‟　-。]+)", R"(\s+$)", kDeepSeekCjk},
                           .single_digits = true});
    put({"deepseek-coder"},
        {.cuts = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)", kDeepSeekCjk}, .single_digits = true});
    put({"deepseek-v3", "hunyuan-v3", "joyai-llm"},
        {.pattern = kDeepSeek3, .cuts = {R"(\p{N}{1,3})", R"([一-龥぀-ゟ゠-ヿ]+)"}});
    return rules;
  }();
  return kRules;
}

json split(const std::string& pattern) {
  return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}
json byte_level(bool use_regex) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", use_regex}};
}

}  // namespace

json byte_level_document(const ByteLevelRules& rules) {
  json parts = json::array();
  if (rules.joined_punctuation) {  // Falcon's order: GPT-2's words first
    parts.push_back({{"type", "Punctuation"}, {"behavior", "Contiguous"}});
    parts.push_back(byte_level(true));
    parts.push_back({{"type", "Digits"}, {"individual_digits", false}});
    for (const std::string& cut : rules.cuts) parts.push_back(split(cut));
  } else {
    for (const std::string& cut : rules.cuts) parts.push_back(split(cut));
    if (!rules.pattern.empty()) parts.push_back(split(rules.pattern));
    if (rules.single_digits) parts.push_back({{"type", "Digits"}, {"individual_digits", true}});
    parts.push_back(byte_level(rules.pattern.empty() && rules.cuts.empty()));
  }
  json document = {{"model", {{"type", "BPE"}, {"ignore_merges", rules.ignore_merges}}},
                   {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", std::move(parts)}}},
                   {"decoder", {{"type", "ByteLevel"}}}};
  if (rules.nfc) document["normalizer"] = {{"type", "NFC"}};
  return document;
}

ByteLevelRules byte_level_rules(std::string_view pre) {
  const auto found = rules_by_name().find(pre);
  if (found != rules_by_name().end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [name, rules] : rules_by_name()) known.push_back(name);
  fail(ErrorKind::model, "the pre-tokenizer '{}' is not known{}", pre, did_you_mean(std::string(pre), known));
}

std::string_view tiktoken_pattern(std::string_view tokenizer_class) {
  static const std::map<std::string_view, std::string_view> kPatterns = {
      {"QWenTokenizer", kQwen2}, {"Qwen2Tokenizer", kQwen2}, {"TikTokenTokenizer", kKimi}};
  const auto found = kPatterns.find(tokenizer_class);
  return found == kPatterns.end() ? kLlama3 : found->second;
}

}  // namespace millrace
