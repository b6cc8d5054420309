// The programs that the interface was designed for, in one piece: embedders should be able to write
// them as they stand here. What each part promises is in the other tests of this folder.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <swoop/swoop.hh>
#include <swoop/wasi.hh>
#include <tuple>
#include <vector>

namespace {

using namespace swoop;

TEST(Examples, TheSmallestWholeProgram) {
  Engine engine;
  auto module = Module::compile_wat(engine, R"((module
      (import "math" "sum" (func $sum (param i32 i32) (result i32)))
      (func (export "add_one") (param $x i32) (result i32)
        local.get $x  i32.const 1  call $sum)))")
                    .value();
  Imports imports;
  imports.ns("math").func("sum", [](int x, int y) { return x + y; });
  Store store(engine);
  auto instance = Instance::make(store, module, imports).value();
  auto add_one = instance.func<int(int)>("add_one").value();
  EXPECT_EQ(add_one(41).value(), 42);
}

Result<int> answer_of(const Engine& engine, BytesView wasm) {
  return Module::compile(engine, wasm).and_then([&](const Module& module) -> Result<int> {
    Store store(engine);
    auto instance = Instance::make(store, module);
    if (!instance) return instance.error();
    auto answer = instance->func<int()>("answer");
    if (!answer) return answer.error();
    return (*answer)();
  });
}
TEST(Examples, WithoutExceptions) {
  Engine engine;
  const Bytes wasm = wat2wasm(R"((func (export "answer") (result i32) (i32.const 42)))").value();
  EXPECT_EQ(answer_of(engine, wasm).value(), 42);
  EXPECT_EQ(answer_of(engine, BytesView(wasm).first(7)).error().kind(), ErrorKind::malformed);
  const Bytes other = wat2wasm(R"((func (export "question")))").value();
  EXPECT_EQ(answer_of(engine, other).error().kind(), ErrorKind::not_found);
}

struct Db {
  int next = 0;
  Result<int> open(GuestStr path) {
    if (path.empty()) return Error::trap("empty path");
    return ++next;
  }
};
struct Point {
  float x, y;
};
struct MyFailure : std::exception {};

