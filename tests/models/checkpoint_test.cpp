#include "models/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

std::string error_of(const std::filesystem::path& path) {
  try {
    open_checkpoint(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    return error.what();
  }
  return "";
}

TEST(Checkpoint, SaysWhatIsNoCheckpoint) {
  const TemporaryFolder folder;
  const auto expect = [&](const std::filesystem::path& path, const std::string& message) {
    EXPECT_EQ(error_of(path), path.string() + ": " + message);
  };
  expect(folder.path() / "none", "there is no such file or folder");
  expect(folder.path(),
         "holds no weights: neither model.safetensors nor model.safetensors.index.json nor model.bin nor "
         "pytorch_model.bin nor a GGUF or .pth file");
  expect(folder.write("a.bin", "text of any kind"),
         "is neither safetensors nor GGUF nor a CTranslate2 model");
  EXPECT_THAT(error_of(folder.write("b.bin", "PK\3\4 a zip")),
              testing::HasSubstr("too short for a zip file"));
  EXPECT_THAT(error_of(folder.write("c.bin", "\x80\2\x8a\x0a a pickle")), testing::HasSubstr("@ byte"));
  EXPECT_THAT(error_of(folder.write("empty.bin", "")), testing::HasSubstr("the version needs 4 bytes"));
  EXPECT_THAT(error_of(folder.write("empty.safetensors", "")), testing::HasSubstr("@ byte 0"));
  folder.write("pytorch_model.bin", "PK\3\4");
  EXPECT_THAT(error_of(folder.path()), testing::HasSubstr("pytorch_model.bin: is too short"));
}

}  // namespace
}  // namespace millrace
