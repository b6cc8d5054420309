#include "runtime/snapshot.h"

#include "runtime/linker.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace swoop {
namespace {

constexpr uint32_t kPage = 65536;

/// All kinds of state, and functions f0.. to change each.
const char* const kModule = R"((module
  (type $v (func (result i32)))
  (import "host" "f" (func $host (type $v)))
  (import "host" "memory" (memory $outside 1))
  (import "host" "global" (global $imported (mut i32)))
  (memory $m (export "memory") 2 40)
  (memory $second (export "second") 0 2)
  (table $t (export "table") 6 20 funcref)
  (table $x (export "refs") 3 10 externref)
  (global $i (export "i") (mut i32) (i32.const 7))
  (global $l (export "l") (mut i64) (i64.const -1))
  (global $f (export "f") (mut funcref) (ref.func $one))
  (global $constant i32 (i32.const 5))
  (data $active (memory $m) (i32.const 65530) "across the page boundary")
  (data $passive "passive")
  (elem $elements (table $t) (i32.const 1) func $host $one $two)
  (elem $spare func $two $one)
  (elem $expressions funcref (ref.func $one) (ref.null func) (ref.func $host))
  (func $one (type $v) (i32.const 1))
  (func $two (type $v) (global.get $i))
  (func (export "store") (param i32 i32) (i32.store $m (local.get 0) (local.get 1)))
  (func (export "fill") (param i32 i32) (memory.fill $m (local.get 0) (local.get 1) (i32.const 20000)))
  (func (export "grow") (param i32 i32) (drop (memory.grow $m (local.get 0))))
  (func (export "grow_second") (param i32 i32)
    (if (i32.ne (memory.grow $second (i32.const 1)) (i32.const -1))
      (then (i32.store $second (i32.const 60000) (local.get 1)))))
  (func (export "set") (param i32 i32) (table.set $t (local.get 0) (ref.func $two)))
  (func (export "set_null") (param i32 i32) (table.set $t (local.get 0) (ref.null func)))
  (func (export "copy") (param i32 i32)
    (table.copy $t $t (local.get 0) (local.get 1) (i32.const 2)))
  (func (export "grow_table") (param i32 i32)
    (drop (table.grow $t (ref.func $host) (local.get 0))))
  (func (export "grow_refs") (param i32 i32) (drop (table.grow $x (ref.null extern) (i32.const 1))))
  (func (export "set_ref") (param externref) (table.set $x (i32.const 1) (local.get 0)))
  (func (export "set_i") (param i32 i32) (global.set $i (local.get 0)))
  (func (export "set_l") (param i32 i32) (global.set $l (i64.extend_i32_s (local.get 0))))
  (func (export "set_f") (param i32 i32) (global.set $f (table.get $t (local.get 0))))
  (func (export "drop_data") (param i32 i32) (data.drop $passive))
  (func (export "drop_spare") (param i32 i32) (elem.drop $spare))
  (func (export "drop_expressions") (param i32 i32) (elem.drop $expressions))
  (func (export "outside") (param i32 i32)
    (i32.store $outside (i32.const 8) (local.get 1)) (global.set $imported (local.get 1)))
  (func (export "init_data") (memory.init $m $passive (i32.const 0) (i32.const 0) (i32.const 7)))
  (func (export "init_spare") (table.init $t $spare (i32.const 0) (i32.const 0) (i32.const 2)))
  (func (export "init_expressions")
    (table.init $t $expressions (i32.const 0) (i32.const 0) (i32.const 3)))
  (func (export "call") (param i32) (result i32) (call_indirect $t (type $v) (local.get 0)))))";

const char* const kChanges[] = {
    "store",    "fill",  "grow",       "grow_second", "set",
    "set_null", "copy",  "grow_table", "grow_refs",   "set_i",
    "set_l",    "set_f", "drop_data",  "drop_spare",  "drop_expressions",
    "outside"};

class SnapshotTest : public testing::TestWithParam<jit::BoundsMode> {
 protected:
  static std::shared_ptr<Engine> make_engine() {
    EngineConfig config;
    config.target.bounds = GetParam();
    return Engine::create(config).value();
  }

