// WASI for embedders: what guests are granted, what comes of their runs, and waits that end.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <swoop/swoop.hh>
#include <swoop/wasi.hh>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace swoop;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Prints its arguments, one a line.
constexpr std::string_view kEchoArguments = R"((module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32)
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $get (i32.const 64) (i32.const 1024)))
    (loop $next
      (if (i32.lt_u (local.get $i) (i32.load (i32.const 4)))
        (then
          (if (i32.eqz (i32.load8_u (i32.add (i32.const 1024) (local.get $i))))
            (then (i32.store8 (i32.add (i32.const 1024) (local.get $i)) (i32.const 10))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))
    (i32.store (i32.const 8) (i32.const 1024))
    (i32.store (i32.const 12) (i32.load (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0))))))";

// Prints its environment, with a line for each variable.
constexpr std::string_view kEchoEnvironment = R"((module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 12)))
    (drop (call $get (i32.const 65536) (i32.const 131072)))
    (i32.store (i32.const 8) (i32.const 131072))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0))))))";

// Copies its input to its output and to its errors; exits with 1 when something fails.
constexpr std::string_view kCat = R"((module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $check (param i32) (if (local.get 0) (then (call $exit (i32.const 1)))))
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 1024))
    (loop $next
      (i32.store (i32.const 4) (i32.const 4096))
      (call $check (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
      (if (i32.load (i32.const 4))
        (then
          (call $check (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (call $check (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
          (br $next)))))))";

// Waits for an hour of the monotonic clock.
constexpr std::string_view kSleep = R"((module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 3600000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))))";

constexpr std::string_view kExit42 = R"((module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 42)) (unreachable))))";

// Copies the file "etc/conf" beneath directory 3, which has its path at 2048, to its output; exits
// with the error of path_open.
constexpr std::string_view kReadFile = R"((module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 2048) "etc/conf")
  (func (export "_start") (local $error i32)
    (local.set $error (call $open (i32.const 3) (i32.const 0) (i32.const 2048) (i32.const 8)
      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
    (if (local.get $error) (then (call $exit (local.get $error))))
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))))";

class Wasi : public testing::Test {
 protected:
  Module compile(std::string_view wat) const { return Module::compile_wat(engine_, wat).value(); }
  Result<int> run(const wasi::Env& env, std::string_view wat,
                  const CallOptions& options = {}) const {
    return env.run(store_, compile(wat), options);
  }
  const Engine engine_;
  const Store store_{engine_};
};

TEST_F(Wasi, GivesArgumentsAndEnvironment) {
  const wasi::Env env = wasi::Builder("program")
                            .arg("--flag")
                            .args({"a b", ""})
                            .env("COLOR", "false")
                            .env("LANG", "C")
                            .env("COLOR", "true")
                            .capture_stdout()
                            .build()
                            .value();
  EXPECT_EQ(run(env, kEchoArguments).value(), 0);
  EXPECT_EQ(env.out().text(), "program\n--flag\na b\n\n");
  EXPECT_EQ(env.out().take().size(), 20u);
  EXPECT_EQ(env.out().text(), "");
  EXPECT_EQ(run(env, kEchoEnvironment).value(), 0);
  EXPECT_EQ(env.out().text(), std::string("COLOR=true\0LANG=C\0", 18));
}

TEST_F(Wasi, GivesNothingUnlessAsked) {
  const wasi::Env env = wasi::Builder().capture_stdout().build().value();
  EXPECT_EQ(run(env, kEchoArguments).value(), 0);
  EXPECT_EQ(run(env, kEchoEnvironment).value(), 0);
  EXPECT_EQ(env.out().text(), "");
  EXPECT_NE(run(env, kReadFile).value(), 0);
}

TEST_F(Wasi, InheritsTheEnvironment) {
  ::setenv("SWOOP_WASI_TEST", "inherited", 1);
  const wasi::Env env = wasi::Builder().inherit_env().capture_stdout().build().value();
  EXPECT_EQ(run(env, kEchoEnvironment).value(), 0);
  EXPECT_NE(env.out().text().find("SWOOP_WASI_TEST=inherited"), std::string::npos);
}

TEST_F(Wasi, CarriesStreams) {
  wasi::Builder builder;
  builder.stdin_text("1\n22\n").capture_stdout().capture_stderr();
  const wasi::Env env = builder.build().value();
  EXPECT_EQ(run(env, kCat).value(), 0);
  EXPECT_EQ(env.out().text(), "1\n22\n");
  EXPECT_EQ(env.err().text(), "1\n22\n");

  // The next environment of a builder begins anew.
  const wasi::Sink sink;
  std::string written;
  builder.stdout_to([&](BytesView bytes) {
    written.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  const wasi::Env next = builder.stderr_to(sink).build().value();
  EXPECT_EQ(run(next, kCat).value(), 0);
  EXPECT_EQ(written, "1\n22\n");
  EXPECT_EQ(sink.text(), "1\n22\n");
  EXPECT_EQ(next.out().text(), "");
  EXPECT_EQ(env.out().text(), "1\n22\n");
}

TEST_F(Wasi, ReadsWhatIsWrittenMeanwhile) {
  const wasi::Source source;
  const wasi::Env env = wasi::Builder().stdin_from(source).capture_stdout().build().value();
  std::jthread writer([&] {
    std::this_thread::sleep_for(milliseconds(5));
    source.write("first ");
    std::this_thread::sleep_for(milliseconds(5));
    source.write("second");
    source.close();
    source.write("never");
  });
  EXPECT_EQ(run(env, kCat, {.timeout = std::chrono::minutes(1)}).value(), 0);
  EXPECT_EQ(env.out().text(), "first second");
}

TEST_F(Wasi, BoundsWhatItCaptures) {
  const std::string text(5000, 'x');
  const wasi::Env env = wasi::Builder()
                            .stdin_text(text)
                            .capture_stdout()
                            .limits({.captured_bytes = 4096})
                            .build()
                            .value();
  EXPECT_EQ(run(env, kCat).value(), 1);  // no space
  EXPECT_EQ(env.out().text().size(), 4096u);
}

TEST_F(Wasi, GivesExitCodes) {
  const wasi::Env env = wasi::Builder().build().value();
  EXPECT_EQ(run(env, kExit42).value(), 42);
  EXPECT_EQ(run(env, R"((module (func (export "_start"))))").value(), 0);
  EXPECT_EQ(run(env, R"((module
      (import "wasi_unstable" "proc_exit" (func $exit (param i32)))
      (func $s (call $exit (i32.const -1))) (start $s) (func (export "_start"))))")
                .value(),
            -1);
}

TEST_F(Wasi, TellsTrapsFromExits) {
  const wasi::Env env = wasi::Builder().build().value();
  const auto trapped =
      run(env, R"((module $app (func $f (unreachable)) (func (export "_start") (call $f))))");
  EXPECT_EQ(trapped.error().trap_code(), TrapCode::unreachable);
  EXPECT_EQ(trapped.error().frames().size(), 2u);
  EXPECT_EQ(trapped.error().exit_code(), std::nullopt);

  constexpr std::string_view kBadPointer = R"((module
      (import "wasi_snapshot_preview1" "random_get" (func $f (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start") (drop (call $f (i32.const 65535) (i32.const 2))))))";
  const auto bad_pointer = run(env, kBadPointer);
  EXPECT_EQ(bad_pointer.error().trap_code(), TrapCode::host);
  EXPECT_EQ(bad_pointer.error().message(), "random_get: out of bounds memory access");

  std::string without_export(kBadPointer);
  without_export.replace(without_export.find("(export \"memory\")"), 17, "");
  EXPECT_EQ(run(env, without_export).error().message(),
            "random_get: the module exports no memory named \"memory\"");
}

TEST_F(Wasi, MountsFilesInMemory) {
  const char text[] = "key = value\n";
  const auto* const first = reinterpret_cast<const std::byte*>(text);
  const wasi::Env env = wasi::Builder()
                            .mount("/", {{"etc/conf", Bytes(first, first + sizeof text - 1)}})
                            .capture_stdout()
                            .build()
                            .value();
  EXPECT_EQ(run(env, kReadFile).value(), 0);
  EXPECT_EQ(env.out().text(), text);

  // The same path by a mount in the virtual root.
  const wasi::Env root = wasi::Builder()
                             .mount_text("etc", {{"conf", "in the root"}})
                             .virtual_root()
                             .capture_stdout()
                             .build()
                             .value();
  EXPECT_EQ(run(root, kReadFile).value(), 0);
  EXPECT_EQ(root.out().text(), "in the root");
}

/// A new directory, removed in the end.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "swoop-wasi-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST_F(Wasi, MapsDirectories) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path() / "etc");
  std::ofstream(scratch.path() / "etc/conf") << "from the host";
  const wasi::Env env = wasi::Builder()
                            .map_dir("data", scratch.path(), wasi::Access::read_only)
                            .capture_stdout()
                            .build()
                            .value();
  EXPECT_EQ(run(env, kReadFile).value(), 0);
  EXPECT_EQ(env.out().text(), "from the host");
}

TEST_F(Wasi, RefusesWrongSettings) {
  const auto kind_of = [](wasi::Builder& builder) { return builder.build().error().kind(); };
  EXPECT_EQ(kind_of(wasi::Builder().preopen("/nonexistent/swoop")), ErrorKind::io);
  EXPECT_EQ(kind_of(wasi::Builder().stdin_file("/nonexistent/swoop")), ErrorKind::io);
  EXPECT_EQ(kind_of(wasi::Builder().env("A=B", "")), ErrorKind::misuse);
  EXPECT_EQ(kind_of(wasi::Builder().arg(std::string_view("a\0b", 3))), ErrorKind::misuse);
  EXPECT_EQ(kind_of(wasi::Builder().map_dir("", ".")), ErrorKind::misuse);
  EXPECT_EQ(kind_of(wasi::Builder().mount_text("etc", {{"../conf", ""}})), ErrorKind::misuse);
  EXPECT_EQ(kind_of(wasi::Builder().limits({.open_files = 2})), ErrorKind::limit_exceeded);
  EXPECT_EQ(kind_of(wasi::Builder().map_dir("d", ".", static_cast<wasi::Access>(9))),
            ErrorKind::misuse);
}

TEST_F(Wasi, GivesOneBudgetOfFuelToStartFunctionAndProgram) {
  const Engine counting({.fuel = true});
  const Module module = Module::compile_wat(counting, R"((module
      (func $ten (drop (i32.const 1)) (drop (i32.const 1)) (drop (i32.const 1)) (drop (i32.const 1))
        (drop (i32.const 1)) (drop (i32.const 1)) (drop (i32.const 1)) (drop (i32.const 1))
        (drop (i32.const 1)) (drop (i32.const 1)))
      (start $ten)
      (export "_start" (func $ten))))")
                            .value();
  const auto run = [&](std::uint64_t fuel) {
    const Store store(counting);
    return wasi::Builder("counted").build().value().run(store, module, {}, {.fuel = fuel});
  };
  EXPECT_EQ(run(20).value(), 0);
  EXPECT_EQ(run(19).error().trap_code(), TrapCode::out_of_fuel);
  EXPECT_EQ(run(9).error().trap_code(), TrapCode::out_of_fuel);
}

TEST_F(Wasi, EndsWaitsByTimeout) {
  const auto begin = steady_clock::now();
  const wasi::Env env = wasi::Builder().build().value();
  const auto slept = run(env, kSleep, {.timeout = milliseconds(10)});
  EXPECT_EQ(slept.error().trap_code(), TrapCode::interrupted);

  const wasi::Source source;
  const wasi::Env reading = wasi::Builder().stdin_from(source).build().value();
  EXPECT_EQ(run(reading, kCat, {.timeout = milliseconds(10)}).error().trap_code(),
            TrapCode::interrupted);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(60));
  // And what comes later is as it was.
  source.close();
  EXPECT_EQ(run(reading, kCat, {.timeout = std::chrono::minutes(1)}).value(), 0);
  EXPECT_EQ(run(reading, kCat).value(), 0);
}

TEST_F(Wasi, EndsReadsOfAPipeByToken) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int saved = ::dup(0);
  ::dup2(ends[0], 0);
  const wasi::Env env = wasi::Builder().inherit_stdin().build().value();
  ::dup2(saved, 0);
  ::close(saved);
  const StopToken token;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(10));
    token.stop();
  });
  EXPECT_EQ(run(env, kCat, {.stop = &token}).error().trap_code(), TrapCode::interrupted);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(Wasi, TimesBothStepsOfARunTogether) {
  const Module module = compile(R"((module
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (import "env" "pause" (func $pause))
      (start $pause)
      (func (export "_start") (call $pause) (loop $l (br_if $l (i32.eqz (call $yield)))))))");
  Imports extra;
  extra.ns("env").func("pause", [] { std::this_thread::sleep_for(milliseconds(30)); });
  const wasi::Env env = wasi::Builder().build().value();
  const auto begin = steady_clock::now();
  EXPECT_EQ(env.run(store_, module, extra, {.timeout = milliseconds(50)}).error().trap_code(),
            TrapCode::interrupted);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(50));
}

