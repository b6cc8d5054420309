#include "platform/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace swoop::platform {
namespace {

FinishedProcess shell(const char* script, uint64_t timeout_ns = UINT64_MAX) {
  return run_command({.words = {"sh", "-c", script}, .timeout_ns = timeout_ns}).value();
}

TEST(Process, GivesStreamsAndExitCode) {
  const FinishedProcess process = shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(process.standard_output, "out\n");
  EXPECT_EQ(process.standard_error, "err\n");
  EXPECT_EQ(process.exit_code, 3);
  EXPECT_EQ(process.signal, 0);
}

TEST(Process, HasAnEmptyInput) {
  EXPECT_EQ(shell("cat; echo end").standard_output, "end\n");
}

TEST(Process, TellsTheSignalThatEndedIt) {
  EXPECT_EQ(shell("kill -SEGV $$").signal, SIGSEGV);
  EXPECT_EQ(describe_signal(SIGSEGV), "segmentation fault");
}

TEST(Process, CountsTheTimeOfDescendants) {
  const FinishedProcess process =
      shell("sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; true");
  EXPECT_GT(process.cpu_ns, 5'000'000u);
}

TEST(Process, SleepTakesNoCpuTime) {
  const FinishedProcess process = shell("sleep 0.3");
  EXPECT_LT(process.cpu_ns, 200'000'000u);
  EXPECT_GE(process.wall_ns, 300'000'000u);
}

TEST(Process, KillsDescendantsAtTheTimeout) {
  const FinishedProcess process = shell("sleep 100 & sleep 100", 200'000'000);
  EXPECT_TRUE(process.timed_out);
  EXPECT_EQ(process.signal, SIGKILL);
  EXPECT_LT(process.wall_ns, 50'000'000'000u);
}

TEST(Process, TimesOutAfterItsStreamsAreClosed) {
  EXPECT_TRUE(shell("exec >&- 2>&-; sleep 100", 200'000'000).timed_out);
}

TEST(Process, ReadsMoreThanAPipeHolds) {
  EXPECT_EQ(shell("head -c 1000000 /dev/zero").standard_output.size(), 1'000'000u);
}

TEST(Process, DropsWhatIsTooMuch) {
  const FinishedProcess process =
      run_command({.words = {"head", "-c", "100000", "/dev/zero"}, .max_output_bytes = 1000})
          .value();
  EXPECT_EQ(process.standard_output.size(), 1000u);
  EXPECT_TRUE(process.is_output_cut);
  EXPECT_EQ(process.exit_code, 0);
}

TEST(Process, RunsInADirectory) {
  const FinishedProcess process = run_command({.words = {"pwd"}, .directory = "/usr"}).value();
  EXPECT_EQ(process.standard_output, "/usr\n");
}

TEST(Process, SaysWhyNothingWasStarted) {
  EXPECT_EQ(run_command({.words = {"/no/such/command"}}).error(), OsError(ENOENT));
  EXPECT_EQ(run_command({.words = {"true"}, .directory = "/no/such"}).error(), OsError(ENOENT));
}

}  // namespace
}  // namespace swoop::platform
