// Calls that are ended from outside: by a token, by a deadline, from threads and signal handlers.
#include "runtime/interruption.h"

#include "runtime/typed_func.h"
#include "tests/jit/machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <sys/time.h>
#include <thread>
#include <utility>
#include <vector>

namespace swoop {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kPrograms = R"((module
  (import "host" "call_back" (func $call_back (param i32) (result i32)))
  (memory 1)
  (global $steps (mut i64) (i64.const 0))
  (func (export "steps") (result i64) (global.get $steps))
  (func $forever (export "forever")
    (loop $again
      (global.set $steps (i64.add (global.get $steps) (i64.const 1)))
      (br $again)))
  (func (export "nested_loops") (local i32)
    (loop $outer
      (local.set 0 (i32.const 100))
      (loop $inner
        (br_if $inner (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (br $outer)))
  (func $tree (export "tree") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 1))
      (else (i32.add (call $tree (i32.sub (local.get 0) (i32.const 1)))
                     (call $tree (i32.sub (local.get 0) (i32.const 1)))))))
  (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1)))
  (func (export "quick") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "host_forever")
    (loop $again (drop (call $call_back (i32.const 1))) (br $again)))
  (func (export "host_once") (param i32) (result i32)
    (call $call_back (local.get 0))))
)";

class InterruptionTest : public testing::TestWithParam<Mode> {
 protected:
  InterruptionTest() : machine_(config()) {
    machine_.linker().define(
        "host", "call_back",
        make_func(machine_.store(), [this](int32_t value) -> TypedResult<int32_t> {
          return call_back_ ? call_back_(value) : TypedResult<int32_t>(value);
        }).value());
    instance_ = &machine_.instantiate(kPrograms);
  }

  EngineConfig config() const {
    EngineConfig config = GetParam().config();
    config.target.interruption = true;
    return config;
  }

  Completion call(std::string_view name, const CallOptions& options,
                  std::vector<Value> values = {}) {
    const Func func = instance_->func(name);
    values.resize(std::max(values.size(), func.num_values()));
    return func.invoke(values, options);
  }
  int32_t quick() {
    Value values[1] = {Value::i32(100)};
    const Completion completion = instance_->func("quick").invoke(values);
    EXPECT_TRUE(completion.returned()) << trap_name(completion);
    return static_cast<int32_t>(values[0].low);
  }
  int64_t steps() {
    Value values[1] = {};
    EXPECT_TRUE(instance_->func("steps").invoke(values).returned());
    return static_cast<int64_t>(values[0].low);
  }
  static std::string trap_name(const Completion& completion) {
    return to_string(trap_of(completion));
  }
  static CallOptions within(std::chrono::nanoseconds timeout) {
    CallOptions options;
    options.timeout = timeout;
    return options;
  }
  static CallOptions until(const StopToken& token) {
    CallOptions options;
    options.stop = token;
    return options;
  }

  Machine machine_;
  Instance* instance_ = nullptr;
  std::function<TypedResult<int32_t>(int32_t)> call_back_;
};

