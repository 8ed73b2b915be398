// pipelines/live_captions.yaml as it ships, in simulated time, with microphones that do as they are told and
// a model that hears what it is told.
#include <gtest/gtest.h>

#include <random>

#include "base/embedded.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/register.h"
#include "tests/devices/scripted_audio.h"
#include "tests/nodes/slow_ears.h"

namespace millrace {
namespace {

using testing::ScriptedAudio;
using testing::Stretch;

constexpr double kSeconds = 60;

struct Event {
  std::string what, stream;
  double start = 0, end = 0, at = 0;
  bool operator==(const Event&) const = default;
};

struct Scene {
  std::vector<Stretch> speech, losses = {};
  std::vector<std::string> streams = {"one"};
  double window_seconds = 0.1;               // that a window takes
  double stop_at = 0;                        // 0: never
  std::function<double(double)> stall = {};  // seconds that the reader of the captions takes, by the time
  std::map<std::string, std::string> settings = {};
};

struct Captions {
  std::vector<Event> events;
  StreamCounts sound, speech;
  RunReport report;
  std::vector<Event> of(const std::string& what, const std::string& stream = "one") const {
    std::vector<Event> some;
    std::ranges::copy_if(events, std::back_inserter(some),
                         [&](const Event& e) { return e.what == what && e.stream == stream; });
    return some;
  }
};

Captions listen(const Scene& scene) {
  Resources resources;
  const auto clock = std::make_shared<VirtualClock>();
  const auto stop = std::make_shared<StopToken>();
  resources.set<StreamClock>(clock);
  resources.set<StopToken>(stop);
  const auto sound = std::make_shared<SoundAccount>();
  const auto speech = std::make_shared<SpeechAccount>();
  resources.set<SoundAccount>(sound);
  resources.set<SpeechAccount>(speech);
  testing::add_slow_ears(resources, clock, {"<0.30> tick<1.00>"}, scene.window_seconds);
  resources.emplace<AudioOpener>().open = [&](const std::string&, const LiveAudioOptions&) {
    if (scene.stop_at > 0) clock->post(scene.stop_at, [stop] { stop->cancel(); });  // now that time goes on
    return std::make_unique<ScriptedAudio>(kSeconds, scene.speech, scene.losses, clock, stop);
  };
  std::map<std::string, std::string> settings = {
      {"model", "ears"}, {"windows.method", "energy"}, {"text.suppress_tokens", "[]"}};
  settings.insert(scene.settings.begin(), scene.settings.end());
  const Registry registry = shipped_nodes();
  const auto source = std::make_shared<const SourceText>(
      SourceText{"live_captions.yaml", std::string(embedded_file("pipelines/live_captions.yaml").value())});
  const Graph graph = Graph::build(
      check_pipeline(source, registry, {}, {.values = settings, .need_values = true}), resources);
  Captions captions;
  const Sink sink{.packet = [&](const OutputPacket& out) {
    Event event{
        .what = std::string(out.output_name), .stream = std::string(out.item_name), .at = clock->now()};
    if (out.output_name == "partial") {
      const auto text = out.packet.get<PartialText>();
      event.start = text->start, event.end = text->end;
    } else if (out.output_name == "segment") {
      const auto segment = out.packet.get<Segment>();
      event.start = segment->start, event.end = segment->end;
    } else {
      const auto gap = out.packet.get<StreamGap>();
      event.start = gap->start, event.end = gap->start + gap->seconds;
    }
    captions.events.push_back(event);
    if (scene.stall) clock->wait_until(clock->now() + scene.stall(clock->now()), nullptr);
  }};
  std::vector<Item> items;
  for (const auto& stream : scene.streams) items.push_back(text_item(stream));
  captions.report = graph.run(items_of(std::move(items)), sink,
                              {.items_in_flight = scene.streams.size(),
                               .in_order = false,
                               .fair = true,
                               .live_source = true,
                               .stop = stop.get()});
  EXPECT_EQ(captions.report.failed(), 0U);
  captions.sound = sound->total();
  captions.speech = speech->total();
  return captions;
}

// Speech of one to five seconds, and silence of one to three between.
std::vector<Stretch> random_speech(std::mt19937& random) {
  std::vector<Stretch> speech;
  const auto tenths = [&](int least, int most) {
    return std::uniform_int_distribution(least, most)(random) / 10.;
  };
  for (double at = tenths(5, 20); at < kSeconds - 7;) {
    const double until = at + tenths(10, 50);
    speech.push_back({at, until});
    at = until + tenths(10, 30);
  }
  return speech;
}

std::vector<Stretch> random_losses(std::mt19937& random) {
  std::vector<Stretch> losses;
  const auto tenths = [&](int least, int most) {
    return std::uniform_int_distribution(least, most)(random) / 10.;
  };
  for (double at = tenths(0, 150); at < kSeconds - 1;) {
    const double until = std::min(kSeconds, at + tenths(1, 40));
    losses.push_back({at, until});
    at = until + tenths(5, 150);
  }
  return losses;
}

bool overlap(const Stretch& a, const Stretch& b) { return a.from < b.to && b.from < a.to; }

// Whether a final segment tells of the utterance: the model's text lies where its window begins.
bool told(const std::vector<Event>& finals, const Stretch& speech) {
  return std::ranges::any_of(finals, [&](const Event& e) { return std::abs(e.start - speech.from) < 0.35; });
}

void expect_in_order(const std::vector<Event>& finals) {
  for (size_t i = 1; i < finals.size(); ++i) EXPECT_GE(finals[i].start, finals[i - 1].end - 1e-9) << i;
}

TEST(LiveCaptions, EveryUtteranceHasPartialTextAndOneFinalSegmentInTime) {
  std::mt19937 random(1);
  const auto speech = random_speech(random);
  const auto captions = listen({.speech = speech});
  const auto finals = captions.of("segment");
  ASSERT_EQ(finals.size(), speech.size());
  expect_in_order(finals);
  for (size_t i = 0; i < speech.size(); ++i) {
    EXPECT_TRUE(told(finals, speech[i])) << i;
    EXPECT_LT(finals[i].at - speech[i].to, 0.7) << i;
  }
  EXPECT_GT(captions.of("partial").size(), speech.size());
  EXPECT_TRUE(captions.of("gap").empty());
  EXPECT_EQ(captions.speech.captured, 16000 * kSeconds);
  EXPECT_EQ(captions.speech.dropped, 0);
}

TEST(LiveCaptions, AreTheSameEveryTime) {
  std::mt19937 random(2);
  const Scene scene{
      .speech = random_speech(random), .losses = random_losses(random), .streams = {"one", "two"}};
  const auto once = listen(scene);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(listen(scene).events, once.events);
}

TEST(LiveCaptions, SurviveDevicesThatAreTakenAwayAtAnyMoment) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    std::mt19937 random(seed);
    const auto speech = random_speech(random), losses = random_losses(random);
    const auto captions = listen({.speech = speech, .losses = losses});
    const auto finals = captions.of("segment");
    expect_in_order(finals);
    for (const Stretch& one : speech) {
      const bool whole =
          std::ranges::none_of(losses, [&](const Stretch& loss) { return overlap(one, loss); });
      EXPECT_TRUE(!whole || told(finals, one)) << "seed " << seed << ", speech at " << one.from;
    }
    double lost = 0, told_of = 0;
    for (const Stretch& loss : losses) lost += loss.to - loss.from;
    for (const Event& gap : captions.of("gap")) told_of += gap.end - gap.start;
    // One at the very end has nothing behind it that would show it.
    const double open = losses.back().to >= kSeconds ? losses.back().to - losses.back().from : 0;
    EXPECT_NEAR(told_of, lost - open, 0.001) << seed;
    EXPECT_EQ(captions.speech.captured, captions.speech.processed + captions.speech.dropped);
    EXPECT_EQ(captions.speech.processed, captions.sound.captured) << seed;
    EXPECT_NEAR(static_cast<double>(captions.speech.dropped), 16000 * (lost - open), 1) << seed;
  }
}

