// Threads share engines, modules and snapshots of the public interface; each has its own stores.
// A build with ThreadSanitizer says more (CONTRIBUTING.md).
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <swoop/swoop.hh>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace swoop;

constexpr unsigned kThreads = 16;
constexpr unsigned kRounds = 12;
constexpr unsigned kSlots = 4;

/// `add` gives the argument plus `number`, by way of the host and of memory.
Bytes numbered(unsigned number) {
  std::string text = R"((module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 16) ")" +
                     std::string(1, static_cast<char>('a' + number)) + R"(")
      (func (export "add") (param i32) (result i32)
        (i32.store (i32.const 64) (call $add (local.get 0) (i32.load8_u (i32.const 16))))
        (i32.load (i32.const 64)))
      (func (export "trap") (drop (i32.load (i32.const -1))))
      (func (export "spin") (loop $again (br $again))))";
  for (int i = 0; i < 200; ++i) text += "(func)";
  return wat2wasm(text + ")").value();
}

class Threads : public testing::Test {
 protected:
  // Whether an instance does what it should, also after a call that did not return.
  static bool works(const Instance& instance, unsigned number) {
    const auto add = instance.func<int(int)>("add").value();
    const auto trap = instance.func<void()>("trap").value();
    const auto spin = instance.func<void()>("spin").value();
    const StopToken token;
    token.stop();
    const int sum = 1000 + 'a' + static_cast<int>(number);
    return add(1000).value() == sum &&
           trap().error().trap_code() == TrapCode::memory_out_of_bounds &&
           spin.call({.stop = &token}).error().trap_code() == TrapCode::interrupted &&
           add(1000).value() == sum;
  }

  /// Runs in all threads at once, and expects true of all.
  template <class Body>
  static void expect_in_threads(const Body& body) {
    std::atomic<unsigned> wrong = 0;
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (unsigned round = 0; round < kRounds; ++round) wrong += !body(t, round);
      });
    }
    threads.clear();
    EXPECT_EQ(wrong, 0u);
  }

  Threads() {
    imports_.ns("host").func("add", [](int a, int b) { return a + b; });
  }
  Imports imports_;
};

// Each round another thread's module or snapshot is used, replaced and dropped; the last handle of
// anything may be any thread's, and that of the engine is a module's or a store's.
TEST_F(Threads, CompileInstantiateRunAndDropAtOnce) {
  struct Slot {
    std::mutex mutex;
    std::optional<Module> module;
    std::vector<Snapshot> snapshot;  // one or none: gcc 12 warns of an optional one in vain
  };
  std::array<Slot, kSlots> slots;
  std::vector<Bytes> binaries;
  for (unsigned number = 0; number < kSlots; ++number) binaries.push_back(numbered(number));
  std::optional<Engine> engine(Config{.compile_threads = 2});
  std::vector<std::optional<Engine>> engines(kThreads, engine);
  engine.reset();

  expect_in_threads([&](unsigned thread, unsigned round) {
    const unsigned number = (thread + round) % kSlots;
    Slot& slot = slots[number];
    std::optional<Module> module;
    std::vector<Snapshot> snapshot;
    {
      const std::lock_guard lock(slot.mutex);
      module = slot.module;
      snapshot = slot.snapshot;
    }
    const unsigned kind = (thread * 5 + round) % 4;
    if (!module || kind == 0) {
      module = Module::compile(*engines[thread], binaries[number]).value();
      snapshot.clear();
    } else if (kind == 1) {
      const std::span<const std::byte> bytes = binaries[number];
      ModuleStream stream(*engines[thread]);
      if (!stream.feed(bytes.first(bytes.size() / 2)) ||
          !stream.feed(bytes.subspan(bytes.size() / 2))) {
        return false;
      }
      module = std::move(stream).finish().value();
      snapshot.clear();
    }
    const Store store(*engines[thread]);
    const Instance instance = Instance::make(store, *module, imports_).value();
    if (!works(instance, number)) return false;
    if (!snapshot.empty() && (!instance.reset(snapshot.front()) || !works(instance, number)))
      return false;
    snapshot.assign(1, instance.snapshot().value());
    {
      const std::lock_guard lock(slot.mutex);
      slot.module.swap(module);
      slot.snapshot.swap(snapshot);
    }
    if (round + 1 == kRounds) engines[thread].reset();
    return true;
  });
}

}  // namespace