INSTANTIATE_TEST_SUITE_P(Modes, InterruptionTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(InterruptionTest, CodeRecordsThatItsLoopsLook) {
  EXPECT_TRUE(instance_->module().code().target.interruption);
}

TEST_P(InterruptionTest, TimeoutsEndLoopsAndRecursion) {
  EXPECT_EQ(trap_of(call("forever", within(20ms))), TrapCode::interrupted);
  EXPECT_EQ(trap_of(call("nested_loops", within(20ms))), TrapCode::interrupted);
  EXPECT_EQ(trap_of(call("tree", within(20ms), {Value::i32(60)})), TrapCode::interrupted);
  EXPECT_EQ(trap_of(call("host_forever", within(20ms))), TrapCode::interrupted);
  EXPECT_EQ(quick(), 5050);
}

TEST_P(InterruptionTest, TellsWhereItWas) {
  const Completion completion = call("forever", within(5ms));
  ASSERT_NE(completion.trap(), nullptr);
  EXPECT_EQ(completion.trap()->message, "interrupted");
  ASSERT_EQ(completion.trap()->frames.size(), 1u);
  EXPECT_EQ(completion.trap()->frames[0].func_name, "forever");
}

TEST_P(InterruptionTest, ATokenEndsTheCallFromAnotherThread) {
  const StopToken token;
  std::thread stopper([token] {
    std::this_thread::sleep_for(10ms);
    token.stop();
  });
  EXPECT_EQ(trap_of(call("forever", until(token))), TrapCode::interrupted);
  stopper.join();
  EXPECT_GT(steps(), 0);
  EXPECT_EQ(quick(), 5050);
}

TEST_P(InterruptionTest, AStoppedTokenEndsTheCallBeforeItBegins) {
  const StopToken token;
  token.stop();
  EXPECT_EQ(trap_of(call("forever", until(token))), TrapCode::interrupted);
  EXPECT_EQ(trap_of(call("forever", within(0ns))), TrapCode::interrupted);
  EXPECT_EQ(steps(), 0);
}

TEST_P(InterruptionTest, AStopAfterTheCallHitsNoOther) {
  const StopToken token;
  EXPECT_TRUE(call("quick", until(token), {Value::i32(3)}).returned());
  token.stop();
  EXPECT_EQ(quick(), 5050);
  EXPECT_TRUE(call("quick", until(StopToken()), {Value::i32(3)}).returned());
}

TEST_P(InterruptionTest, ARealOverflowIsStillOne) {
  EXPECT_EQ(trap_of(call("deep", within(1h))), TrapCode::call_stack_exhausted);
  EXPECT_EQ(trap_of(call("deep", until(StopToken()))), TrapCode::call_stack_exhausted);
}

TEST_P(InterruptionTest, ReachesStartFunctions) {
  const auto module =
      Module::compile(machine_.engine(), wat("(module (func $f (loop $l (br $l))) (start $f))"));
  const Instantiation outcome = machine_.linker().instantiate(module.value(), within(10ms));
  EXPECT_EQ(outcome.instance, nullptr);
  EXPECT_EQ(trap_of(outcome.completion), TrapCode::interrupted);
  EXPECT_EQ(quick(), 5050);
}

TEST_P(InterruptionTest, EndsAnInnerCallAlone) {
  call_back_ = [this](int32_t value) -> TypedResult<int32_t> {
    EXPECT_EQ(trap_of(call("forever", within(10ms))), TrapCode::interrupted);
    return quick() + value;
  };
  Value values[1] = {Value::i32(7)};
  EXPECT_TRUE(instance_->func("host_once").invoke(values, within(1h)).returned());
  EXPECT_EQ(values[0].low, 5057u);
}

TEST_P(InterruptionTest, EndsAnOuterCallWithItsInnerOnes) {
  const StopToken token;
  bool has_gone_on = false;
  call_back_ = [&](int32_t) -> TypedResult<int32_t> {
    EXPECT_EQ(trap_of(call("forever", within(1h))), TrapCode::interrupted);
    EXPECT_EQ(trap_of(instance_->func("forever").invoke({})), TrapCode::interrupted);
    has_gone_on = true;
    return 0;
  };
  std::thread stopper([token] {
    std::this_thread::sleep_for(10ms);
    token.stop();
  });
  EXPECT_EQ(trap_of(call("host_forever", until(token))), TrapCode::interrupted);
  stopper.join();
  EXPECT_TRUE(has_gone_on);
  EXPECT_EQ(quick(), 5050);
}

TEST_P(InterruptionTest, ReachesInstancesMadeMeanwhile) {
  const auto module = Module::compile(machine_.engine(),
                                      wat("(module (func (export \"spin\") (loop $l (br $l))))"));
  const StopToken token;
  call_back_ = [&](int32_t) -> TypedResult<int32_t> {
    token.stop();
    const Instantiation made = machine_.linker().instantiate(module.value());
    EXPECT_EQ(trap_of(made.instance->func("spin").invoke({})), TrapCode::interrupted);
    return 0;
  };
  EXPECT_EQ(trap_of(call("host_forever", until(token))), TrapCode::interrupted);
}

TEST_P(InterruptionTest, TypedCallsTakeOptions) {
  const auto tree = TypedFunc<int32_t(int32_t)>::of(instance_->func("tree")).value();
  EXPECT_EQ(trap_of(tree.call(within(10ms), 60).completion()), TrapCode::interrupted);
  EXPECT_EQ(*tree.call(within(1h), 3), 8);
}

// Each stop comes at a random time around the beginning, the middle or the end of a call; a call
// that is ended ends for its own token, and the one after it never.
TEST_P(InterruptionTest, NoStopIsLostAndNoneHitsTheNextCall) {
  constexpr int kRounds = 300;
  std::mt19937 random(42);
  std::atomic<const StopToken*> mailbox = nullptr;
  std::atomic<const StopToken*> answer = nullptr;
  std::atomic<bool> is_done = false;
  std::thread stopper([&] {
    std::mt19937 delays(7);
    while (!is_done) {
      const StopToken* const token = mailbox.exchange(nullptr);
      if (token == nullptr) continue;
      for (volatile uint32_t i = delays() % 4096; i != 0;) i = i - 1;
      token->stop();
      answer.store(token);
    }
  });
  int num_ended = 0;
  for (int round = 0; round < kRounds; ++round) {
    const StopToken token;
    mailbox.store(&token);
    const bool endless = round % 2 == 0;
    const Completion completion =
        endless
            ? call("forever", until(token))
            : call("quick", until(token), {Value::i32(static_cast<int32_t>(random() % 4096 + 1))});
    if (endless) {
      ASSERT_EQ(trap_of(completion), TrapCode::interrupted) << round;
    }
    num_ended += completion.returned() ? 0 : 1;
    ASSERT_EQ(quick(), 5050) << round;
    while (answer.exchange(nullptr) == nullptr) std::this_thread::yield();
    ASSERT_EQ(quick(), 5050) << round;
  }
  is_done = true;
  stopper.join();
  EXPECT_GE(num_ended, kRounds / 2);
}

TEST_P(InterruptionTest, RandomDeadlinesAreKept) {
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    const auto timeout = std::chrono::microseconds(random() % 300);
    ASSERT_EQ(trap_of(call(round % 2 == 0 ? "forever" : "host_forever", within(timeout))),
              TrapCode::interrupted);
    ASSERT_EQ(quick(), 5050);
  }
}

