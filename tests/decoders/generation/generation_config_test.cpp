#include "decoders/generation/generation_config.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("generation_config_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(GenerationConfig, ReadsEachType) {
  const GenerationConfig config({{"eos_token_id", 7},
                                 {"suppress_tokens", {1, 2}},
                                 {"is_multilingual", true},
                                 {"temperature", 0.5},
                                 {"max_length", 448},
                                 {"lang_to_id", {{"<|de|>", 3}}},
                                 {"alignment_heads", {{3, 1}, {4, 2}}},
                                 {"pad_token_id", nullptr}},
                                "here");
  EXPECT_THAT(config.tokens("eos_token_id"), ElementsAre(7));
  EXPECT_THAT(config.tokens("suppress_tokens"), ElementsAre(1, 2));
  EXPECT_EQ(config.flag("is_multilingual"), true);
  EXPECT_EQ(config.real("temperature"), 0.5);
  EXPECT_EQ(config.integer("max_length"), 448);
  EXPECT_THAT(config.named_tokens("lang_to_id"), ElementsAre(Pair("<|de|>", 3)));
  EXPECT_THAT(config.alignment_heads(), ElementsAre(Pair(3, 1), Pair(4, 2)));
  EXPECT_FALSE(config.has("pad_token_id"));
  EXPECT_EQ(config.token("pad_token_id"), std::nullopt);
  EXPECT_EQ(config.integer("absent"), std::nullopt);
}

TEST(GenerationConfig, TakesDefaultsWhereItHasNothing) {
  GenerationConfig config({{"a", 7}, {"b", nullptr}}, "here");
  for (const char* key : {"a", "b", "c"}) config.set_default(key, 1);
  EXPECT_EQ(config.token("a"), 7);
  EXPECT_EQ(config.token("b"), 1);
  EXPECT_EQ(config.token("c"), 1);
}

TEST(GenerationConfig, NamesTheKeyOfAWrongType) {
  const GenerationConfig config({{"suppress_tokens", {"a"}}, {"alignment_heads", {{1}}}}, "here");
  for (const auto& read : {std::function<void()>([&] { config.tokens("suppress_tokens"); }),
                           std::function<void()>([&] { config.integer("suppress_tokens"); }),
                           std::function<void()>([&] { config.alignment_heads(); })}) {
    try {
      read();
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      EXPECT_THAT(error.what(), HasSubstr("here: '"));
    }
  }
}

TEST(GenerationConfig, GoesBeforeTheModelsConfig) {
  const Folder folder;
  EXPECT_THAT(load_generation_config(folder.path()).values(), IsEmpty());
  folder.write("config.json", R"({"decoder_start_token_id": 1, "eos_token_id": 2, "suppress_ids": [4]})");
  EXPECT_EQ(load_generation_config(folder.path()).token("eos_token_id"), 2);
  folder.write("generation_config.json", R"({"eos_token_id": [3, 5]})");
  const auto config = load_generation_config(folder.path());
  EXPECT_EQ(config.token("decoder_start_token_id"), 1);
  EXPECT_THAT(config.tokens("eos_token_id"), ElementsAre(3, 5));
  EXPECT_THAT(config.tokens("suppress_tokens"), ElementsAre(4));
}

}  // namespace
}  // namespace millrace