  /// A store with what the module imports.
  struct World {
    explicit World(const std::shared_ptr<Engine>& engine, const StoreLimits& limits = {})
        : store(engine, limits), linker(store) {
      const FuncType type{{}, {ValType::i32}};
      EXPECT_TRUE(linker.define_func("host", "f", type, [this](Caller&, std::span<Value> values) {
        values[0].low = 42;
        return on_call ? on_call() : HostResult();
      }));
      outside = store.make_memory({{1, std::nullopt}}).value();
      imported = store.make_global({ValType::i32, true}, Value{3, 0});
      linker.define("host", "memory", outside);
      linker.define("host", "global", imported);
    }
    Instance& make(const std::shared_ptr<const Module>& module) {
      Instantiation made = linker.instantiate(module);
      EXPECT_NE(made.instance, nullptr);
      return *made.instance;
    }
    Store store;
    Linker linker;
    Memory* outside = nullptr;
    Global* imported = nullptr;
    std::function<HostResult()> on_call;
  };

  static CallResult run(Instance& instance, const char* name, uint64_t a, uint64_t b) {
    const Func func = instance.func(name);
    std::vector<Value> arguments{Value{a, 0}, Value{b, 0}};
    arguments.resize(func.type().params.size());
    return func.call(arguments);
  }

  /// All that can be told of an instance, functions by their indices.
  static std::string observe(Instance& instance) {
    std::string text;
    const auto function = [&](uint64_t reference) -> std::string {
      if (reference == 0) return "null ";
      for (uint32_t i = 0; i < instance.module().info().funcs.size(); ++i) {
        if (reinterpret_cast<uintptr_t>(instance.func_ref(FuncIdx(i))) == reference)
          return "f" + std::to_string(i) + " ";
      }
      return "? ";
    };
    const Table& table = *instance.table("table");
    for (uint64_t i = 0; i < table.size(); ++i) text += function(table.get(i));
    const Table& refs = *instance.table("refs");
    for (uint64_t i = 0; i < refs.size(); ++i) text += std::to_string(refs.get(i)) + " ";
    text += std::to_string(instance.global("i")->get().low) + " ";
    text += std::to_string(instance.global("l")->get().low) + " ";
    text += function(instance.global("f")->get().low);
    for (const char* const name : {"memory", "second"}) {
      const Memory& memory = *instance.memory(name);
      text += std::to_string(memory.size_bytes()) + ": ";
      uint64_t digest = 0;
      for (const uint8_t byte : memory.bytes()) digest = digest * 0x9e3779b97f4a7c15 + byte;
      text += std::to_string(digest) + " ";
    }
    // What calls see, which a context could know otherwise.
    for (uint64_t i = 0; i < table.size(); ++i) {
      const CallResult called = run(instance, "call", i, 0);
      text += called.ok() ? std::to_string(called.values[0].low) : "trap";
      text += ' ';
    }
    return text;
  }
  /// And which segments are dropped, to ask which changes memory and table.
  static std::string observe_segments(Instance& instance) {
    std::string text;
    for (const char* const name : {"init_data", "init_spare", "init_expressions"}) {
      text += run(instance, name, 0, 0).ok() ? "there " : "dropped ";
    }
    return text + observe(instance);
  }

  void change(Instance& instance, size_t count) {
    for (; count > 0; --count) {
      const char* const name = kChanges[random_() % std::size(kChanges)];
      const std::string_view what = name;
      uint64_t a = random_() % 6;
      if (what == "store" || what == "fill") {
        a = random_() % 4 == 0 ? random_() % instance.memory("memory")->size_bytes()
                               : random_() % (2 * kPage);
      }
      (void)run(instance, name, a, random_() % 6).ok();  // some are out of bounds
    }
  }

  std::shared_ptr<Engine> engine_ = make_engine();
  std::shared_ptr<const Module> module_ = Module::compile(engine_, wat(kModule)).value();
  std::mt19937 random_{5};
};

TEST_P(SnapshotTest, GivesBackTheStateOfAFreshInstance) {
  World world(engine_);
  Instance& instance = world.make(module_);
  const std::shared_ptr<const Snapshot> fresh = instance.snapshot().value();
  EXPECT_FALSE(fresh->is_bound_to_store());
  World other(engine_);
  const std::string expected = observe(other.make(module_));
  const std::string segments = observe_segments(other.make(module_));
  ASSERT_EQ(observe(instance), expected);
  for (int round = 0; round < 60; ++round) {
    change(instance, 1 + random_() % 30);
    ASSERT_TRUE(instance.reset(*fresh).ok());
    ASSERT_EQ(observe(instance), expected) << "round " << round;
    if (round % 8 == 0) {
      ASSERT_EQ(observe_segments(instance), segments) << "round " << round;
      ASSERT_TRUE(instance.reset(*fresh).ok());
    }
  }
}

