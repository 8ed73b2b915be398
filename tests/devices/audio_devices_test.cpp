#include "devices/audio_devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace millrace {
namespace {

const std::vector<AudioDevice> kDevices = {{.number = 1, .name = "Built-in Microphone"},
                                           {.number = 4, .name = "USB Microphone", .is_default = true},
                                           {.number = 5, .name = "Webcam"},
                                           {.number = 7, .name = "Webcam (front)"}};

std::string fault(const std::string& wanted) {
  try {
    find_audio_input(kDevices, wanted);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return {};
}

TEST(AudioDevices, AreFoundByNumberNameOrPartOfIt) {
  EXPECT_EQ(find_audio_input(kDevices, "default").number, 4);
  EXPECT_EQ(find_audio_input(kDevices, "5").number, 5);
  EXPECT_EQ(find_audio_input(kDevices, "Webcam").number, 5);
  EXPECT_EQ(find_audio_input(kDevices, "usb mic").number, 4);
}

TEST(AudioDevices, OthersAreNamedWhereOneIsNotFound) {
  EXPECT_THAT(fault("microphone"), testing::HasSubstr("Built-in Microphone (1), USB Microphone (4)"));
  EXPECT_THAT(fault("Wabcam"), testing::HasSubstr("did you mean 'Webcam'?"));
  EXPECT_THAT(fault("2"), testing::HasSubstr("no microphone '2'"));
  EXPECT_THAT(fault(""), testing::HasSubstr("no microphone ''"));
}

TEST(AudioDevices, ThatThereAreNoneIsSaid) {
  try {
    find_audio_input({}, "default");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_THAT(error.what(), testing::HasSubstr("millrace devices"));
  }
}

}  // namespace
}  // namespace millrace
