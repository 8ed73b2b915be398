// Each component alone against Hugging Face's library: tests/golden/tokenizers/tokenizer_goldens.py.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json_file.h"
#include "tokenizers/post_processor.h"
#include "tokenizers/pre_tokenizer.h"
#include "tokenizers/text_normalizer.h"
#include "tokenizers/token_decoder.h"

namespace millrace {
namespace {

using nlohmann::json;

json goldens_of(const std::string& kind) {
  const auto path = std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/golden/tokenizers/components.json";
  json chosen = json::array();
  for (const auto& golden : read_json(path, ErrorKind::input, 10 << 20)) {
    if (golden.at("kind") == kind) chosen.push_back(golden);
  }
  EXPECT_GT(chosen.size(), 10u);
  return chosen;
}

TEST(Components, NormalizersAgreeWithTheReference) {
  for (const json& golden : goldens_of("normalizer")) {
    const auto normalizer = make_normalizer({golden.at("spec"), "spec"});
    for (const json& one : golden.at("cases")) {
      auto text = one[0].get<std::string>();
      normalizer->apply(text);
      EXPECT_EQ(text, one[1]) << golden.at("spec") << one[0];
    }
  }
}

TEST(Components, PreTokenizersAgreeWithTheReference) {
  for (const json& golden : goldens_of("pre_tokenizer")) {
    const auto cutter = make_pre_tokenizer({golden.at("spec"), "spec"});
    for (const json& one : golden.at("cases")) {
      Pieces pieces = {{one[0].get<std::string>(), -1, true}};
      cutter->apply(pieces);
      json texts = json::array();
      for (const Piece& piece : pieces) texts.push_back(piece.text);
      EXPECT_EQ(texts, one[1]) << golden.at("spec") << one[0];
    }
  }
}

TEST(Components, DecodersAgreeWithTheReference) {
  for (const json& golden : goldens_of("decoder")) {
    const auto decoder = make_decoder({golden.at("spec"), "spec"});
    for (const json& one : golden.at("cases")) {
      auto tokens = one[0].get<std::vector<std::string>>();
      decoder->apply(tokens);
      std::string text;
      for (const std::string& token : tokens) text += token;
      EXPECT_EQ(text, one[1]) << golden.at("spec") << one[0];
    }
  }
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    return error.what();
  }
  return "no error";
}

TEST(Components, UnknownTypesAreNamedWithTheirPlace) {
  const json spec = {{"type", "Sequence"}, {"normalizers", {{{"type", "NFC"}}, {{"type", "Lowercas"}}}}};
  EXPECT_EQ(message_of([&] {
              make_normalizer({spec, "t.json: normalizer"});
            }),
            "t.json: normalizer.normalizers[1]: the normalizer type 'Lowercas' is not known (did you mean "
            "'Lowercase'?)");
  const json other = {{"type", "Unheard"}};
  EXPECT_NE(message_of([&] {
              make_pre_tokenizer({other, "x"});
            }).find("'Unheard' is not known"),
            std::string::npos);
  EXPECT_NE(message_of([&] { make_decoder({other, "x"}); }).find("is not known"), std::string::npos);
  EXPECT_NE(message_of([&] { make_post_processor({other, "x"}); }).find("is not known"), std::string::npos);
}

TEST(Components, WrongSettingsAreNamedWithTheirPlace) {
  const auto refused = [](const json& spec) { return message_of([&] { make_pre_tokenizer({spec, "p"}); }); };
  EXPECT_EQ(refused({{"type", 3}}), "p: 'type' must be a string");
  EXPECT_EQ(refused({{"type", "Digits"}, {"individual_digits", "yes"}}),
            "p: 'individual_digits' must be true or false");
  EXPECT_EQ(refused({{"type", "Metaspace"}, {"replacement", "ab"}}),
            "p: 'replacement' must be one character");
  EXPECT_EQ(
      refused({{"type", "Split"}, {"pattern", {{"Regex", "("}}}, {"behavior", "Isolated"}}).substr(0, 43),
      "the regular expression '(' cannot be used: ");
  EXPECT_EQ(refused({{"type", "Split"}, {"pattern", {{"String", "x"}}}, {"behavior", "isolated"}}),
            "p: 'behavior' is 'isolated'; it must be Removed, Isolated, MergedWithPrevious, MergedWithNext "
            "or Contiguous");
}

TEST(Components, PostProcessorsAddTheirTokens) {
  const json bert = {{"type", "BertProcessing"}, {"sep", {"[SEP]", 102}}, {"cls", {"[CLS]", 101}}};
  const json sequence = {{"type", "Sequence"}, {"processors", {{{"type", "ByteLevel"}}, bert}}};
  for (const json& spec : {bert, sequence}) {
    const PostProcessor made = make_post_processor({spec, "p"});
    EXPECT_EQ(made.before, std::vector<TokenId>{101});
    EXPECT_EQ(made.after, std::vector<TokenId>{102});
  }
  const json twice = {{"type", "TemplateProcessing"},
                      {"single", {{{"Sequence", {{"id", "A"}}}}, {{"Sequence", {{"id", "A"}}}}}},
                      {"special_tokens", json::object()}};
  EXPECT_NE(message_of([&] { make_post_processor({twice, "p"}); }).find("once"), std::string::npos);
}

}  // namespace
}  // namespace millrace