// Several snapshots of one history, in any order; memories go from one image to the other.
TEST_P(SnapshotTest, GivesBackAnyMomentOfAHistory) {
  World world(engine_);
  Instance& instance = world.make(module_);
  World elsewhere(engine_);
  Instance& other = elsewhere.make(module_);
  std::vector<std::shared_ptr<const Snapshot>> snapshots;
  std::vector<std::string> states;
  for (int round = 0; round < 150; ++round) {
    if (snapshots.size() < 12 && round % 3 == 0) {
      snapshots.push_back(instance.snapshot().value());
      states.push_back(observe(instance));
    }
    const size_t moment = random_() % snapshots.size();
    Instance& target = random_() % 3 == 0 ? other : instance;
    ASSERT_TRUE(target.reset(*snapshots[moment]).ok());
    ASSERT_EQ(observe(target), states[moment]) << "round " << round;
    if (random_() % 4 != 0) change(target, random_() % 20);
    if (&target == &other) continue;
    if (random_() % 10 == 0) {
      snapshots[moment] = instance.snapshot().value();
      states[moment] = observe(instance);
    }
  }
}

TEST_P(SnapshotTest, LeavesWhatIsImportedAlone) {
  World world(engine_);
  Instance& instance = world.make(module_);
  const std::shared_ptr<const Snapshot> fresh = instance.snapshot().value();
  ASSERT_TRUE(run(instance, "outside", 0, 9).ok());
  ASSERT_TRUE(instance.reset(*fresh).ok());
  EXPECT_EQ(world.outside->data()[8], 9);
  EXPECT_EQ(world.imported->get().low, 9u);
}

TEST_P(SnapshotTest, OutlivesItsStore) {
  std::shared_ptr<const Snapshot> snapshot;
  std::string state;
  {
    World world(engine_);
    Instance& instance = world.make(module_);
    change(instance, 50);
    snapshot = instance.snapshot().value();
    state = observe(instance);
  }
  for (int i = 0; i < 3; ++i) {
    World world(engine_);
    Instance& instance = world.make(module_);
    ASSERT_TRUE(instance.reset(*snapshot).ok());
    EXPECT_EQ(observe(instance), state);
    change(instance, 5);
  }
  // What those memories left is as good as new.
  World world(engine_);
  const std::shared_ptr<Engine> other_engine = make_engine();
  World other(other_engine);
  const std::shared_ptr<const Module> again = Module::compile(other_engine, wat(kModule)).value();
  EXPECT_EQ(observe(world.make(module_)), observe(other.make(again)));
}

TEST_P(SnapshotTest, WithAnotherStoresReferencesIsRefused) {
  World world(engine_);
  World other(engine_);
  Instance& instance = world.make(module_);
  ASSERT_TRUE(instance.func("set_ref").call(std::vector{Value{host_reference(5), 0}}).ok());
  const std::shared_ptr<const Snapshot> snapshot = instance.snapshot().value();
  EXPECT_TRUE(snapshot->is_bound_to_store());
  const std::string state = observe(instance);
  ASSERT_TRUE(instance.func("set_ref").call(std::vector{Value{}}).ok());
  ASSERT_TRUE(instance.reset(*snapshot).ok());
  EXPECT_EQ(observe(instance), state);
  Instance& sibling = world.make(module_);
  ASSERT_TRUE(sibling.reset(*snapshot).ok()) << "the same store";
  EXPECT_EQ(observe(sibling), state);

  Instance& stranger = other.make(module_);
  const std::string before = observe(stranger);
  const Result<> refused = stranger.reset(*snapshot);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::unlinkable);
  EXPECT_EQ(observe(stranger), before);
  // A function of another instance is such a reference, too.
  Instance& lender = world.make(module_);
  instance.table("table")->set(0, reinterpret_cast<uintptr_t>(lender.func("store").ref()));
  ASSERT_TRUE(instance.func("set_ref").call(std::vector{Value{}}).ok());
  EXPECT_TRUE(instance.snapshot().value()->is_bound_to_store());
}

TEST_P(SnapshotTest, OfAnotherModuleIsRefused) {
  World world(engine_);
  Instance& instance = world.make(module_);
  const std::shared_ptr<const Module> twin = Module::compile(engine_, wat(kModule)).value();
  const Result<> refused = world.make(twin).reset(*instance.snapshot().value());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "the snapshot is of another module");
}

