#include "nodes/image_smooth.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graph/node_runner.h"

namespace millrace {
namespace {

ImageSmooth::In at(double seconds, std::vector<Prediction> best) {
  Image image(1, 1);
  image.seconds = seconds;
  return {.image = make_ref(std::move(image)), .predictions = make_ref(Predictions{std::move(best)})};
}

TEST(ImageSmooth, AveragesByThePicturesOwnTimes) {
  Resources resources;
  const ImageSmooth node({.seconds = 1, .top_k = 2}, resources);
  const auto made = run_node(node, {at(5, {{.index = 7, .label = "cat", .score = 1}}),
                                    at(6, {{.index = 3, .label = "dog", .score = 1}}),
                                    at(9, {{.index = 5, .label = "cow", .score = 1}})});
  ASSERT_EQ(made.size(), 3u);
  EXPECT_EQ(made[1].image->seconds, 6);
  const auto& second = made[1].predictions.best;
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second[0].label, "dog");
  EXPECT_NEAR(second[0].score, 1 - std::exp(-1), 1e-12);
  EXPECT_EQ(second[1].label, "cat");
  EXPECT_EQ(second[1].index, 7);
  EXPECT_NEAR(second[1].score, std::exp(-1), 1e-12);
  ASSERT_EQ(made[2].predictions.best.size(), 2u) << "no more than top_k";
  EXPECT_EQ(made[2].predictions.best[0].label, "cow");
  EXPECT_EQ(made[2].predictions.best[1].label, "dog");
}

TEST(ImageSmooth, LeavesScoresAloneWithoutSeconds) {
  Resources resources;
  const auto made = run_node(ImageSmooth({}, resources),
                             {at(0, {{.index = 0, .label = "a", .score = 0.6}, {1, "b", 0.4}}),
                              at(1, {{.index = 1, .label = "b", .score = 0.5}, {2, "c", 0.5}})});
  ASSERT_EQ(made[1].predictions.best.size(), 2u);
  EXPECT_EQ(made[1].predictions.best[0].label, "b") << "equal scores in the labels' order";
  EXPECT_EQ(made[1].predictions.best[0].score, 0.5);
  EXPECT_EQ(made[1].predictions.best[1].label, "c");
}

}  // namespace
}  // namespace millrace
