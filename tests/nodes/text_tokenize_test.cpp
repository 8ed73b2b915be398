#include "nodes/text_tokenize.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nodes/model_cache.h"
#include "tests/nodes/tiny_chat.h"

namespace millrace {
namespace {

TEST(TextTokenize, GivesTheTokenizersIds) {
  Resources resources;
  resources.emplace<ModelCache>();
  const TextTokenize node({.model = kTinyChat, .special_tokens = false}, resources);
  const auto ids = node({.text = make_ref(std::string("<|im_start|>hello"))}).tokens.ids;
  ASSERT_EQ(ids.size(), 4U);  // the special token, he, ll, o
  EXPECT_EQ(ids[0], 0);
}

TEST(TextTokenize, RefusesModelsWithoutATokenizer) {
  Resources resources;
  resources.emplace<ModelCache>();
  EXPECT_THROW(TextTokenize({.model = MILLRACE_SOURCE_DIR "/tests/golden/causal/llama2"}, resources), Error);
}

}  // namespace
}  // namespace millrace