TEST_P(SnapshotTest, IsRefusedWhileTheStoreRuns) {
  World world(engine_);
  Instance& instance = world.make(module_);
  const std::shared_ptr<const Snapshot> fresh = instance.snapshot().value();
  ASSERT_TRUE(run(instance, "set_i", 99, 0).ok());
  int num_calls = 0;
  std::shared_ptr<const Snapshot> middle;
  world.on_call = [&] {
    ++num_calls;
    const Result<> refused = instance.reset(*fresh);
    EXPECT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "an instance is reset while its store runs");
    middle = instance.snapshot().value();
    return HostResult();
  };
  EXPECT_EQ(run(instance, "call", 1, 0).values[0].low, 42u);
  EXPECT_EQ(num_calls, 1);
  world.on_call = nullptr;
  EXPECT_EQ(instance.global("i")->get().low, 99u);
  ASSERT_TRUE(instance.reset(*fresh).ok());
  EXPECT_EQ(instance.global("i")->get().low, 7u);
  ASSERT_TRUE(instance.reset(*middle).ok());
  EXPECT_EQ(instance.global("i")->get().low, 99u);
}

// Code of an importer may leave out comparisons with the size it was promised.
TEST_P(SnapshotTest, IsRefusedIfAnotherInstanceNeedsMoreMemory) {
  World world(engine_);
  Instance& instance = world.make(module_);
  const std::shared_ptr<const Snapshot> fresh = instance.snapshot().value();
  ASSERT_TRUE(run(instance, "grow", 3, 0).ok());
  ASSERT_TRUE(run(instance, "grow_table", 4, 0).ok());
  ASSERT_TRUE(instance.reset(*fresh).ok());
  ASSERT_TRUE(run(instance, "grow", 3, 0).ok());
  world.linker.define("host", "grown", instance.memory("memory"));
  world.linker.define("host", "grown_table", instance.table("table"));
  const std::shared_ptr<const Module> importer =
      Module::compile(engine_, wat(R"((module (import "host" "grown" (memory 5))
        (func (export "last") (result i32) (i32.load (i32.const 327676)))))"))
          .value();
  Instance& user = world.make(importer);
  const Result<> refused = instance.reset(*fresh);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::unlinkable);
  EXPECT_EQ(instance.memory("memory")->size_pages(), 5u);
  EXPECT_TRUE(user.func("last").call({}).ok());
  // What is large enough is shared by both.
  const std::shared_ptr<const Snapshot> large = instance.snapshot().value();
  ASSERT_TRUE(run(instance, "grow", 2, 0).ok());
  ASSERT_TRUE(run(instance, "store", 327676, 1).ok());
  EXPECT_EQ(user.func("last").call({}).values[0].low, 1u);
  ASSERT_TRUE(instance.reset(*large).ok());
  EXPECT_EQ(user.func("last").call({}).values[0].low, 0u);
}

TEST_P(SnapshotTest, StaysWithinTheLimitsOfTheStore) {
  World world(engine_);
  Instance& instance = world.make(module_);
  const std::shared_ptr<const Snapshot> small = instance.snapshot().value();
  ASSERT_TRUE(run(instance, "grow", 5, 0).ok());
  const std::shared_ptr<const Snapshot> large = instance.snapshot().value();
  StoreLimits limits;
  limits.memory_bytes = 5 * kPage;
  World limited(engine_, limits);
  Instance& target = limited.make(module_);
  ASSERT_TRUE(target.reset(*small).ok());
  const std::string before = observe(target);
  const Result<> refused = target.reset(*large);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::limit_exceeded);
  EXPECT_EQ(observe(target), before);
  // What a reset gives back can be had again.
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(run(target, "grow", 2, 0).ok());
    EXPECT_EQ(target.memory("memory")->size_pages(), 4u);
    ASSERT_TRUE(target.reset(*small).ok());
  }
}

TEST_P(SnapshotTest, OfManyScatteredPagesIsExact) {
  World world(engine_);
  Instance& instance = world.make(module_);
  ASSERT_TRUE(run(instance, "grow", 38, 0).ok());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(run(instance, "store", random_() % (40 * kPage - 4), random_()).ok());
  }
  const std::shared_ptr<const Snapshot> snapshot = instance.snapshot().value();
  const std::string state = observe(instance);
  for (int i = 0; i < 4; ++i) {
    change(instance, 20);
    ASSERT_TRUE(instance.reset(*snapshot).ok());
    ASSERT_EQ(observe(instance), state);
  }
}

INSTANTIATE_TEST_SUITE_P(Bounds, SnapshotTest,
                         testing::Values(jit::BoundsMode::guard, jit::BoundsMode::explicit_),
                         [](const auto& of) {
                           return of.param == jit::BoundsMode::guard ? "guard" : "explicit";
                         });

}  // namespace
}  // namespace swoop
