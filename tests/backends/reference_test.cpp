#include "backends/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "models/safetensors.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Reference : public testing::Test {
 protected:
  Reference() : path_(fs::temp_directory_path() / ("millrace_reference_" + std::to_string(getpid()))) {}
  ~Reference() override { fs::remove(path_); }

  std::vector<ReferenceCase> read(const std::vector<std::string>& names) {
    NamedTensors tensors;
    for (const auto& name : names) tensors.emplace(name, Tensor(DType::float32, {1}));
    write_safetensors(path_, tensors, {});
    return read_reference(path_.string());
  }
  std::string fault(const std::function<void()>& run) {
    try {
      run();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input) << error.what();
      EXPECT_THAT(error.where(), HasSubstr(path_.string()));
      return error.what();
    }
    return "no error";
  }

  fs::path path_;
};

TEST_F(Reference, SortsTensorsIntoCases) {
  const auto cases = read({"in.f.x", "in.f.y", "out.f.z", "out.f@a.b@2.z", "in.f@a.b@2.x"});
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0].method, "f");
  EXPECT_EQ(cases[0].name, "");
  EXPECT_EQ(cases[0].arguments.size(), 2u);
  EXPECT_EQ(cases[0].results.size(), 1u);
  EXPECT_EQ(cases[1].name, "a.b@2");
  EXPECT_TRUE(cases[1].arguments.contains("x"));
}

TEST_F(Reference, RefusesOtherFiles) {
  for (const char* name : {"weight", "in.x", "in..x", "on.a.b", "out.a.", "in.@a.x", "in.a@.x"})
    EXPECT_THAT(fault([&] { read({name}); }), HasSubstr("is no reference: its tensors are called")) << name;
  EXPECT_THAT(fault([&] { read({}); }), HasSubstr("holds no tensors"));
  EXPECT_THAT(fault([&] {
                read({"out.f.y", "in.f@lonely.x"});
              }),
              HasSubstr("arguments of 'f@lonely' but no out. tensor"));
  fs::remove(path_);
  EXPECT_THAT(fault([&] { read_reference(path_.string()); }), HasSubstr("no such file"));
  std::ofstream(path_) << "not at all one";
  EXPECT_THAT(fault([&] { read_reference(path_.string()); }), HasSubstr("neither safetensors nor"));
}

}  // namespace
}  // namespace millrace
