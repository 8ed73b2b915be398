#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/json_file.h"
#include "base/mapped_file.h"
#include "base/path_status.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

ErrorKind kind_of(const fs::path& path) {
  try {
    MappedFile::open(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), path.string());
    return error.kind();
  }
  ADD_FAILURE() << "opened " << path;
  return ErrorKind::internal;
}

TEST(PathStatus, WhatCannotBeKnownIsAnError) {
  const TemporaryFolder folder;
  const auto file = folder.write("file", "");
  EXPECT_TRUE(path_exists(file));
  EXPECT_FALSE(is_folder(file));
  EXPECT_TRUE(is_folder(folder.path()));
  EXPECT_FALSE(path_exists(folder.path() / "none"));
  EXPECT_FALSE(path_exists(fs::path(file) / "below a file"));
  fs::create_symlink("circle", folder.path() / "circle");
  fs::create_symlink("none", folder.path() / "dangling");
  EXPECT_FALSE(path_exists(folder.path() / "dangling"));
  for (const auto& path : {folder.path() / "circle", folder.path() / std::string(5000, 'x')}) {
    try {
      path_exists(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::io);
      EXPECT_NE(error.where(), "");
      EXPECT_LT(error.where().size(), 300u);
    }
  }
}

TEST(MappedFile, WhatWasReleasedIsStillThere) {
  TemporaryFolder folder;
  std::string bytes(100000, 'x');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 % 251);
  for (const auto& file : {MappedFile::open(folder.write("file", bytes)),
                           MappedFile::in_memory("memory", std::as_bytes(std::span(bytes)))}) {
    file->release(file->bytes().subspan(5000, 90000));
    file->release({});
    EXPECT_TRUE(std::ranges::equal(file->bytes(), std::as_bytes(std::span(bytes))));
  }
}

TEST(MappedFile, GivesTheBytes) {
  const TemporaryFolder folder;
  const auto file = MappedFile::open(folder.write("a", "abc"));
  fs::remove(file->path());  // what is mapped stays
  ASSERT_EQ(file->bytes().size(), 3u);
  EXPECT_EQ(std::to_integer<char>(file->bytes()[2]), 'c');
  EXPECT_TRUE(MappedFile::open(folder.write("empty", ""))->bytes().empty());
}

TEST(MappedFile, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(kind_of(folder.path() / "none"), ErrorKind::io);
  EXPECT_EQ(kind_of(folder.path()), ErrorKind::io);
  EXPECT_EQ(kind_of("/dev/zero"), ErrorKind::io);
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(kind_of(pipe), ErrorKind::io);
}

TEST(MappedFile, CanBeACopyInMemory) {
  std::string bytes = "abc";
  const auto file = MappedFile::in_memory("name", std::as_bytes(std::span(bytes)));
  bytes = "xyz";
  EXPECT_EQ(std::to_integer<char>(file->bytes()[0]), 'a');
  EXPECT_EQ(file->path(), "name");
  EXPECT_TRUE(MappedFile::in_memory("empty", {})->bytes().empty());
}

size_t files_in(const TemporaryFolder& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
}

TEST(AtomicFile, AppearsWholeOrNotAtAll) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a";
  {
    AtomicFile file(path);
    file.write("half");
    EXPECT_FALSE(fs::exists(path));
  }
  EXPECT_EQ(files_in(folder), 0u);
  AtomicFile file(path);
  file.write("who");
  file.write("le");
  file.commit();
  EXPECT_EQ(read_text(path, ErrorKind::io, 10), "whole");
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(AtomicFile, ReplacesOnlyOnCommit) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", "old");
  AtomicFile first(path), second(path);
  first.write("1");
  second.write("2");
  EXPECT_EQ(read_text(path, ErrorKind::io, 10), "old");
  first.commit();
  second.commit();
  EXPECT_EQ(read_text(path, ErrorKind::io, 10), "2");
}

TEST(AtomicFile, SaysWhatCannotBeWritten) {
  const TemporaryFolder folder;
  try {
    AtomicFile file(folder.path() / "none" / "a");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_EQ(error.what(),
              (folder.path() / "none" / "a").string() + ": cannot be written: No such file or directory");
  }
  fs::create_directory(folder.path() / "folder");
  AtomicFile onto_a_folder(folder.path() / "folder");
  EXPECT_THROW(onto_a_folder.commit(), Error);
}

TEST(AtomicFile, LeavesNothingWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 10;
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(
      {
        AtomicFile file(folder.path() / "a");
        file.write(std::string(100, 'x'));
      },
      Error);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(files_in(folder), 0u);
}

}  // namespace
}  // namespace millrace
