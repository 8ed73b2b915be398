#include "encoders/query_projector.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/models/memory_checkpoint.h"

namespace millrace {
namespace {

// States of five; windows of four rows, each with two queries, six wide.
MemoryCheckpoint weights() {
  MemoryCheckpoint checkpoint;
  const auto linear = [&](const std::string& name, int64_t outputs, int64_t inputs) {
    checkpoint.add_random(name + ".weight", {outputs, inputs});
    checkpoint.add_random(name + ".bias", {outputs});
  };
  const auto norm = [&](const std::string& name) {
    checkpoint.add_random(name + ".weight", {6}, 1);
    checkpoint.add_random(name + ".bias", {6});
  };
  checkpoint.add_random("p.queries", {1, 2, 6});
  norm("p.transformer.norm");
  const std::string layer = "p.transformer.layers.0.";
  for (const std::string part : {"attention", "cross_attention"}) {
    const int64_t memory = part == "attention" ? 6 : 5;
    linear(layer + part + ".query", 6, 6);
    linear(layer + part + ".key", 6, memory);
    linear(layer + part + ".value", 6, memory);
    linear(layer + part + ".output", 6, 6);
    norm(layer + part + "_norm");
  }
  linear(layer + "feed_forward.up", 7, 6);
  linear(layer + "feed_forward.down", 6, 7);
  norm(layer + "feed_forward_norm");
  linear("p.output", 3, 6);
  return checkpoint;
}

QueryProjector projector(int64_t inputs = 5) {
  std::map<std::string, Setting> values;
  for (const auto& [name, value] :
       std::initializer_list<std::pair<std::string, nlohmann::json>>{{"window", 4},
                                                                     {"queries_of", 2},
                                                                     {"transformer.width", 6},
                                                                     {"transformer.heads", 2},
                                                                     {"transformer.layers", 1},
                                                                     {"transformer.feed_forward_width", 7},
                                                                     {"transformer.activation", "gelu"},
                                                                     {"transformer.norm_epsilon", 1e-12},
                                                                     {"transformer.memory_width", 5}})
    values[name] = {.value = value, .where = "config.json: '" + name + "'"};
  return QueryProjector(Settings(values), scope_of(weights(), "p"), inputs, 3);
}

Tensor part(const Tensor& all, int64_t row, int64_t rows) {
  return Tensor::from<float>({1, rows, all.dim(2)},
                             all.values<float>().subspan(static_cast<size_t>(row * all.dim(2)),
                                                         static_cast<size_t>(rows * all.dim(2))));
}

void expect_equal(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.count(), b.count());
  for (int64_t i = 0; i < a.count(); ++i) EXPECT_NEAR(a.data<float>()[i], b.data<float>()[i], 1e-6) << i;
}

TEST(QueryProjector, AsksEachWindowAlone) {
  const auto model = projector();
  MemoryCheckpoint random;
  const Tensor states = random.add_random("x", {1, 7, 5});
  const Tensor all = model.project(states);
  ASSERT_EQ(all.shape(), (Shape{1, 4, 3}));
  expect_equal(part(all, 0, 2), model.project(part(states, 0, 4)));
  expect_equal(part(all, 2, 2), model.project(part(states, 4, 3)));
}

TEST(QueryProjector, FillsTheLastWindowWithZeros) {
  const auto model = projector();
  MemoryCheckpoint random;
  const Tensor states = random.add_random("x", {1, 3, 5});
  Tensor filled(DType::float32, {1, 4, 5});
  std::ranges::copy(states.values<float>(), filled.mutable_data<float>());
  expect_equal(model.project(states), model.project(filled));
}

TEST(QueryProjector, NeedsStatesOfItsWidth) {
  try {
    projector(6);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("states of 5, but the encoder's are 6 wide"));
  }
}

}  // namespace
}  // namespace millrace
