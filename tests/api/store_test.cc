// Stores and what is in them; and what becomes of handles that are used wrongly.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <swoop/swoop.hh>
#include <thread>

namespace {

using namespace swoop;

constexpr std::string_view kCounter = R"((module
    (memory (export "memory") 1 3)
    (global $count (export "count") (mut i64) (i64.const 0))
    (global (export "limit") i32 (i32.const 9))
    (table (export "table") 2 4 funcref)
    (elem (i32.const 0) $next)
    (func $next (export "next") (result i64)
      (global.set $count (i64.add (global.get $count) (i64.const 1)))
      (global.get $count))))";

class Stores : public testing::Test {
 protected:
  Engine engine_;
  Module module_ = Module::compile_wat(engine_, kCounter).value();
};

TEST_F(Stores, HaveMemoriesThatAreReadAndWrittenChecked) {
  const Store store(engine_);
  const Memory memory = Instance::make(store, module_).value().exports().memory().value();
  EXPECT_EQ(memory.type(), (MemoryType{{1, 3}}));
  EXPECT_EQ(memory.size_bytes(), 65536u);
  EXPECT_TRUE(memory.write(65532, std::uint32_t{0x01020304}));
  EXPECT_EQ(memory.read<std::uint8_t>(65535).value(), 1);
  EXPECT_EQ(memory.read<std::uint32_t>(65533).error().trap_code(), TrapCode::memory_out_of_bounds);
  EXPECT_EQ(memory.write(UINT64_MAX, 'x').error().trap_code(), TrapCode::memory_out_of_bounds);
  EXPECT_EQ(memory.view<int>(0, std::uint64_t{1} << 62).error().trap_code(),
            TrapCode::memory_out_of_bounds);
  EXPECT_EQ(memory.view<int>(2, 1).error().kind(), ErrorKind::misuse);
  EXPECT_TRUE(memory.write(0, std::as_bytes(std::span("hello", 6))));
  EXPECT_EQ(memory.c_string(0).value(), "hello");
  EXPECT_EQ(memory.string(1, 3).value(), "ell");
  EXPECT_EQ(memory.c_string(65532).error().trap_code(), TrapCode::memory_out_of_bounds);
  EXPECT_EQ(memory.grow(2).value(), 1u);
  EXPECT_EQ(memory.pages(), 3u);
  EXPECT_EQ(memory.grow(1).error().kind(), ErrorKind::limit_exceeded);
}

TEST_F(Stores, HaveGlobalsAndTables) {
  const Store store(engine_);
  const Instance instance = Instance::make(store, module_).value();
  const auto next = instance.func<std::int64_t()>("next").value();
  const Global count = instance.exports().global("count").value();
  EXPECT_EQ(next().value(), 1);
  EXPECT_EQ(count.as<std::int64_t>().value(), 1);
  count.set(std::int64_t{41}).value();
  EXPECT_EQ(next().value(), 42);
  EXPECT_EQ(count.set(1).error().kind(), ErrorKind::type_mismatch);
  EXPECT_EQ(instance.exports().global("limit").value().set(1).error().message(),
            "global: it is immutable");

  const Table table = instance.exports().table("table").value();
  EXPECT_EQ(table.func(0).value(), instance.exports().func("next").value());
  EXPECT_FALSE(table.func(1).value());
  EXPECT_EQ(table.func(2).error().trap_code(), TrapCode::table_out_of_bounds);
  EXPECT_EQ(table.grow(2, Func()).value(), 2u);
  EXPECT_EQ(table.grow(1, Func()).error().kind(), ErrorKind::limit_exceeded);
  EXPECT_TRUE(table.set(3, table.func(0).value()));
  EXPECT_EQ(table.func(3).value().call({}).value().size(), 1u);
}

