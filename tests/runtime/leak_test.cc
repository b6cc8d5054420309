// Nothing stays behind of instances, modules, snapshots and streams that are gone: memory, mappings
// and descriptors are the same after many thousands of them.
#include "runtime/linker.h"
#include "runtime/module_stream.h"
#include "runtime/snapshot.h"
#include "tests/support/process_state.h"
#include "tests/support/sanitizers.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace swoop {
namespace {

constexpr bool kIsSanitized =
    kAddressSanitizer || kThreadSanitizer;  // what is freed stays resident

class LeakTest : public testing::TestWithParam<jit::BoundsMode> {
 protected:
  static std::shared_ptr<Engine> make_engine() {
    EngineConfig config;
    config.target.bounds = GetParam();
    return Engine::create(config).value();
  }

  /// Runs `body` a tenth as often first, which fills the caches and pools.
  template <class Body>
  static void expect_flat(int count, const Body& body) {
    for (int i = 0; i < count / 10; ++i) body();
    const long resident = resident_bytes();
    const long mappings = num_mappings();
    const long descriptors = num_descriptors();
    for (int i = 0; i < count; ++i) body();
    EXPECT_EQ(num_descriptors(), descriptors);
    if (!kIsSanitized) {
      EXPECT_NEAR(static_cast<double>(num_mappings()), static_cast<double>(mappings), 4);
      EXPECT_LT(resident_bytes() - resident, 2 << 20) << "from " << resident;
    }
  }

  static std::vector<uint8_t> binary() {
    return wat(R"((module
      (import "host" "f" (func $f (param i32) (result i32)))
      (memory (export "memory") 1 3) (table 10 funcref) (global $g (mut i32) (i32.const 1))
      (elem (i32.const 2) $f $run) (data (i32.const 100) "data")
      (func $run (export "run") (param i32) (result i32)
        (drop (memory.grow (i32.const 1)))
        (i32.store (i32.const 70000) (local.get 0))
        (global.set $g (call $f (i32.add (local.get 0) (i32.load8_u (i32.const 100)))))
        (global.get $g))
      (func (export "trap") (unreachable))))");
  }
  /// An instance of the module runs, traps, and is gone.
  static bool works(const std::shared_ptr<Engine>& engine,
                    const std::shared_ptr<const Module>& module) {
    Store store(engine);
    Linker linker(store);
    const FuncType type{{ValType::i32}, {ValType::i32}};
    if (!linker.define_func("host", "f", type, [](Caller&, std::span<Value> values) {
          values[0].low += 1;
          return HostResult();
        })) {
      return false;
    }
    const Instance* const instance = linker.instantiate(module).instance;
    if (instance == nullptr) return false;
    const CallResult answer = instance->func("run").call(std::vector{Value{4, 0}});
    return answer.ok() && answer.values[0].low == 'd' + 5 && !instance->func("trap").call({}).ok();
  }

  std::shared_ptr<Engine> engine_ = make_engine();
};

// A hundred thousand, which take up to ten seconds, are as flat.
TEST_P(LeakTest, TenThousandInstances) {
  const std::shared_ptr<const Module> module = Module::compile(engine_, binary()).value();
  expect_flat(kIsSanitized ? 2000 : 10'000, [&] { ASSERT_TRUE(works(engine_, module)); });
}

TEST_P(LeakTest, ModulesAndStreams) {
  const std::vector<uint8_t> wasm = binary();
  expect_flat(1000, [&] {
    ModuleStream stream(engine_);
    ASSERT_TRUE(stream.feed(std::span(wasm).first(wasm.size() / 2)).ok());
    ASSERT_TRUE(works(engine_, Module::compile(engine_, wasm).value()));
  });
}

TEST_P(LeakTest, Engines) {
  const std::vector<uint8_t> wasm = binary();
  expect_flat(200, [&] {
    const std::shared_ptr<Engine> engine = make_engine();
    ASSERT_TRUE(works(engine, Module::compile(engine, wasm).value()));
  });
}

TEST_P(LeakTest, SnapshotsAndResets) {
  const std::shared_ptr<const Module> module = Module::compile(engine_, wat(R"((module
    (memory (export "memory") 2 4)
    (func (export "f") (drop (memory.grow (i32.const 1))) (i32.store (i32.const 90000) (i32.const 7)))
    (data (i32.const 5) "five")))"))
                                                   .value();
  Store store(engine_);
  Instance* const instance = Linker(store).instantiate(module).instance;
  expect_flat(2000, [&] {
    const std::shared_ptr<const Snapshot> snapshot = instance->snapshot().value();
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(instance->func("f").call({}).ok());
      ASSERT_TRUE(instance->reset(*snapshot).ok());
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Bounds, LeakTest,
                         testing::Values(jit::BoundsMode::guard, jit::BoundsMode::explicit_),
                         [](const auto& of) {
                           return of.param == jit::BoundsMode::guard ? "guard" : "explicit";
                         });

}  // namespace
}  // namespace swoop