TEST(LiveCaptions, StopAtAnyMomentKeepsWhatWasSaid) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    std::mt19937 random(seed);
    const auto speech = random_speech(random);
    const double stop_at = std::uniform_real_distribution(1., kSeconds)(random);
    const auto captions = listen({.speech = speech, .stop_at = stop_at});
    const auto finals = captions.of("segment");
    expect_in_order(finals);
    for (const Stretch& one : speech)
      EXPECT_TRUE(one.to > stop_at - 0.1 || told(finals, one))
          << "seed " << seed << ", speech at " << one.from;
    for (const Event& event : captions.events) EXPECT_LT(event.at, stop_at + 2);
  }
}

TEST(LiveCaptions, AReaderThatStallsLosesNoFinalSegment) {
  std::mt19937 random(3);
  const auto speech = random_speech(random);
  const auto captions = listen({.speech = speech, .stall = [](double now) { return now < 20 ? 4. : 0.; }});
  for (const Stretch& one : speech) EXPECT_TRUE(told(captions.of("segment"), one)) << one.from;
  EXPECT_EQ(captions.speech.dropped, 0);
}

TEST(LiveCaptions, TooSlowAModelLosesTheOldestAndSaysSo) {
  std::mt19937 random(4);
  const auto captions =
      listen({.speech = random_speech(random), .window_seconds = 15, .settings = {{"windows.queue", "50"}}});
  EXPECT_GT(captions.speech.dropped, 0);
  EXPECT_EQ(captions.speech.captured, captions.speech.processed + captions.speech.dropped);
  EXPECT_EQ(captions.speech.captured, captions.sound.captured);
  double told_of = 0;
  for (const Event& gap : captions.of("gap")) told_of += gap.end - gap.start;
  EXPECT_NEAR(told_of, static_cast<double>(captions.speech.dropped) / 16000, 0.001);
}

TEST(LiveCaptions, StreamsTakeTurns) {
  std::mt19937 random(5);
  const Scene scene{.speech = random_speech(random), .streams = {"a", "b", "c", "d"}};
  const auto captions = listen(scene);
  const auto first = captions.of("partial", "a").size();
  EXPECT_GT(first, 10U);
  for (const auto& stream : scene.streams) {
    EXPECT_EQ(captions.of("segment", stream).size(), scene.speech.size()) << stream;
    EXPECT_NEAR(static_cast<double>(captions.of("partial", stream).size()), static_cast<double>(first),
                2 + first / 10.)
        << stream;
  }
}

}  // namespace
}  // namespace millrace