TEST_F(Stores, LendThingsOfTheHost) {
  const Store store(engine_);
  const Memory memory = make_memory(store, {{1}}).value();
  const Global global = make_global(store, {ValKind::i32, true}, 7).value();
  const Table table = make_table(store, {ValKind::funcref, {1}}, Func()).value();
  const Func func = make_func(store, [] { return 5; }).value();
  Imports imports;
  imports.ns("env")
      .define("memory", memory)
      .define("global", global)
      .define("table", table)
      .define("func", func);
  const Module module = Module::compile_wat(engine_, R"((module
      (import "env" "memory" (memory 1))
      (import "env" "global" (global $g (mut i32)))
      (import "env" "table" (table 1 funcref))
      (import "env" "func" (func $f (result i32)))
      (elem (i32.const 0) $f)
      (func (export "run") (result i32)
        (i32.store (i32.const 4) (global.get $g))
        (global.set $g (call_indirect (result i32) (i32.const 0)))
        (i32.load (i32.const 4)))))")
                            .value();
  const Instance instance = Instance::make(store, module, imports).value();
  EXPECT_EQ(instance.func<int()>("run").value()().value(), 7);
  EXPECT_EQ(memory.read<int>(4).value(), 7);
  EXPECT_EQ(global.as<int>().value(), 5);
  EXPECT_EQ(table.func(0).value(), func);
}

TEST_F(Stores, DoNotMix) {
  const Store one(engine_), other(engine_);
  const Func of_one = Instance::make(one, module_).value().exports().func("next").value();
  const Table of_other = Instance::make(other, module_).value().exports().table("table").value();
  EXPECT_EQ(of_other.set(0, of_one).error().kind(), ErrorKind::type_mismatch);

  Imports imports;
  imports.ns("env").define("f", of_one);
  const Module needs_f =
      Module::compile_wat(engine_, R"((import "env" "f" (func (result i64))))").value();
  const Linked linked = imports.link(needs_f).value();
  EXPECT_TRUE(linked.instantiate(one));
  EXPECT_EQ(linked.instantiate(other).error().kind(), ErrorKind::misuse);

  const Engine stranger;
  EXPECT_EQ(Instance::make(Store(stranger), module_).error().kind(), ErrorKind::misuse);
  const Module of_stranger =
      Module::compile_wat(stranger, R"((import "env" "f" (func (result i64))))").value();
  EXPECT_EQ(imports.link(of_stranger).error().kind(), ErrorKind::misuse);
}

TEST_F(Stores, AreGoneWithAllThatIsInThem) {
  std::optional<Store> store(engine_);
  const Instance instance = Instance::make(*store, module_).value();
  const auto next = instance.func<std::int64_t()>("next").value();
  const Memory memory = instance.exports().memory().value();
  const Global count = instance.exports().global("count").value();
  EXPECT_EQ(next().value(), 1);
  store.reset();
  EXPECT_EQ(next().error().kind(), ErrorKind::misuse);
  EXPECT_EQ(next.call({.timeout = std::chrono::hours(1)}).error().kind(), ErrorKind::misuse);
  EXPECT_TRUE(memory.data().empty());
  EXPECT_EQ(memory.read<int>(0).error().kind(), ErrorKind::misuse);
  EXPECT_EQ(memory.grow(1).error().kind(), ErrorKind::misuse);
  EXPECT_EQ(count.get().error().kind(), ErrorKind::misuse);
  EXPECT_EQ(instance.exports().func("next").error().kind(), ErrorKind::misuse);
  // Also when there is another store in the same place.
  store.emplace(engine_);
  const auto next_of_new =
      Instance::make(*store, module_).value().func<std::int64_t()>("next").value();
  EXPECT_EQ(next_of_new().value(), 1);
  EXPECT_EQ(next().error().kind(), ErrorKind::misuse);
}

// A call holds its store unless the one before has prepared the stack, which goes by blocks of
// 64 KiB: calls in the middle of one are in the same.
[[gnu::noinline]] void run_amid_a_stack_block(const std::function<void()>& body) {
  const auto sp = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  auto* const room = static_cast<volatile char*>(__builtin_alloca((sp - 0x8000) % 0x10000 + 1));
  room[0] = 0;
  body();
}

