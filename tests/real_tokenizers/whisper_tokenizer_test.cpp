// Whisper's own tokenizer against Hugging Face's library.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "base/error.h"
#include "base/json_file.h"
#include "models/store/store.h"
#include "tests/tokenizers/golden_cases.h"
#include "tokenizers/tokenizer.h"

namespace millrace {
namespace {

std::shared_ptr<const Tokenizer> whisper() {
  return load_tokenizer(ModelStore().resolve("openai/whisper-base").string());
}

TEST(WhisperTokenizer, AgreesWithTheReference) {
  const auto cases =
      std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/golden/tokenizers/whisper_base/cases.json";
  expect_golden_cases(whisper(), read_json(cases, ErrorKind::input, 10 << 20));
}

TEST(WhisperTokenizer, EveryTokenWrittenOutIsItself) {
  const auto tokenizer = whisper();
  for (TokenId id = 0; id < tokenizer->size(); ++id) {
    if (!tokenizer->is_special(id)) continue;
    EXPECT_EQ(tokenizer->encode("a" + tokenizer->token_bytes(id) + " b", false),
              (std::vector<TokenId>{64, id, 272}));
  }
}

TEST(WhisperTokenizer, LongRunsTakeLinearTime) {
  const auto tokenizer = whisper();
  for (const char c : {'a', ' ', '.', '\n'}) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string text(1'000'000, c);
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text, false)), text);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  }
}

}  // namespace
}  // namespace millrace
