// The pipelines for cameras, on the virtual clock, with a camera that does as it is told.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/embedded.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/model_cache.h"
#include "nodes/register.h"
#include "nodes/video_camera.h"
#include "tests/devices/scripted_video.h"

namespace millrace {
namespace {

using Step = ScriptedVideo::Step;

struct Seen {
  std::vector<double> times, latencies;  // of the pictures
  std::vector<std::vector<double>> scores;
  std::vector<StreamGap> gaps;
  RunReport report;
  VideoAccount account;
};

const std::string kModels = MILLRACE_SOURCE_DIR "/tests/golden/vision/";

void watch(Seen& seen, const std::string& name, std::vector<Step> script,
           std::map<std::string, std::string> values) {
  const auto source = std::make_shared<SourceText>(
      SourceText{name, std::string(embedded_file("pipelines/" + name + ".yaml").value())});
  const Registry registry = shipped_nodes();
  const CheckedPipeline pipeline = check_pipeline(source, registry, {}, {.values = std::move(values)});
  Resources resources;
  resources.emplace<ModelCache>();
  const auto clock = std::make_shared<VirtualClock>();
  resources.set<StreamClock>(clock);
  resources.set<VideoAccount>({&seen.account, [](VideoAccount*) {}});
  auto& opener = resources.emplace<VideoOpener>();
  opener.open = [&](const std::string&, const VideoOptions&) {
    return std::make_unique<ScriptedVideo>(script, 60, 80, clock, nullptr);
  };
  Sink sink;
  sink.packet = [&](const OutputPacket& out) {
    if (out.output_name == "gap") seen.gaps.push_back(*out.packet.get<StreamGap>());
    if (out.output_name == "picture") {
      const auto image = out.packet.get<Image>();
      seen.times.push_back(image->seconds.value());
      seen.latencies.push_back(clock->now() - image->began_at - *image->seconds);
    }
    if (out.output_name != "predictions") return;
    std::vector<double> scores;
    for (const Prediction& one : out.packet.get<Predictions>()->best) scores.push_back(one.score);
    seen.scores.push_back(std::move(scores));
  };
  std::vector<Item> items;
  items.push_back(text_item("0"));
  seen.report = Graph::build(pipeline, resources).run(items_of(std::move(items)), sink);
  ASSERT_EQ(seen.report.failed(), 0u) << seen.report.items.front().error->what();
}

std::vector<Step> ten_a_second(int pictures) {
  std::vector<Step> script;
  for (int i = 0; i < pictures; ++i)
    script.push_back({.kind = Step::Kind::picture, .seconds = i / 10., .level = static_cast<uint8_t>(9 * i)});
  return script;
}

const EdgeReport& edge_of_camera(const Seen& seen) {
  for (const EdgeReport& edge : seen.report.edges)
    if (edge.name == "camera.image → newest.image") return edge;
  throw std::runtime_error("no such edge");
}

TEST(LiveCamera, ClassifiesEveryPictureThatItHasTimeFor) {
  auto script = ten_a_second(12);
  script.push_back({.kind = Step::Kind::lost, .seconds = 1.15});
  script.push_back({.kind = Step::Kind::picture, .seconds = 8, .level = 99});
  Seen first, second;
  for (Seen* seen : {&first, &second}) {
    watch(*seen, "live_camera", script,
          {{"model", kModels + "vit"}, {"top_k", "3"}, {"smooth", "0.5"}, {"newest.policy", "block"}});
    ASSERT_EQ(seen->times.size(), 13u);
    EXPECT_DOUBLE_EQ(seen->times[11], 1.1);
    EXPECT_EQ(seen->times[12], 8);
    ASSERT_EQ(seen->scores.size(), 13u);
    for (const auto& scores : seen->scores) EXPECT_EQ(scores.size(), 3u);
    ASSERT_EQ(seen->gaps.size(), 1u);
    EXPECT_DOUBLE_EQ(seen->gaps[0].start, 1.1);
    EXPECT_DOUBLE_EQ(seen->gaps[0].seconds, 6.9);
    EXPECT_EQ(seen->account.total().captured, 13);
    EXPECT_EQ(seen->account.total().dropped, 0);
  }
  EXPECT_EQ(first.scores, second.scores);
}

TEST(LiveCamera, DropsAndCountsWhatComesTooFast) {
  Seen seen;
  watch(seen, "live_camera", ten_a_second(300), {{"model", kModels + "vit"}});
  const EdgeReport& edge = edge_of_camera(seen);
  EXPECT_EQ(edge.captured, 300);
  EXPECT_EQ(edge.captured, edge.processed + edge.dropped);
  EXPECT_EQ(edge.processed, std::ssize(seen.times));
  EXPECT_EQ(seen.account.total().captured, 300);
  EXPECT_EQ(std::set<double>(seen.times.begin(), seen.times.end()).size(), seen.times.size());
  EXPECT_TRUE(std::ranges::is_sorted(seen.times));
  EXPECT_NEAR(seen.times.back(), 29.9, 1e-9) << "the newest is never the one that is dropped";
}

TEST(LiveDetection, DrawsOnEveryPicture) {
  Seen seen;
  watch(seen, "live_detection", ten_a_second(5),
        {{"model", kModels + "detected"}, {"threshold", "0.1"}, {"newest.policy", "block"}});
  EXPECT_EQ(seen.times.size(), 5u);
}

}  // namespace
}  // namespace millrace
