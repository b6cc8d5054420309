// What runtimes learn of a call.
#include "wasi/binding.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace swoop::wasi {
namespace {

class Binding : public testing::Test {
 protected:
  Answer call(std::string_view name, std::array<uint64_t, kMaxParameters> arguments,
              bool has_memory = true) {
    std::optional<std::span<uint8_t>> memory;
    if (has_memory) memory = memory_;
    GuestMemory guest(memory);
    return wasi::call(*find_function(Version::preview1, name), *context_, guest, arguments.data(),
                      interrupt_);
  }
  std::array<uint8_t, 256> memory_ = {};
  std::unique_ptr<Context> context_ = Context::Builder().build().value();
  platform::Interrupt* interrupt_ = nullptr;
};

TEST_F(Binding, GivesResults) {
  const Answer answer = call("fd_close", {99});
  EXPECT_EQ(answer.kind, Answer::returned);
  EXPECT_EQ(answer.value, static_cast<uint32_t>(Errno::badf));
}

TEST_F(Binding, SaysWhyItTraps) {
  const Answer out_of_bounds = call("random_get", {255, 2});
  EXPECT_EQ(out_of_bounds.kind, Answer::trap);
  EXPECT_EQ(out_of_bounds.message, "random_get: out of bounds memory access");
  EXPECT_EQ(call("random_get", {0, 1}, /*has_memory=*/false).message,
            "random_get: the module exports no memory named \"memory\"");
}

TEST_F(Binding, PutsTheInterruptInForce) {
  platform::InterruptFlag flag;
  interrupt_ = &flag;
  EXPECT_EQ(call("sched_yield", {}).kind, Answer::returned);
  EXPECT_EQ(platform::Interrupt::of_this_thread(), nullptr);
  flag.raise();
  EXPECT_EQ(call("random_get", {0, 1}).kind, Answer::interrupted);
  const Answer exit = call("proc_exit", {3});
  EXPECT_EQ(exit.kind, Answer::exit);
  EXPECT_EQ(exit.value, 3u);
}

TEST_F(Binding, KnowsTheTypesOfFunctions) {
  const Function& path_open = *find_function(Version::preview1, "path_open");
  EXPECT_EQ(path_open.parameters(), "iiiiillii");
  EXPECT_EQ(path_open.results(), "i");
  EXPECT_EQ(find_function(Version::preview1, "proc_exit")->results(), "");
  EXPECT_EQ(find_function(Version::preview1, "sched_yield")->parameters(), "");
}

}  // namespace
}  // namespace swoop::wasi
