#include "nodes/audio_speak.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using Method = AudioSpeak::Method;

// Lets all time pass at once, and at a moment does something.
class EventfulClock final : public StreamClock {
 public:
  double now() const override { return now_; }
  bool wait_until(double seconds, const CancelToken* cancel) override {
    if (event && now_ < event_at && seconds >= event_at) {
      now_ = event_at;
      event();
    }
    if (cancel && cancel->cancelled()) return false;
    now_ = std::max(now_, seconds);
    return true;
  }

  double event_at = 0;
  std::function<void()> event = {};

 private:
  double now_ = 0;
};

class AudioSpeakTest : public testing::Test {
 protected:
  AudioSpeakTest() { resources_.set<StreamClock>(clock_); }

  static bool installed() { return std::system("command -v espeak-ng > /dev/null") == 0; }
  static AudioSpeak::Params params(Method method, const std::string& folder) {
    AudioSpeak::Params params;
    params.method = method;
    params.folder = folder;
    return params;
  }
  AudioSpeak espeak() { return AudioSpeak(params(Method::espeak, folder_.path().string()), resources_); }
  // What the node makes of an answer in these pieces.
  Completion spoken(const AudioSpeak& node, const std::vector<std::string>& pieces,
                    FinishReason reason = FinishReason::stop) {
    Emit<AudioSpeak::Out> emit;
    std::string text;
    for (const std::string& piece : pieces) {
      text += piece;
      node(state_, {.piece = make_ref(TextPiece{.text = piece, .turn = turn_})}, emit);
    }
    EXPECT_TRUE(emit.made().empty());
    const auto whole = make_ref(Completion{"m", {.text = text, .tokens = {}, .reason = reason}, turn_});
    node(state_, {.piece = make_ref(TextPiece{.text = "", .turn = turn_, .completion = whole})}, emit);
    EXPECT_EQ(emit.made().size(), 1U);
    return *emit.made().at(0).completion;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  TemporaryFolder folder_;
  Resources resources_;
  std::shared_ptr<EventfulClock> clock_ = std::make_shared<EventfulClock>();
  std::shared_ptr<Floor> floor_ = std::make_shared<Floor>();
  Ref<Turn> turn_ = make_ref(floor_->begin_turn());
  AudioSpeak::State state_;
};

TEST_F(AudioSpeakTest, WithoutAProgramAnswersPassWhole) {
  const AudioSpeak node(params(Method::none, ""), resources_);
  const Completion whole = spoken(node, {"One. ", "Two"});
  EXPECT_EQ(whole.generated.text, "One. Two");
  EXPECT_EQ(whole.generated.reason, FinishReason::stop);
  EXPECT_EQ(whole.turn, turn_);
  const Completion cut = spoken(node, {"Thr"}, FinishReason::cancelled);
  EXPECT_EQ(cut.generated.text, "Thr");
  EXPECT_EQ(cut.generated.reason, FinishReason::cancelled);
}

TEST_F(AudioSpeakTest, SpeaksSentenceBySentence) {
  if (!installed()) GTEST_SKIP() << "espeak-ng is not installed";
  const Completion whole = spoken(espeak(), {"Hello. How", " are you? ", "...\n", "-v Bye"});
  EXPECT_EQ(whole.generated.text, "Hello. How are you? ...\n-v Bye");
  EXPECT_EQ(whole.generated.reason, FinishReason::stop);
  EXPECT_EQ(files(), (std::vector<std::string>{"1-1.wav", "1-2.wav", "1-3.wav"}));
  EXPECT_GT(clock_->now(), 1);
  EXPECT_TRUE(floor_->hears_itself(clock_->now()));
  EXPECT_FALSE(floor_->hears_itself(clock_->now() + 1));
}

TEST_F(AudioSpeakTest, ANewerTurnEndsItAndWhatWasSpokenIsTold) {
  if (!installed()) GTEST_SKIP() << "espeak-ng is not installed";
  const AudioSpeak node = espeak();
  spoken(node, {"One sentence. "});
  const double first = clock_->now();
  turn_ = make_ref(floor_->begin_turn());
  clock_->event_at = 2 * first + 0.1;  // in the second sentence
  clock_->event = [&] { floor_->begin_turn(); };
  const Completion cut = spoken(node, {"One sentence. ", "And another one. ", "And more. "});
  EXPECT_EQ(cut.generated.text, "One sentence. ");
  EXPECT_EQ(cut.generated.reason, FinishReason::cancelled);
  EXPECT_DOUBLE_EQ(clock_->now(), clock_->event_at);
  EXPECT_EQ(files(), (std::vector<std::string>{"1-1.wav", "2-1.wav", "2-2.wav"}));
  EXPECT_FALSE(floor_->hears_itself(clock_->now() + 1));
  turn_ = make_ref(floor_->begin_turn());
  EXPECT_EQ(spoken(node, {"Next."}).generated.text, "Next.");
}

TEST_F(AudioSpeakTest, OfACancelledTurnItSaysNothing) {
  if (!installed()) GTEST_SKIP() << "espeak-ng is not installed";
  const AudioSpeak node = espeak();
  floor_->begin_turn();
  EXPECT_EQ(spoken(node, {"One. Two. "}).generated.text, "");
  EXPECT_TRUE(files().empty());
}

TEST_F(AudioSpeakTest, AFolderThatIsNotThereIsAnError) {
  if (!installed()) GTEST_SKIP() << "espeak-ng is not installed";
  EXPECT_THROW(AudioSpeak(params(Method::espeak, "/nowhere"), resources_), Error);
}

}  // namespace
}  // namespace millrace
