#include "devices/child_program.h"

#include <gtest/gtest.h>

#include <sys/wait.h>

#include <chrono>

#include "base/error.h"

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

bool has_children() { return waitpid(-1, nullptr, WNOHANG) >= 0; }

TEST(ChildProgram, GetsItsInputAndTellsItsEnd) {
  const auto end = run_program({"sh", "-c", "cat; echo bad >&2; exit 3"}, "-x $(true) \x01", {});
  EXPECT_FALSE(end.stopped);
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(end.messages,
            "-x $(true) \x01"
            "bad\n");
  EXPECT_FALSE(has_children());
}

TEST(ChildProgram, IsKilledOnceNobodyWantsIt) {
  const auto begin = Clock::now();
  const auto end = run_program({"sleep", "60"}, "", [&] { return seconds_since(begin) > 0.1; });
  EXPECT_TRUE(end.stopped);
  EXPECT_LT(seconds_since(begin), 10);
  EXPECT_FALSE(has_children());
}

TEST(ChildProgram, AnInterruptedOneWasStopped) {
  EXPECT_TRUE(run_program({"sh", "-c", "kill -INT $$; sleep 9"}, "", {}).stopped);
  const auto crashed = run_program({"sh", "-c", "kill -SEGV $$; sleep 9"}, "", {});
  EXPECT_FALSE(crashed.stopped);
  EXPECT_EQ(crashed.code, 128 + 11);
}

TEST(ChildProgram, GetsNoFilesOfOurs) {
  const auto end = run_program({"sh", "-c", "ls /proc/$$/fd | wc -l"}, "", {});
  EXPECT_LE(std::stoi(end.messages), 4);  // three, and what a shell opens
}

TEST(ChildProgram, MessagesAreBounded) {
  const auto end = run_program({"sh", "-c", "head -c 100000 /dev/zero"}, "", {});
  EXPECT_EQ(end.code, 0);
  EXPECT_LE(end.messages.size(), 4096U);
}

TEST(ChildProgram, OneThatIsNotThereIsAnErrorThatSaysWhatToDo) {
  try {
    run_program({"no-such-program-anywhere"}, "", {}, "install it");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_STREQ(error.what(), "there is no program no-such-program-anywhere: install it");
  }
}

}  // namespace
}  // namespace millrace
