// Streams, snapshots and limits of stores, as embedders have them.
#include <gtest/gtest.h>

#include <swoop/swoop.hh>

namespace {

using namespace swoop;

constexpr std::string_view kModule = R"((module
    (memory (export "memory") 1 4)
    (global $n (export "n") (mut i32) (i32.const 5))
    (table (export "table") 1 4 funcref)
    (data $d "abc")
    (func (export "touch") (param i32)
      (i32.store (local.get 0) (i32.const 1))
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (drop (memory.grow (i32.const 1)))
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3))
      (data.drop $d))))";

TEST(Streams, GiveTheModuleForAnyPieces) {
  const Engine engine;
  const Bytes wasm = wat2wasm(kModule).value();
  for (std::size_t piece = 1; piece <= wasm.size(); ++piece) {
    ModuleStream stream(engine);
    for (std::size_t at = 0; at < wasm.size(); at += piece) {
      const std::size_t size = std::min(piece, wasm.size() - at);
      ASSERT_TRUE(stream.feed(BytesView(wasm).subspan(at, size)));
    }
    const Module module = std::move(stream).finish().value();
    EXPECT_EQ(module.exports().size(), 4u);
  }
}

TEST(Streams, GiveTheErrorOfTheWholeModule) {
  const Engine engine;
  Bytes wasm = wat2wasm(kModule).value();
  wasm.resize(wasm.size() - 2);
  const auto whole = Module::compile(engine, wasm);
  ModuleStream stream(engine);
  for (const std::byte& byte : wasm) (void)stream.feed({&byte, 1});
  const auto streamed = std::move(stream).finish();
  ASSERT_FALSE(streamed);
  EXPECT_EQ(streamed.error().render(), whole.error().render());
}

TEST(Streams, GiveTheirModuleOnce) {
  const Engine engine;
  const Bytes wasm = wat2wasm("(module)").value();
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(wasm.data());
  swoop_module_stream_t* stream = nullptr;
  swoop_module_t* module = nullptr;
  ASSERT_EQ(swoop_module_stream_new(engine.raw(), &stream), nullptr);
  ASSERT_EQ(swoop_module_stream_feed(stream, bytes, wasm.size()), nullptr);
  ASSERT_EQ(swoop_module_stream_finish(stream, &module), nullptr);
  EXPECT_EQ(Error(swoop_module_stream_finish(stream, &module)).kind(), ErrorKind::misuse);
  EXPECT_EQ(Error(swoop_module_stream_feed(stream, bytes, wasm.size())).kind(), ErrorKind::misuse);
  swoop_release(stream);
  swoop_release(module);
}

TEST(Snapshots, GiveAnInstanceItsStateBack) {
  const Engine engine;
  const Store store(engine);
  const Module module = Module::compile_wat(engine, kModule).value();
  const Instance instance = Instance::make(store, module).value();
  const auto touch = instance.func<void(int)>("touch").value();
  const Memory memory = instance.exports().memory().value();
  const Global n = instance.exports().global("n").value();
  const Snapshot fresh = instance.snapshot().value();
  for (int i = 0; i < 3; ++i) {
    touch(64 * i).value();
    EXPECT_EQ(memory.read<int>(64 * i).value() & 1, 1);
    EXPECT_EQ(n.as<int>().value(), 6);
    EXPECT_EQ(memory.pages(), 2u);
    instance.reset(fresh).value();
    EXPECT_EQ(memory.read<int>(64 * i).value(), 0);
    EXPECT_EQ(n.as<int>().value(), 5);
    EXPECT_EQ(memory.pages(), 1u);
  }
  const Instance other = Instance::make(store, module).value();
  EXPECT_TRUE(other.reset(fresh));
}

TEST(Snapshots, OfOtherModulesOrWhileWasmRunsAreMisuse) {
  const Engine engine;
  const Store store(engine);
  const Instance instance =
      Instance::make(store, Module::compile_wat(engine, kModule).value()).value();
  Imports imports;
  std::optional<Snapshot> own;
  std::optional<Instance> running;
  imports.ns("env").func("reset", [&] { return running->reset(*own); });
  running = Instance::make(store,
                           Module::compile_wat(engine, R"((module
      (import "env" "reset" (func $reset))
      (func (export "run") (call $reset))))")
                               .value(),
                           imports)
                .value();
  own = running->snapshot().value();
  EXPECT_EQ(instance.reset(*own).error().kind(), ErrorKind::misuse);
  const auto reset = running->func<void()>("run").value()();
  EXPECT_FALSE(reset);
  EXPECT_TRUE(running->reset(*own));
}

TEST(StoreLimits, HoldForAllOfAKindTogether) {
  const Engine engine;
  const Module module = Module::compile_wat(engine, kModule).value();
  const Store store(engine, StoreLimits{.memory_bytes = 3 * 65536, .instances = 2});
  const Instance one = Instance::make(store, module).value();
  const Instance two = Instance::make(store, module).value();
  EXPECT_EQ(one.exports().memory().value().grow(1).value(), 1u);
  EXPECT_EQ(two.exports().memory().value().grow(1).error().kind(), ErrorKind::limit_exceeded);
  EXPECT_EQ(Instance::make(store, module).error().kind(), ErrorKind::limit_exceeded);
}

}  // namespace