TEST_F(Stores, LiveUntilTheirWasmHasEnded) {
  std::optional<Store> store(std::in_place, engine_);
  bool dropped = false;
  struct Noting {
    bool* dropped;
    explicit Noting(bool* d) : dropped(d) {}
    Noting(Noting&& other) noexcept : dropped(std::exchange(other.dropped, nullptr)) {}
    ~Noting() {
      if (dropped != nullptr) *dropped = true;
    }
  };
  store.emplace(engine_, Noting(&dropped));
  Imports imports;
  bool is_first = true;  // which prepares the thread; later calls hold no reference to the store
  imports.ns("env").func("drop", [&] {
    if (!std::exchange(is_first, false)) store.reset();
  });
  const Module module = Module::compile_wat(engine_, R"((module
      (import "env" "drop" (func $drop))
      (memory 1)
      (func (export "run") (result i32)
        (call $drop) (i32.store (i32.const 0) (i32.const 3)) (i32.load (i32.const 0)))))")
                            .value();
  const auto run = Instance::make(*store, module, imports).value().func<int()>("run").value();
  run_amid_a_stack_block([&] {
    EXPECT_EQ(run().value(), 3);
    EXPECT_EQ(run().value(), 3);
  });
  // Another thread cannot know that the call has returned.
  std::thread([&] { const Store others(engine_); }).join();
  EXPECT_FALSE(dropped);
  EXPECT_EQ(run().error().kind(), ErrorKind::misuse);
  const Store another(engine_);  // takes away what was left
  EXPECT_TRUE(dropped);
}

TEST_F(Stores, TellWhyTheCallFailedThatDroppedThem) {
  std::optional<Store> store(std::in_place, engine_);
  Imports imports;
  bool is_first = true;
  imports.ns("env").func("drop", [&]() -> Result<> {
    if (!std::exchange(is_first, false)) store.reset();
    return Error(ErrorKind::trap, "mine");
  });
  const Module module = Module::compile_wat(engine_, R"((module
      (import "env" "drop" (func $drop))
      (func (export "run") (call $drop))))")
                            .value();
  const auto run = Instance::make(*store, module, imports).value().func<void()>("run").value();
  EXPECT_EQ(run().error().message(), "mine");
  const Result<> failed = run();
  ASSERT_FALSE(store);
  EXPECT_EQ(failed.error().kind(), ErrorKind::trap);
  EXPECT_EQ(failed.error().message(), "mine");
  EXPECT_EQ(failed.error().frames().size(), 1u);
  EXPECT_EQ(run().error().kind(), ErrorKind::misuse);
}

TEST_F(Stores, GiveTheirDataByItsType) {
  const Store store(engine_, std::string("data"));
  EXPECT_EQ(store.data<std::string>(), "data");
  EXPECT_THROW(store.data<int>(), Exception);
  EXPECT_THROW(Store(engine_).data<int>(), Exception);
}

TEST_F(Stores, ImportsAreCheckedOnce) {
  Imports imports;
  imports.ns("env").func("f", [](int) {}).func("f", [] {});
  EXPECT_EQ(imports.link(module_).error().message(), "import \"env\" \"f\" is defined already");
  imports = Imports();
  imports.allow_shadowing().ns("env").func("f", [](int) {}).func("f", [] { return 1; });
  const Module module =
      Module::compile_wat(engine_, R"((import "env" "f" (func (param i32))))").value();
  EXPECT_EQ(
      imports.link(module).error().message(),
      "incompatible import type for \"env\" \"f\": expected func (i32) -> (), found func () -> "
      "i32");
  EXPECT_EQ(Imports().link(module).error().kind(), ErrorKind::unlinkable);
  EXPECT_TRUE(Imports().unknown_as_traps().link(module));
}