// --- Not by mode

Mode default_mode() {
  return kAllModes[0];
}

EngineConfig interruptible() {
  EngineConfig config = default_mode().config();
  config.target.interruption = true;
  return config;
}

constexpr std::string_view kSpin = R"((module
  (func (export "spin") (loop $l (br $l)))
  (func (export "one") (result i32) (i32.const 1))))";

TEST(StopToken, EndsCallsOfManyStoresAndThreads) {
  const StopToken token;
  std::atomic<int> num_ended = 0;
  std::vector<std::thread> threads;
  const auto engine = Engine::create(interruptible()).value();
  const auto module = Module::compile(engine, wat(kSpin)).value();
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Store store(engine);
      Instance& instance = *store.instantiate(module, {}).instance;
      CallOptions options;
      options.stop = token;
      num_ended += trap_of(instance.func("spin").invoke({}, options)) == TrapCode::interrupted;
    });
  }
  std::this_thread::sleep_for(10ms);
  std::thread other([token] { token.stop(); });
  token.stop();
  for (std::thread& thread : threads) thread.join();
  other.join();
  EXPECT_EQ(num_ended, 8);
}

// Many threads begin and end calls with one token while it is being stopped.
TEST(StopToken, MayBeStoppedWhileCallsComeAndGo) {
  const auto engine = Engine::create(interruptible()).value();
  const auto module = Module::compile(engine, wat(kSpin)).value();
  for (int round = 0; round < 50; ++round) {
    const StopToken token;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        CallOptions options;
        options.stop = token;
        while (true) {
          Store store(engine);
          Instance& instance = *store.instantiate(module, {}).instance;
          Value values[1] = {};
          if (!instance.func("one").invoke(values, options).returned()) break;
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(round * 10));
    token.stop();
    for (std::thread& thread : threads) thread.join();
  }
}

const StopToken* token_of_handler = nullptr;

TEST(StopToken, MayBeStoppedBySignalHandlers) {
  Machine machine(interruptible());
  Instance& instance = machine.instantiate(kSpin);
  struct sigaction action = {};
  struct sigaction before = {};
  action.sa_handler = [](int) { token_of_handler->stop(); };
  ASSERT_EQ(sigaction(SIGALRM, &action, &before), 0);
  for (int round = 0; round < 100; ++round) {
    const StopToken token;
    token_of_handler = &token;
    const itimerval timer = {{0, 0}, {0, 100 + round * 10}};
    ASSERT_EQ(setitimer(ITIMER_REAL, &timer, nullptr), 0);
    CallOptions options;
    options.stop = token;
    ASSERT_EQ(trap_of(instance.func("spin").invoke({}, options)), TrapCode::interrupted);
    Value values[1] = {};
    ASSERT_TRUE(instance.func("one").invoke(values).returned());
  }
  ASSERT_EQ(sigaction(SIGALRM, &before, nullptr), 0);
}

