// Threads share engines and modules; what of them changes is caches. Its builds with
// ThreadSanitizer say more (CONTRIBUTING.md).
#include "runtime/linker.h"
#include "runtime/module_stream.h"
#include "runtime/snapshot.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace swoop {
namespace {

constexpr unsigned kThreads = 4;
constexpr unsigned kRounds = 25;

/// Its function f answers `number`, from memory; g traps. With many functions, so that several
/// batches are compiled.
std::vector<uint8_t> numbered(unsigned number) {
  std::string text =
      R"((module (memory (export "memory") 1) (table 4 funcref) (elem (i32.const 0) $f)
    (data (i32.const 16) ")" +
      std::string(1 + number % 100, static_cast<char>('a' + number % 26)) +
      R"(")
    (type $t (func (param i32 )" +
      std::string(number % 2 == 0 ? "i64" : "f64") + R"( f32)))
    (func $f (export "f") (result i32) (i32.load8_u (i32.const 16)))
    (func (export "g") (drop (i32.load (i32.const -1)))))";
  for (int i = 0; i < 1100; ++i) text += "(func)";
  return wat(text + ")");
}

class ThreadsTest : public testing::Test {
 protected:
  /// Whether an instance does what it should.
  static bool works(const std::shared_ptr<Engine>& engine,
                    const std::shared_ptr<const Module>& module, unsigned number) {
    Store store(engine);
    const Instance* const instance = Linker(store).instantiate(module).instance;
    if (instance == nullptr) return false;
    const CallResult answer = instance->func("f").call({});
    const CallResult fault = instance->func("g").call({});
    return answer.ok() && answer.values[0].low == 'a' + number % 26 &&
           fault.completion.trap() != nullptr &&
           fault.completion.trap()->code == TrapCode::out_of_bounds_memory_access;
  }
  /// Runs in all threads at once, and expects true of all.
  template <class Body>
  static void expect_in_threads(const Body& body) {
    std::atomic<unsigned> wrong = 0;
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (unsigned round = 0; round < kRounds; ++round) wrong += !body(t, round);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0u);
  }

  static std::shared_ptr<Engine> make_engine() {
    EngineConfig config;
    config.jobs = 2;
    return Engine::create(config).value();
  }
  std::shared_ptr<Engine> engine_ = make_engine();
};

TEST_F(ThreadsTest, CompileWithOneEngine) {
  std::vector<std::vector<uint8_t>> binaries;
  for (unsigned number = 0; number < 7; ++number) binaries.push_back(numbered(number));
  expect_in_threads([&](unsigned thread, unsigned round) {
    const unsigned number = (thread + round) % 7;
    Result<std::shared_ptr<const Module>> module = Module::compile(engine_, binaries[number]);
    return module.ok() && works(engine_, *module, number);
  });
}

TEST_F(ThreadsTest, InstantiateOneModule) {
  const std::shared_ptr<const Module> module = Module::compile(engine_, numbered(3)).value();
  expect_in_threads([&](unsigned, unsigned) { return works(engine_, module, 3); });
}

TEST_F(ThreadsTest, LeaveAModuleToTheLast) {
  std::shared_ptr<const Module> module = Module::compile(engine_, numbered(5)).value();
  std::vector<std::shared_ptr<const Module>> owners(kThreads, module);
  module.reset();
  expect_in_threads([&](unsigned thread, unsigned round) {
    if (round == kRounds / 2 + thread) owners[thread].reset();
    return owners[thread] == nullptr || works(engine_, owners[thread], 5);
  });
}

// Sixteen threads compile, stream, instantiate, run, trap, reset and drop at once; what they share
// are modules and snapshots, which others drop meanwhile, and everything that an engine keeps.
TEST_F(ThreadsTest, DoEverythingAtOnce) {
  constexpr unsigned kMany = 16;
  constexpr unsigned kSlots = 5;
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<const Module> module;
    std::shared_ptr<const Snapshot> snapshot;
  };
  std::vector<std::vector<uint8_t>> binaries;
  for (unsigned number = 0; number < kSlots; ++number) binaries.push_back(numbered(number));
  std::vector<Slot> slots(kSlots);
  const auto act = [&](unsigned kind, unsigned number) -> bool {
    Slot& slot = slots[number];
    std::shared_ptr<const Module> module;
    std::shared_ptr<const Snapshot> snapshot;
    {
      const std::lock_guard lock(slot.mutex);
      module = slot.module;
      snapshot = slot.snapshot;
    }
    if (module == nullptr || kind == 0) {
      Result<std::shared_ptr<const Module>> compiled = Module::compile(engine_, binaries[number]);
      if (!compiled.ok()) return false;
      module = *compiled;
      const std::lock_guard lock(slot.mutex);
      slot.module = module;
      slot.snapshot = nullptr;
      return works(engine_, module, number);
    }
    if (kind == 1) {
      ModuleStream stream(engine_);
      const std::span<const uint8_t> bytes = binaries[number];
      const bool is_fed = stream.feed(bytes.first(bytes.size() / 2)).ok();
      if (number % 2 == 0) return is_fed;
      const bool is_all_fed = stream.feed(bytes.subspan(bytes.size() / 2)).ok();
      const Result<std::shared_ptr<const Module>> streamed = stream.finish();
      return is_fed && is_all_fed && streamed.ok() && works(engine_, *streamed, number);
    }
    if (kind != 2) return works(engine_, module, number);
    Store store(engine_);
    Instance* const instance = Linker(store).instantiate(module).instance;
    if (instance == nullptr) return false;
    if (snapshot == nullptr) {
      snapshot = instance->snapshot().value();
      const std::lock_guard lock(slot.mutex);
      if (slot.module == module) slot.snapshot = snapshot;
    }
    instance->memory("memory")->data()[16] = 'A';
    if (&snapshot->module() != module.get()) return !instance->reset(*snapshot).ok();
    return instance->reset(*snapshot).ok() &&
           instance->func("f").call({}).values[0].low == 'a' + number % 26;
  };
  std::atomic<unsigned> wrong = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kMany; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (unsigned round = 0; round < 30; ++round) {
        wrong +=
            !act(static_cast<unsigned>(random() % 10), static_cast<unsigned>(random() % kSlots));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace swoop