TEST_F(Stores, UnknownFunctionsCanBeTraps) {
  const Store store(engine_);
  const Module module = Module::compile_wat(engine_, R"((module
      (import "env" "f" (func $f (param i32) (result i32)))
      (func (export "run") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (call $f (i32.const 0))) (else (i32.const 1))))))")
                            .value();
  const auto run = Instance::make(store, module, Imports().unknown_as_traps())
                       .value()
                       .func<int(int)>("run")
                       .value();
  EXPECT_EQ(run(0).value(), 1);
  EXPECT_EQ(run(1).error().message(), "unknown import \"env\" \"f\" was called");
}

TEST(Handles, ThatAreDeadOrOfAnotherKindDoNothing) {
  swoop_engine_t* engine = nullptr;
  ASSERT_EQ(swoop_engine_new(nullptr, &engine), nullptr);
  swoop_store_t* store = nullptr;
  ASSERT_EQ(swoop_store_new(engine, nullptr, nullptr, nullptr, &store), nullptr);

  swoop_module_t* module = nullptr;
  const Error wrong_kind(
      swoop_module_compile_text(reinterpret_cast<swoop_engine_t*>(store), "(module)", 8, &module));
  EXPECT_EQ(wrong_kind.kind(), ErrorKind::misuse);
  EXPECT_EQ(module, nullptr);

  EXPECT_TRUE(swoop_retain(engine));
  EXPECT_TRUE(swoop_release(engine));
  EXPECT_TRUE(swoop_release(engine));
  EXPECT_FALSE(swoop_release(engine));
  EXPECT_FALSE(swoop_retain(engine));
  const Error dead(swoop_module_compile_text(engine, "(module)", 8, &module));
  EXPECT_EQ(dead.kind(), ErrorKind::misuse);

  // A later handle in the same place is not the earlier one.
  swoop_engine_t* later = nullptr;
  ASSERT_EQ(swoop_engine_new(nullptr, &later), nullptr);
  EXPECT_NE(later, engine);
  EXPECT_FALSE(swoop_release(engine));
  EXPECT_TRUE(swoop_release(later));
  EXPECT_TRUE(swoop_release(store));
  EXPECT_FALSE(swoop_release(nullptr));
  for (const std::uintptr_t made_up :
       {std::uintptr_t{1}, std::uintptr_t{0x7fff'ffff}, UINTPTR_MAX, std::uintptr_t{0x1'0000'0001}})
    EXPECT_FALSE(swoop_retain(reinterpret_cast<void*>(made_up) == static_cast<void*>(engine)
                                  ? nullptr
                                  : reinterpret_cast<void*>(made_up)));
}

TEST(Handles, KeepWhatTheyNeed) {
  std::optional<Engine> engine(std::in_place);
  std::optional<Module> module(Module::compile_wat(*engine, kCounter).value());
  Store store(*engine);
  const Instance instance = Instance::make(store, *module).value();
  engine.reset();
  module.reset();
  EXPECT_EQ(instance.func<std::int64_t()>("next").value()().value(), 1);
  EXPECT_EQ(instance.module().exports().size(), 5u);
}

TEST(Objects, LiveAsLongAsSomebodyHasThem) {
  static int alive = 0;
  struct Counted {
    Counted() { ++alive; }
    ~Counted() { --alive; }
  };
  const Engine engine;
  {
    const Store store(engine);
    const Module module =
        Module::compile_wat(
            engine, "(func (export \"id\") (param externref) (result externref) (local.get 0))")
            .value();
    const auto id = Instance::make(store, module).value().func<ExternRef(ExternRef)>("id").value();
    for (int i = 0; i < 3; ++i) (void)id(ExternRef::make<Counted>()).value();
    EXPECT_EQ(alive, 3);  // the store has them
    { const ExternRef never_passed = ExternRef::make<Counted>(); }
    EXPECT_EQ(alive, 3);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
