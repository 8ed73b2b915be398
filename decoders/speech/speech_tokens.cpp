#include "decoders/speech/speech_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "decoders/speech/languages.h"

namespace millrace {
namespace {

constexpr int kTimestamps = 1501;  // 0 to 30 seconds in steps of 0.02
// From this size on a Whisper vocabulary has the languages: the English-only one has 51864 tokens.
constexpr int64_t kMultilingualVocabulary = 51865;

// Symbols that are suppressed where they are a token of their own, alone or after a space.
constexpr std::array<std::string_view, 45> kSymbols = {
    "\"",  "#",  "(",   ")",  "*",  "+",  "/",   ":",  ";",  "<",   "=",   ">",  "@",  "[",  "\\",
    "]",   "^",  "_",   "`",  "{",  "|",  "}",   "~",  "「", "」",  "『",  "』", "<<", ">>", "<<<",
    ">>>", "--", "---", "-(", "-[", "('", "(\"", "((", "))", "(((", ")))", "[[", "]]", "{{", "}}"};
// Symbols that may be several tokens: their first is suppressed. Each stands between U+2640 and U+267F and
// shares the first bytes with symbols that nobody speaks either.
constexpr std::array<std::string_view, 9> kNotes = {"♪♪", "♪♪♪", "♩", "♪", "♫", "♬", "♭", "♮", "♯"};

std::vector<TokenId> find_non_speech(const Tokenizer& tokenizer) {
  std::set<TokenId> found;
  const auto consider = [&](const std::string& text, bool first_of_several) {
    const auto tokens = tokenizer.encode(text, false);
    if (tokens.size() == 1 || (first_of_several && !tokens.empty())) found.insert(tokens.front());
  };
  // Hyphens and apostrophes belong inside words, not before them.
  consider(" -", true);
  consider(" '", true);
  for (const std::string_view symbol : kSymbols) {
    consider(std::string(symbol), false);
    consider(fmt::format(" {}", symbol), false);
  }
  for (const std::string_view note : kNotes) {
    const bool single_character = note.size() == 3;
    consider(std::string(note), single_character);
    consider(fmt::format(" {}", note), single_character);
  }
  return {found.begin(), found.end()};
}

class Finder {
 public:
  Finder(const Tokenizer& tokenizer, const GenerationConfig& generation, int64_t vocabulary)
      : tokenizer_(tokenizer), generation_(generation), vocabulary_(vocabulary) {}

  // The first of the `names` in the vocabulary, else the configuration's `key`.
  std::optional<TokenId> find(std::initializer_list<std::string_view> names,
                              std::string_view key = {}) const {
    for (const std::string_view name : names)
      if (const auto id = tokenizer_.id_of(name); id && *id < vocabulary_) return id;
    if (key.empty()) return std::nullopt;
    const auto id = generation_.token(key);
    return id && *id >= 0 && *id < vocabulary_ ? id : std::nullopt;
  }

  TokenId need(std::string_view name, std::string_view key = {}) const {
    if (const auto id = find({name}, key)) return *id;
    fail(ErrorKind::model,
         "the vocabulary has no '{}', so this model doesn't write transcripts as Whisper does", name);
  }

  std::vector<SpeechTokens::Language> languages() const {
    std::vector<SpeechTokens::Language> found;
    for (const SpeechLanguage& language : speech_languages())
      if (const auto id = find({fmt::format("<|{}|>", language.code)}))
        found.push_back({std::string(language.code), *id});
    if (found.empty())
      for (const auto& [token, id] : generation_.named_tokens("lang_to_id"))
        if (token.size() > 4 && id >= 0 && id < vocabulary_)
          found.push_back({token.substr(2, token.size() - 4), id});
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.token < b.token; });
    return found;
  }

 private:
  const Tokenizer& tokenizer_;
  const GenerationConfig& generation_;
  int64_t vocabulary_;
};

std::vector<std::pair<int, int>> find_alignment_heads(const GenerationConfig& generation,
                                                      const TextDecoder& decoder) {
  auto heads = generation.alignment_heads();
  for (const auto& [layer, head] : heads)
    if (layer < 0 || head < 0 || layer >= decoder.layers() || head >= decoder.heads())
      fail_at(ErrorKind::model, generation.source(),
              "'alignment_heads' names head {} of layer {}, but the decoder has {} layers of {} heads", head,
              layer, decoder.layers(), decoder.heads());
  if (!heads.empty()) return heads;
  for (int layer = decoder.layers() / 2; layer < decoder.layers(); ++layer)
    for (int head = 0; head < decoder.heads(); ++head) heads.emplace_back(layer, head);
  return heads;
}

}  // namespace

SpeechTokens find_speech_tokens(const Tokenizer& tokenizer, const GenerationConfig& generation,
                                const TextDecoder& decoder) {
  const Finder finder(tokenizer, generation, decoder.vocabulary());
  SpeechTokens tokens;
  tokens.start_of_transcript = finder.need("<|startoftranscript|>", "decoder_start_token_id");
  tokens.end_of_text = finder.need("<|endoftext|>");
  tokens.no_timestamps = finder.need("<|notimestamps|>", "no_timestamps_token_id");
  // Not every tokenizer lists the timestamps, but they always follow.
  tokens.timestamp_begin = tokens.no_timestamps + 1;
  tokens.timestamp_end =
      static_cast<TokenId>(std::min<int64_t>(decoder.vocabulary(), tokens.timestamp_begin + kTimestamps));
  tokens.transcribe = finder.find({"<|transcribe|>"});
  tokens.translate = finder.find({"<|translate|>"});
  tokens.start_of_previous = finder.find({"<|startofprev|>"}, "prev_sot_token_id");
  tokens.start_of_lm = finder.find({"<|startoflm|>"});
  tokens.no_speech = finder.find({"<|nospeech|>", "<|nocaptions|>"});

  tokens.multilingual =
      generation.flag("is_multilingual").value_or(decoder.vocabulary() >= kMultilingualVocabulary);
  if (tokens.multilingual) tokens.languages = finder.languages();
  if (tokens.multilingual && (tokens.languages.empty() || !tokens.transcribe || !tokens.translate))
    fail(ErrorKind::model,
         "the model is said to know several languages, but its vocabulary lacks the tokens of {}",
         tokens.languages.empty() ? "languages" : "tasks");

  tokens.not_at_begin = tokenizer.encode(" ", false);
  tokens.not_at_begin.push_back(tokens.end_of_text);
  tokens.non_speech = find_non_speech(tokenizer);
  tokens.alignment_heads = find_alignment_heads(generation, decoder);
  return tokens;
}

std::vector<TokenId> SpeechTokens::start_sequence(std::string_view language, SpeechTask task) const {
  if (!multilingual) {
    if (task == SpeechTask::translate)
      fail(ErrorKind::usage, "this model knows English only and can't translate; take a multilingual one");
    return {start_of_transcript};
  }
  const auto known = std::find_if(languages.begin(), languages.end(),
                                  [&](const Language& candidate) { return candidate.code == language; });
  if (known == languages.end()) fail(ErrorKind::usage, "this model doesn't know the language '{}'", language);
  return {start_of_transcript, known->token, task == SpeechTask::translate ? *translate : *transcribe};
}

}  // namespace millrace