TEST(Examples, HostFunctions) {
  Engine engine;
  Store store(engine, std::string("log: "));
  Db db;
  int shift = 42;
  Imports imports;
  imports.ns("env")
      .func("sum", [shift](int x, int y) noexcept { return shift + x + y; })
      .func("swap",
            [](std::int32_t a, std::int64_t b) {
              return std::tuple{b, a};
            })
      .func("norm", [](GuestPtr<const Point> p) { return p->x * p->x + p->y * p->y; })
      .func("total",
            [](GuestSpan<const std::int32_t> values) {
              std::int64_t sum = 0;
              for (auto value : values) sum += value;
              return sum;
            })
      .func("log", [](Caller& caller, GuestStr s) { caller.data<std::string>().append(s); })
      .func("fail", []() -> int { throw MyFailure{}; })
      .func("make", [] { return ExternRef::make<std::string>("hi"); })
      .func("len",
            [](ExternRef ref) {
              auto* s = ref.get<std::string>();
              return s ? std::uint32_t(s->size()) : 0u;
            })
      .method("open", db, &Db::open)
      .dynamic("any", FuncType{{ValKind::i32}, {ValKind::i32}},
               [](Caller&, std::span<const Value> arguments) -> Result<std::vector<Value>> {
                 return std::vector<Value>{arguments[0]};
               });
  auto module = Module::compile_wat(engine, R"((module
      (import "env" "sum" (func $sum (param i32 i32) (result i32)))
      (import "env" "swap" (func $swap (param i32 i64) (result i64 i32)))
      (import "env" "norm" (func $norm (param i32) (result f32)))
      (import "env" "total" (func $total (param i32 i32) (result i64)))
      (import "env" "log" (func $log (param i32 i32)))
      (import "env" "fail" (func $fail (result i32)))
      (import "env" "make" (func $make (result externref)))
      (import "env" "len" (func $len (param externref) (result i32)))
      (import "env" "open" (func $open (param i32 i32) (result i32)))
      (import "env" "any" (func $any (param i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\00\00\40\40\00\00\80\40\01\00\00\00\02\00\00\00hello")
      (export "sum" (func $sum)) (export "swap" (func $swap)) (export "any" (func $any))
      (func (export "norm") (result f32) (call $norm (i32.const 0)))
      (func (export "total") (result i64) (call $total (i32.const 8) (i32.const 2)))
      (func (export "log") (call $log (i32.const 16) (i32.const 5)))
      (func (export "fail") (result i32) (call $fail))
      (func (export "len") (result i32) (i32.add (call $len (call $make)) (call $len (ref.null extern))))
      (func (export "open") (param $size i32) (result i32) (call $open (i32.const 16) (local.get $size)))))")
                    .value();
  auto instance = Instance::make(store, module, imports).value();

  EXPECT_EQ(instance.func<int(int, int)>("sum").value()(1, 2).value(), 45);
  auto swap =
      instance.func<std::tuple<std::int64_t, std::int32_t>(std::int32_t, std::int64_t)>("swap");
  auto [hi, lo] = swap.value()(41, 42).value();
  EXPECT_EQ(hi, 42);
  EXPECT_EQ(lo, 41);
  EXPECT_EQ(instance.func<float()>("norm").value()().value(), 25.0f);
  EXPECT_EQ(instance.func<std::int64_t()>("total").value()().value(), 3);
  instance.func<void()>("log").value()().value();
  EXPECT_EQ(store.data<std::string>(), "log: hello");
  EXPECT_THROW(instance.func<int()>("fail").value()().value(), MyFailure);
  EXPECT_EQ(instance.func<int()>("len").value()().value(), 2);
  auto open = instance.func<int(int)>("open").value();
  EXPECT_EQ(open(5).value(), 1);
  EXPECT_EQ(open(0).error().message(), "empty path");
  EXPECT_EQ(instance.func<int(int)>("any").value()(7).value(), 7);
}

TEST(Examples, Traps) {
  Engine engine;
  Store store(engine);
  auto module = Module::compile_wat(engine, R"((module $shop
      (func $share (param i32) (result i32) (i32.div_u (i32.const 100) (local.get 0)))
      (func (export "share") (param i32) (result i32) (call $share (local.get 0)))))")
                    .value();
  auto share = Instance::make(store, module).value().func<int(int)>("share").value();
  EXPECT_EQ(share(5).value(), 20);
  auto failed = share(0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().trap_code(), TrapCode::integer_divide_by_zero);
  std::string called;
  for (const Frame& frame : failed.error().frames())
    called += std::string(frame.module) + "!" + std::string(frame.function) + " ";
  EXPECT_EQ(called, "shop!share shop!share ");
  EXPECT_EQ(failed.error().render().find("integer divide by zero\n  0: "), 0u);
}

TEST(Examples, CompilingForElsewhere) {
  const Bytes wasm = wat2wasm(R"((func (export "answer") (result i32) (i32.const 42)))").value();
  std::string compiled;
  for (const char* target : {"x86_64", "aarch64"}) {
    Engine engine({.target = target, .cpu = "baseline"});
    auto module = Module::compile(engine, wasm);
    ASSERT_TRUE(module) << target;
    Store store(engine);
    auto instance = Instance::make(store, *module);
    if (instance) {
      compiled += "here ";
    } else {
      EXPECT_EQ(instance.error().kind(), ErrorKind::unsupported);
      compiled += "elsewhere ";
    }
  }
#if defined(__x86_64__)
  EXPECT_EQ(compiled, "here elsewhere ");
#else
  EXPECT_EQ(compiled, "elsewhere here ");
#endif
  EXPECT_EQ(Engine::make({.target = "pdp11"}).error().kind(), ErrorKind::unsupported);
}

Result<int> bounded(const Engine& engine, const Linked& linked, int rounds) {
  Store store(engine, std::string("user data"), StoreLimits{.memory_bytes = 64 << 20});
  if (auto set = store.set_fuel(1'000'000); !set) return set.error();
  auto instance = linked.instantiate(store);
  if (!instance) return instance.error();
  auto work = instance->func<int(int)>("work");
  if (!work) return work.error();
  return work->call({.fuel = 50'000, .timeout = std::chrono::seconds(20)}, rounds);
}
TEST(Examples, LimitsFuelAndDeadlines) {
  Engine engine({.fuel = true});
  const auto link = [&](std::string_view memory) {
    auto module = Module::compile_wat(engine, "(module (memory " + std::string(memory) + R"()
          (func (export "work") (param $n i32) (result i32)
            (loop $again
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.const 42))))");
    return Imports().link(module.value()).value();
  };
  EXPECT_EQ(bounded(engine, link("1"), 7).value(), 42);
  EXPECT_EQ(bounded(engine, link("1"), 1'000'000).error().trap_code(), TrapCode::out_of_fuel);
  EXPECT_EQ(bounded(engine, link("1025"), 7).error().kind(), ErrorKind::limit_exceeded);
}

TEST(Examples, Wasi) {
  Engine engine;
  auto module = Module::load(engine, SWOOP_SOURCE_ROOT "/examples/hello/hello.wasm").value();
  ASSERT_EQ(wasi::detect(module), wasi::Version::preview1);
  auto env = wasi::Builder("test-program")
                 .arg("Ada")
                 .env("GREETING", "Ahoy")
                 .map_dir("the_host_current_directory", ".")
                 .capture_stdout()
                 .build()
                 .value();
  Store store(engine);
  EXPECT_EQ(env.run(store, module).value(), 0);
  EXPECT_EQ(env.out().text().find("Ahoy, Ada!\n"), 0u);
}

template <class Socket>
Result<Module> download(const Engine& engine, Socket& socket) {
  ModuleStream stream(engine);
  while (auto chunk = socket.next()) {
    if (auto fed = stream.feed(*chunk); !fed) return fed.error();
  }
  return std::move(stream).finish();
}
struct Pieces {
  BytesView left;
  std::optional<BytesView> next() {
    if (left.empty()) return std::nullopt;
    const BytesView piece = left.first(std::min<std::size_t>(left.size(), 5));
    left = left.subspan(piece.size());
    return piece;
  }
};
TEST(Examples, StreamingAndPooling) {
  Engine engine;
  const Bytes wasm = wat2wasm(R"((module
      (global $handled (mut i32) (i32.const 0))
      (func (export "handle") (result i32)
        (global.set $handled (i32.add (global.get $handled) (i32.const 1)))
        (global.get $handled))))")
                         .value();
  Pieces socket{wasm};
  auto linked = Imports().link(download(engine, socket).value()).value();
  Store store(engine);
  auto instance = linked.instantiate(store).value();
  auto fresh = instance.snapshot().value();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(instance.func<int()>("handle").value()().value(), 1);
    instance.reset(fresh).value();
  }
}

}  // namespace
