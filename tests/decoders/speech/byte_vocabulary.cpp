#include "tests/decoders/speech/byte_vocabulary.h"

#include <algorithm>
#include <cstdlib>

namespace millrace::testing {
namespace {

// The length of the character at the start of `text`, 0 when there is none.
size_t character(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xc2 ? 0 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  return length;
}

}  // namespace

std::vector<TokenId> ByteVocabulary::encode(std::string_view text, bool) const {
  std::vector<TokenId> ids;
  for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
  return ids;
}

std::string ByteVocabulary::decode(std::span<const TokenId> ids, bool) const {
  std::string bytes, text;
  for (const TokenId id : ids) bytes += token_bytes(id);
  for (std::string_view rest = bytes; !rest.empty();) {
    const size_t length = character(rest);
    text += length > 0 ? rest.substr(0, length) : "\xef\xbf\xbd";
    rest.remove_prefix(std::max<size_t>(1, length));
  }
  return text;
}

std::string ByteVocabulary::token_bytes(TokenId id) const {
  return id >= 0 && id < 256 ? std::string(1, static_cast<char>(id)) : std::string();
}

std::optional<TokenId> ByteVocabulary::id_of(std::string_view token) const {
  static const std::map<std::string_view, TokenId> kSpecials = {{"<|endoftext|>", kEnd},
                                                                {"<|startoftranscript|>", kStart},
                                                                {"<|en|>", kEnglish},
                                                                {"<|de|>", kGerman},
                                                                {"<|zh|>", kChinese},
                                                                {"<|translate|>", kTranslate},
                                                                {"<|transcribe|>", kTranscribe},
                                                                {"<|startoflm|>", kStartOfLm},
                                                                {"<|startofprev|>", kPrevious},
                                                                {"<|nospeech|>", kNoSpeech},
                                                                {"<|notimestamps|>", kNoTimestamps}};
  const auto found = kSpecials.find(token);
  return found != kSpecials.end() ? std::optional(found->second) : std::nullopt;
}

std::vector<TokenId> ByteVocabulary::tokens(std::string_view text) {
  std::vector<TokenId> ids;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '<') {
      ids.push_back(static_cast<unsigned char>(text[i]));
      continue;
    }
    ids.push_back(time(std::strtod(text.data() + i + 1, nullptr)));
    i = text.find('>', i);
  }
  return ids;
}

}  // namespace millrace::testing
