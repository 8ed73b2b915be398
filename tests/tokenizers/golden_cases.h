#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tokenizers/streaming_detokenizer.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

inline std::string bytes_from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

inline std::string streamed(const std::shared_ptr<const Tokenizer>& tokenizer,
                            const std::vector<TokenId>& ids, bool keep_special) {
  StreamingDetokenizer stream(tokenizer, keep_special);
  std::string text;
  for (const TokenId id : ids) text += stream.push(id);
  return text + stream.finish();
}

// What tests/golden/tokenizers/tokenizer_goldens.py wrote to a cases.json.
inline void expect_golden_cases(const std::shared_ptr<const Tokenizer>& tokenizer,
                                const nlohmann::json& cases) {
  ASSERT_GT(cases.size(), 100u);
  for (const auto& golden : cases) {
    const auto ids = golden.at("ids").get<std::vector<TokenId>>();
    if (golden.contains("bytes")) {
      const std::string text = bytes_from_hex(golden.at("bytes"));
      EXPECT_EQ(tokenizer->encode(text, true), ids) << golden.at("bytes") << " " << text;
      EXPECT_EQ(tokenizer->encode(text, false), golden.at("plain_ids").get<std::vector<TokenId>>()) << text;
      continue;
    }
    EXPECT_EQ(tokenizer->decode(ids, false), golden.at("text")) << golden.at("ids");
    EXPECT_EQ(tokenizer->decode(ids, true), golden.at("full_text")) << golden.at("ids");
    EXPECT_EQ(streamed(tokenizer, ids, false), golden.at("text")) << golden.at("ids");
    EXPECT_EQ(streamed(tokenizer, ids, true), golden.at("full_text")) << golden.at("ids");
  }
}

}  // namespace millrace
