#include "backends/prepared_sound.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "base/error.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden";

AudioClip sound(double seconds, int rate = kSpeechRate) {
  AudioClip clip;
  clip.sample_rate = rate;
  for (int64_t i = 0; i < std::llround(seconds * rate); ++i) {
    const double time = static_cast<double>(i) / rate;
    clip.samples.push_back(static_cast<float>(0.3 * std::sin(6.3 * (200 + 150 * time) * time)));
  }
  return clip;
}

LoadedModel model(const std::string& name) { return load_model((kGolden / name).string()); }

// A family, and how many embeddings sounds of so many seconds have.
struct Family {
  std::string name;
  std::vector<std::pair<double, int64_t>> tokens;
};

class PreparedSound : public testing::TestWithParam<Family> {};

TEST_P(PreparedSound, HasAsManyPlacesAsTheProcessorCounts) {
  const auto heard = model("audio_language/" + GetParam().name);
  for (const auto& [seconds, tokens] : GetParam().tokens) {
    const auto prepared = prepare_sound(heard, sound(seconds));
    EXPECT_EQ(prepared.text.tokens, tokens) << seconds;
    EXPECT_EQ(prepared.embeddings.shape(),
              (Shape{tokens, heard.multimodal->text_decoder()->embedding_width()}));
  }
}

TEST_P(PreparedSound, IsWhatTheMethodsMake) {
  const auto heard = model("audio_language/" + GetParam().name);
  const AudioClip clip = sound(0.371);
  const auto features = heard.methods->run(
      "preprocess",
      {{"waveform", Tensor::from<float>({std::ssize(clip.samples)}, std::span<const float>(clip.samples))}});
  const Tensor expected = heard.methods->run("audio_encoder", features).at("embeddings");
  const Tensor given = prepare_sound(heard, clip).embeddings;
  EXPECT_TRUE(std::ranges::equal(given.values<float>(), expected.values<float>()));
}

TEST_P(PreparedSound, IsResampled) {
  const auto heard = model("audio_language/" + GetParam().name);
  const auto same = prepare_sound(heard, sound(0.371));
  for (const int rate : {8000, 44'100, 48'000}) {
    const auto other = prepare_sound(heard, sound(0.371, rate));
    ASSERT_EQ(other.text, same.text) << rate;
    if (rate < kSpeechRate) continue;  // it lacks what the higher bands tell
    double difference = 0, size = 0;
    for (int64_t i = 0; i < same.embeddings.count(); ++i) {
      difference += std::pow(same.embeddings.data<float>()[i] - other.embeddings.data<float>()[i], 2);
      size += std::pow(same.embeddings.data<float>()[i], 2);
    }
    EXPECT_LT(std::sqrt(difference / size), 0.5) << rate;
  }
}

TEST_P(PreparedSound, RefusesAnEmptySound) {
  const auto heard = model("audio_language/" + GetParam().name);
  EXPECT_THROW(prepare_sound(heard, AudioClip{}), Error);
}

INSTANTIATE_TEST_SUITE_P(Families, PreparedSound,
                         testing::Values(Family{"qwen2_audio", {{0.371, 9}, {1.0, 25}, {2.5, 25}}},
                                         Family{"voxtral", {{0.371, 10}, {1.0, 10}, {2.5, 30}}},
                                         Family{"audioflamingo3", {{0.371, 9}, {1.0, 25}, {2.5, 62}}},
                                         Family{"glmasr", {{0.371, 3}, {1.0, 8}, {2.5, 20}}},
                                         Family{"granite_speech", {{0.05, 2}, {0.371, 8}, {2.5, 42}}}),
                         [](const auto& info) { return info.param.name; });

TEST(PreparedSound, TooShortForOneEmbeddingIsAnError) {
  try {
    prepare_sound(model("audio_language/qwen2_audio"), sound(0.01));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), HasSubstr("too short"));
  }
}

TEST(PreparedSound, NeedsAModelThatHears) {
  EXPECT_THROW(prepare_sound(model("vision_language/llava"), sound(1)), Error);
}

}  // namespace
}  // namespace millrace
