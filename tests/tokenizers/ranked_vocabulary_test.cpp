#include "tokenizers/ranked_vocabulary.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_file.h"
#include "tests/temporary_folder.h"
#include "tests/tokenizers/golden_cases.h"
#include "tokenizers/tokenizer.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A vocabulary in the order of its merges is all that byte-pair encoding needs.
TEST(RankedVocabulary, GivesTheIdsOfTheMergesItComesFrom) {
  const fs::path golden = fs::path(MILLRACE_SOURCE_DIR) / "tests/golden/tokenizers/gpt2_files";
  std::map<int64_t, std::string> by_id;
  const auto vocabulary = read_json(golden / "vocab.json", ErrorKind::model, 10 << 20);
  for (const auto& [token, id] : vocabulary.items()) by_id[id] = token;
  std::string text;
  auto list = nlohmann::json::array();
  for (const auto& [id, token] : by_id) {
    ASSERT_EQ(id, static_cast<int64_t>(list.size()));
    text += token + "\n";
    list.push_back(token);
  }
  const TemporaryFolder lines, json, files;
  lines.write("vocabulary.txt", text);
  json.write("vocabulary.json", list.dump());
  for (const char* name : {"vocab.json", "merges.txt"}) fs::copy(golden / name, files.path() / name);
  const auto reference = load_tokenizer(files.path().string());
  for (const auto* folder : {&lines, &json}) {
    const auto tokenizer = load_tokenizer(folder->path().string());
    for (const auto& one : read_json(golden.parent_path() / "gpt2/cases.json", ErrorKind::input, 10 << 20)) {
      if (!one.contains("bytes")) continue;
      const std::string bytes = bytes_from_hex(one.at("bytes"));
      EXPECT_EQ(tokenizer->encode(bytes, false), reference->encode(bytes, false));
    }
  }
}

TEST(RankedVocabulary, KnowsSpecialTokensByTheirForm) {
  const TemporaryFolder folder;
  folder.write("vocabulary.txt", "a\nb\nab\n\n<|endoftext|>\n<|en|>\n<|0.02|>\n");
  const auto tokenizer = load_tokenizer(folder.path().string());
  EXPECT_THAT(tokenizer->encode("<|en|>abba<|0.02|>", true), ElementsAre(5, 2, 1, 0, 6));
  EXPECT_TRUE(tokenizer->is_special(4));
  EXPECT_TRUE(tokenizer->is_special(5));
  EXPECT_FALSE(tokenizer->is_special(6));
  EXPECT_FALSE(tokenizer->is_special(2));
  EXPECT_EQ(tokenizer->decode(std::vector<TokenId>{5, 2, 6}, false), "ab<|0.02|>");
}

TEST(RankedVocabulary, RefusesOtherFiles) {
  const TemporaryFolder folder;
  const auto message = [&](const char* name, const std::string& text) -> std::string {
    try {
      tokenizer_from_ranked_vocabulary(folder.write(name, text), {});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      return error.what();
    }
    return "none";
  };
  EXPECT_THAT(message("vocabulary.json", R"({"a": 1})"), HasSubstr("must be a list of tokens"));
  EXPECT_THAT(message("vocabulary.json", R"(["a", 1])"), HasSubstr("must be a list of tokens"));
  EXPECT_THAT(message("vocabulary.json", "[\"a\","), HasSubstr("is not valid JSON"));
  EXPECT_THAT(message("vocabulary.txt", std::string(20000, 'a')), HasSubstr("too long"));
  EXPECT_EQ(message("vocabulary.txt", ""), "none");
  EXPECT_EQ(message("vocabulary.txt", "a\na\n\xff\n\xffz\n\x80\n"), "none");
}

}  // namespace
}  // namespace millrace
