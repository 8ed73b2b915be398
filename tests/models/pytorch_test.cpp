#include "models/pytorch_checkpoint.h"

#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "models/safetensors.h"
#include "tests/models/damage.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kFolder = MILLRACE_SOURCE_DIR "/tests/golden/models";

std::string contents(const std::string& name) {
  std::ifstream file(kFolder / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<const Checkpoint> read(const std::string& bytes) {
  return read_pytorch(MappedFile::in_memory("x.pth", std::as_bytes(std::span(bytes))));
}

class PytorchFile : public testing::TestWithParam<std::string> {};

TEST_P(PytorchFile, HoldsWhatTorchSaved) {
  const auto expected = open_checkpoint(kFolder / "pytorch.safetensors");
  const auto checkpoint = open_checkpoint(kFolder / GetParam());
  EXPECT_EQ(checkpoint->format(), "pytorch");
  ASSERT_EQ(checkpoint->names(), expected->names());
  for (const auto& name : expected->names()) {
    const Tensor tensor = checkpoint->get(name), wanted = expected->get(name);
    EXPECT_EQ(tensor.dtype(), wanted.dtype()) << name;
    EXPECT_EQ(tensor.shape(), wanted.shape()) << name;
    ASSERT_EQ(tensor.bytes().size(), wanted.bytes().size()) << name;
    EXPECT_EQ(std::memcmp(tensor.bytes().data(), wanted.bytes().data(), wanted.bytes().size()), 0) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, PytorchFile,
                         testing::Values("pytorch_old.pth", "pytorch_zip.pth", "pytorch_wrapped.pth"),
                         [](const auto& info) { return info.param.substr(0, info.param.find('.')); });

TEST(Pytorch, RunsNothing) {
  try {
    open_checkpoint(kFolder / "pytorch_evil.pth");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_THAT(error.what(),
                HasSubstr("names 'posix.system', which is not of tensors; nothing of it has been run"));
  }
}

TEST(Pytorch, RefusesDamage) {
  for (const auto* name : {"pytorch_old.pth", "pytorch_zip.pth"})
    expect_damage_is_refused(contents(name), 2000, ErrorKind::model, [](const std::string& bytes) {
      const auto checkpoint = read(bytes);
      for (const auto& tensor : checkpoint->names()) checkpoint->get(tensor);
    });
}

// A list in a list in a list …, each twice: small, but endless to whoever walks through it.
TEST(Pytorch, ManyNestedListsTakeNoTime) {
  std::string nested = "\x80\x02]q";
  nested += '\0';
  for (int i = 1; i < 200; ++i) {
    nested += "](h" + std::string(1, static_cast<char>(i - 1)) + "h" +
              std::string(1, static_cast<char>(i - 1)) + "eq" + std::string(1, static_cast<char>(i));
  }
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const std::string protocol = "\x80\x02M\xe9\x03.",
                    machine = "\x80\x02}X" + std::string("\x0d\0\0\0", 4) + "little_endian\x88s.";
  EXPECT_THROW(read(magic + protocol + machine + nested + "." + "\x80\x02]."), Error);
}

}  // namespace
}  // namespace millrace