TEST(Timeout, TakesOneThreadForTheProcess) {
  const auto count = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  Machine machine(interruptible());
  Instance& instance = machine.instantiate(kSpin);
  CallOptions options;
  options.timeout = 1h;
  Value values[1] = {};
  ASSERT_TRUE(instance.func("one").invoke(values, options).returned());
  const auto threads = count();
  for (int i = 0; i < 1000; ++i)
    ASSERT_TRUE(instance.func("one").invoke(values, options).returned());
  EXPECT_EQ(count(), threads);
}

TEST(Timeout, WithoutChecksInLoopsCallsStillEnd) {
  Machine machine(default_mode().config());
  Instance& instance = machine.instantiate(R"((module
    (func $tree (export "tree") (param i32)
      (if (local.get 0)
        (then (call $tree (i32.sub (local.get 0) (i32.const 1)))
              (call $tree (i32.sub (local.get 0) (i32.const 1))))))))");
  EXPECT_FALSE(instance.module().code().target.interruption);
  CallOptions options;
  options.timeout = 10ms;
  Value values[1] = {Value::i32(60)};
  EXPECT_EQ(trap_of(instance.func("tree").invoke(values, options)), TrapCode::interrupted);
}

// 64 KiB pages; each operation moves a gigabyte over and over.
TEST(Timeout, EndsBulkOperationsOnTheWay) {
  Machine machine(interruptible());
  Instance& instance = machine.instantiate(R"((module
    (memory (export "memory") 16384)
    (table $t 5000000 funcref)
    (func (export "fill") (loop $l
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x40000000)) (br $l)))
    (func (export "copy_up") (loop $l
      (memory.copy (i32.const 1) (i32.const 0) (i32.const 0x3fffffff)) (br $l)))
    (func (export "copy_down") (loop $l
      (memory.copy (i32.const 0) (i32.const 1) (i32.const 0x3fffffff)) (br $l)))
    (func (export "table_fill") (loop $l
      (table.fill $t (i32.const 0) (ref.null func) (i32.const 5000000)) (br $l)))
    (func (export "table_copy") (loop $l
      (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 4999999)) (br $l)))))");
  for (const char* const name : {"fill", "copy_up", "copy_down", "table_fill", "table_copy"}) {
    CallOptions options;
    options.timeout = 5ms;
    const auto begin = Clock::now();
    EXPECT_EQ(trap_of(instance.func(name).invoke({}, options)), TrapCode::interrupted) << name;
    const auto took = std::chrono::duration<double, std::milli>(Clock::now() - begin);
    std::printf("%s: ended %.2f ms after its time\n", name, took.count() - 5);
  }
}

// In pieces or not, what overlaps is copied as if all of it had been read first.
TEST(Timeout, PiecesOfCopiesMayOverlap) {
  Machine machine(interruptible());
  Instance& instance = machine.instantiate(R"((module (memory (export "memory") 100)
    (func (export "copy") (param i32 i32 i32)
      (memory.copy (local.get 0) (local.get 1) (local.get 2)))))");
  const std::span<uint8_t> bytes = instance.memory("memory")->bytes();
  constexpr uint32_t kSize = 5'000'000;
  for (const auto& [to, from] : {std::pair{1000u, 0u}, {0u, 1000u}, {1'200'000u, 0u}}) {
    std::mt19937 random(1);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    std::vector<uint8_t> expected(bytes.begin(), bytes.end());
    std::memmove(expected.data() + to, expected.data() + from, kSize);
    CallOptions options;
    options.timeout = 1h;
    Value values[3] = {Value::i32(static_cast<int32_t>(to)), Value::i32(static_cast<int32_t>(from)),
                       Value::i32(kSize)};
    ASSERT_TRUE(instance.func("copy").invoke(values, options).returned());
    EXPECT_TRUE(std::ranges::equal(bytes, expected));
  }
}

}  // namespace
}  // namespace swoop
