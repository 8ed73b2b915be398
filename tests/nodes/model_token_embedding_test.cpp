#include "nodes/model_token_embedding.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nodes/model_cache.h"
#include "tests/nodes/tiny_chat.h"

namespace millrace {
namespace {

TEST(ModelTokenEmbedding, GivesWhatTheMethodGives) {
  Resources resources;
  auto& models = resources.emplace<ModelCache>();
  const ModelTokenEmbedding node({.model = kTinyChat}, resources);
  const auto embeddings = node({.tokens = make_ref(TokenIds{{3, 1, 3}})}).embeddings;
  const Tensor ids = Tensor::from<int64_t>({1, 3}, std::vector<int64_t>{3, 1, 3});
  const Tensor expected =
      models.get(kTinyChat)->methods->run("token_embedding", {{"input_ids", ids}}).at("embeds");
  EXPECT_EQ(embeddings.prompt.embeddings.shape(), (Shape{3, 24}));
  EXPECT_TRUE(std::ranges::equal(embeddings.prompt.embeddings.values<float>(), expected.values<float>()));
}

TEST(ModelTokenEmbedding, RefusesTokensThatTheModelHasNot) {
  Resources resources;
  resources.emplace<ModelCache>();
  const ModelTokenEmbedding node({.model = kTinyChat}, resources);
  EXPECT_THROW(node({.tokens = make_ref(TokenIds{{100000}})}), Error);
}

}  // namespace
}  // namespace millrace