TEST_F(Wasi, TakesClocksAndRandomBytesOfTheEmbedder) {
  std::uint64_t now_ns = 5;
  std::uint64_t slept_ns = 0;
  const wasi::Env env =
      wasi::Builder()
          .clocks([&](wasi::Clock clock) { return clock == wasi::Clock::realtime ? now_ns : 0; },
                  [&](std::chrono::nanoseconds time) {
                    slept_ns += static_cast<std::uint64_t>(time.count());
                  })
          .random([](std::span<std::byte> bytes) { std::ranges::fill(bytes, std::byte{7}); })
          .build()
          .value();
  EXPECT_EQ(run(env, kSleep).value(), 0);
  EXPECT_EQ(slept_ns, 3600'000'000'000u);
  EXPECT_EQ(run(env, R"((module
      (import "wasi_snapshot_preview1" "clock_time_get"
        (func $time (param i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (drop (call $time (i32.const 0) (i64.const 1) (i32.const 0)))
        (drop (call $random (i32.const 8) (i32.const 1)))
        (call $exit (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 8)))))))")
                .value(),
            12);
}

TEST_F(Wasi, BringsOutWhatFunctionsOfTheEmbedderThrow) {
  const auto fail = [](auto...) -> std::uint64_t { throw std::out_of_range("mine"); };
  int calls = 0;
  const wasi::Env writing = wasi::Builder()
                                .stdin_text("text")
                                .stdout_to([&](BytesView) {
                                  ++calls;
                                  throw std::out_of_range("mine");
                                })
                                .build()
                                .value();
  EXPECT_THROW(run(writing, kCat).value(), std::out_of_range);
  EXPECT_EQ(calls, 1);
  const wasi::Env sleeping = wasi::Builder().clocks(nullptr, fail).build().value();
  EXPECT_THROW(run(sleeping, kSleep).value(), std::out_of_range);
  const wasi::Env random = wasi::Builder().random(fail).build().value();
  constexpr std::string_view kRandom = R"((module
      (import "wasi_snapshot_preview1" "random_get" (func $f (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start") (drop (call $f (i32.const 0) (i32.const 2))))))";
  EXPECT_THROW(run(random, kRandom).value(), std::out_of_range);

  // A clock that fails ends also a wait for a time that would never come.
  std::string until(kSleep);
  until.insert(until.find("(drop (call $poll"), "(i32.store (i32.const 40) (i32.const 1))");
  const wasi::Env telling = wasi::Builder().clocks(fail).build().value();
  EXPECT_THROW(run(telling, until).value(), std::out_of_range);
}

TEST_F(Wasi, FailsWhenTheEmbedderMakesTheMemoryMove) {
  const Engine engine({.explicit_bounds = true});
  const Module module = Module::compile_wat(engine, R"((module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "clock_time_get"
        (func $time (param i32 i64 i32) (result i32)))
      (memory (export "memory") 1)
      (global $calls (export "calls") (mut i32) (i32.const 0))
      (func (export "random") (result i32)
        (i32.add (call $random (i32.const 8) (i32.const 1)) (i32.load (i32.const 8))))
      (func (export "time") (result i32)
        (i32.add (call $time (i32.const 0) (i64.const 1) (i32.const 8)) (i32.load (i32.const 8))))
      (func (export "size") (result i32) (memory.size))
      (func (export "grow") (result i32) (memory.grow (i32.const 100)))))")
                            .value();
  Store store(engine);
  std::optional<Instance> instance;
  std::string inner = "size";
  const auto call_guest = [&](auto...) {
    EXPECT_TRUE(instance->func<int()>(inner).value()());
    return 7;
  };
  const wasi::Env env = wasi::Builder()
                            .clocks(call_guest)
                            .random([&](std::span<std::byte> bytes) {
                              bytes[0] = std::byte{7};
                              call_guest();
                            })
                            .build()
                            .value();
  Imports imports;
  ASSERT_TRUE(env.add_to(imports));
  instance = Instance::make(store, module, imports).value();
  for (const char* const outer : {"random", "time"}) {
    const auto call = instance->func<int()>(outer).value();
    inner = "size";
    EXPECT_EQ(call().value(), 7);
    inner = "grow";
    const auto failed = call();
    ASSERT_FALSE(failed) << outer;
    EXPECT_EQ(failed.error().message(),
              "a function of the embedder's called the guest, whose memory moved");
    inner = "size";
    EXPECT_EQ(call().value(), 7);
  }
}

TEST_F(Wasi, DetectsVersions) {
  EXPECT_EQ(wasi::detect(compile("(module)")), wasi::Version::none);
  EXPECT_EQ(wasi::detect(compile(kExit42)), wasi::Version::preview1);
  EXPECT_EQ(wasi::detect(compile(R"((import "wasi_unstable" "sched_yield" (func (result i32))))")),
            wasi::Version::unstable);
  EXPECT_EQ(wasi::detect(compile(R"((import "env" "fd_write" (func)))")), wasi::Version::none);
}

TEST_F(Wasi, LinksWithOtherImports) {
  const Module module = compile(R"((module
      (import "env" "code" (func $code (result i32)))
      (import "wasi_unstable" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (func (export "_start") (call $exit (i32.add (call $code) (call $yield))))))");
  const wasi::Env env = wasi::Builder().build().value();
  EXPECT_EQ(env.run(store_, module).error().kind(), ErrorKind::unlinkable);
  Imports extra;
  extra.ns("env").func("code", [] { return 3; });
  EXPECT_EQ(env.run(store_, module, extra).value(), 3);
  EXPECT_EQ(env.run(store_, module, extra).value(), 3);  // it is as it was
  // The embedder's functions go first.
  extra.ns("wasi_snapshot_preview1").func("sched_yield", [] { return 4; });
  EXPECT_EQ(env.run(store_, module, extra).value(), 7);
  extra.ns("env").func("code", [] { return 5; });
  EXPECT_EQ(env.run(store_, module, extra).error().kind(), ErrorKind::misuse);
}

TEST_F(Wasi, StaysInImportsWithoutItsEnvironment) {
  Imports imports;
  std::optional<wasi::Env> env = wasi::Builder("p").capture_stdout().build().value();
  ASSERT_TRUE(env->add_to(imports));
  ASSERT_TRUE(env->add_to(imports, wasi::Version::unstable));
  EXPECT_EQ(env->add_to(imports).error().kind(), ErrorKind::misuse);
  EXPECT_EQ(env->add_to(imports, wasi::Version::none).error().kind(), ErrorKind::misuse);
  const wasi::Sink out = env->out();
  env.reset();
  const Instance instance = Instance::make(store_, compile(kEchoArguments), imports).value();
  EXPECT_TRUE(instance.func<void()>("_start").value()());
  EXPECT_EQ(out.text(), "p\n");
  const Instance other = Instance::make(store_, compile(kExit42), imports).value();
  EXPECT_EQ(other.func<void()>("_start").value()().error().exit_code(), 42);
}

TEST_F(Wasi, BeginsReactors) {
  const wasi::Env env = wasi::Builder().build().value();
  const Module reactor = compile(R"((module
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (global $ready (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $ready (i32.add (i32.const 1) (call $yield))))
      (func (export "ready") (result i32) (global.get $ready))))");
  const Instance instance = env.instantiate(store_, reactor).value();
  EXPECT_EQ(instance.func<int()>("ready").value()().value(), 1);
  EXPECT_EQ(env.run(store_, reactor).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(env.instantiate(store_, compile(kExit42)).error().kind(), ErrorKind::type_mismatch);
  EXPECT_TRUE(env.instantiate(store_, compile("(module)")));
}

TEST_F(Wasi, RefusesWrongHandles) {
  const Module module = compile(kExit42);
  const wasi::Env env = wasi::Builder().build().value();
  const wasi::Sink sink;
  const auto as_env = [](const void* handle) {
    return static_cast<const swoop_wasi_env_t*>(handle);
  };
  const auto kind_of = [](swoop_error_t* error) {
    const Error owned(error);
    return owned.kind();
  };
  std::int32_t code = 7;
  const auto run = [&](const void* of) {
    return kind_of(
        swoop_wasi_env_run(as_env(of), store_.raw(), module.raw(), nullptr, nullptr, &code));
  };
  EXPECT_EQ(run(nullptr), ErrorKind::misuse);
  EXPECT_EQ(run(sink.raw()), ErrorKind::misuse);
  EXPECT_EQ(run(module.raw()), ErrorKind::misuse);
  int mine = 0;
  swoop_object_t* const object = swoop_object_new(&mine, &mine, nullptr);
  EXPECT_EQ(run(object), ErrorKind::misuse);
  swoop_release(object);
  EXPECT_EQ(run(object), ErrorKind::misuse);
  EXPECT_EQ(code, 7);
  EXPECT_EQ(kind_of(swoop_wasi_env_run(env.raw(), nullptr, module.raw(), nullptr, nullptr, &code)),
            ErrorKind::misuse);
  EXPECT_EQ(kind_of(swoop_wasi_env_run(env.raw(), store_.raw(), nullptr, nullptr, nullptr, &code)),
            ErrorKind::misuse);
  EXPECT_EQ(kind_of(swoop_wasi_env_add_to(env.raw(), nullptr, SWOOP_WASI_PREVIEW1)),
            ErrorKind::misuse);
  EXPECT_EQ(swoop_wasi_detect(nullptr), SWOOP_WASI_NONE);
  EXPECT_EQ(swoop_wasi_env_captured(nullptr, SWOOP_WASI_STDOUT), nullptr);

  swoop_bytes_t bytes;
  EXPECT_EQ(kind_of(swoop_wasi_sink_peek(nullptr, &bytes)), ErrorKind::misuse);
  EXPECT_EQ(kind_of(swoop_wasi_source_close(nullptr)), ErrorKind::misuse);
  EXPECT_EQ(kind_of(swoop_wasi_build(nullptr, nullptr)), ErrorKind::misuse);
  bool dropped = false;
  swoop_wasi_builder_output_to(
      nullptr, SWOOP_WASI_STDOUT,
      [](void*, const std::uint8_t*, std::size_t) { return static_cast<swoop_error_t*>(nullptr); },
      &dropped, [](void* d) { *static_cast<bool*>(d) = true; });
  EXPECT_TRUE(dropped);
  wasi::Builder builder;
  swoop_wasi_builder_stdin_from(builder.raw(), nullptr);
  EXPECT_EQ(builder.build().error().message(), "input: not a source");
}

/// The suite of programs, where tests/programs/suites.py finds it.
std::filesystem::path find_apps() {
  const std::filesystem::path root = SWOOP_SOURCE_ROOT;
  if (const char* const chosen = std::getenv("SWOOP_APPS"); chosen != nullptr) return chosen;
  const std::filesystem::path fetched = root / "tests/programs/apps";
  return std::filesystem::exists(fetched) ? fetched : root / "../shared/apps";
}

// The program lists "/". What Wasmer's tests in Go expect of it, with the virtual root that Wasmer
// always has: the one directory that was mapped.
TEST_F(Wasi, RunsTheProgramOfWasmersTests) {
  const std::filesystem::path suite = find_apps();
  const std::filesystem::path path = suite / "wasmer-go-wasi/wasi.wasm";
  if (!std::filesystem::exists(path)) {
    std::cout << "SKIPPED: no suite of programs; set SWOOP_APPS to its directory\n";
    const char* const ci = std::getenv("CI");
    if (ci != nullptr && std::string_view(ci) == "true") FAIL() << "the programs must be in CI";
    GTEST_SKIP();
  }
  const Scratch host;
  const wasi::Env env = wasi::Builder("test-program")
                            .arg("--test")
                            .env("COLOR", "true")
                            .env("APP_SHOULD_LOG", "false")
                            .map_dir("the_host_current_directory", host.path())
                            .virtual_root()
                            .capture_stdout()
                            .build()
                            .value();
  const Module module = Module::load(engine_, path).value();
  EXPECT_NE(wasi::detect(module), wasi::Version::none);
  EXPECT_EQ(env.run(store_, module).value(), 0);
  EXPECT_EQ(env.out().text(),
            "Found program name: `test-program`\n"
            "Found 1 arguments: --test\n"
            "Found 2 environment variables: APP_SHOULD_LOG=false, COLOR=true\n"
            "Found 1 preopened directories: DirEntry(\"/the_host_current_directory\")\n");
}

}  // namespace
