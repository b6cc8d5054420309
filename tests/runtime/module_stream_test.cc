// However the bytes of a module are cut, the same comes out as when they come at once.
#include "runtime/module_stream.h"

#include "runtime/linker.h"
#include "tests/support/corpus.h"
#include "tests/support/module_builder.h"
#include "tests/support/process_state.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace swoop {
namespace {

using enum Opcode;

using Compiled = Result<std::shared_ptr<const Module>>;

/// What can be told from a module or an error: equal only if all of it is.
std::string describe(const Compiled& compiled) {
  if (!compiled.ok()) {
    const Error& error = compiled.error();
    return std::string(to_string(error.kind)) + " at " + std::to_string(error.offset) + ": " +
           error.message;
  }
  const jit::CodeObject& code = (*compiled)->code();
  std::string text = std::to_string((*compiled)->info().module_size) + " bytes, " +
                     std::to_string((*compiled)->info().datas.size()) + " data segments:";
  const auto bytes = code.text.bytes();
  text.append(bytes.begin(), bytes.end());
  for (const jit::FuncEntry& function : code.functions) {
    text += ' ' + std::to_string(function.offset) + '+' + std::to_string(function.size) + '/' +
            std::to_string(function.first_site);
  }
  std::string sites(code.sites.size() * sizeof(jit::CodeSite), ' ');
  if (!sites.empty()) std::memcpy(sites.data(), code.sites.data(), sites.size());
  return text + sites;
}

/// Each piece is gone when `feed` returns.
Result<> feed_copy(ModuleStream& stream, std::span<const uint8_t> piece) {
  std::vector<uint8_t> copy(piece.begin(), piece.end());
  Result<> fed = stream.feed(copy);
  std::ranges::fill(copy, uint8_t{0xff});
  return fed;
}

/// Feeds pieces that end at `cuts`, ascending, also after an error, which must stay the same.
Compiled stream_pieces(const std::shared_ptr<Engine>& engine, std::span<const uint8_t> wasm,
                       const std::vector<size_t>& cuts) {
  ModuleStream stream(engine);
  std::optional<Error> first;
  const auto note = [&](const Error& error) {
    if (!first) first = error;
    EXPECT_EQ(describe(error), describe(*first)) << "the error changed";
  };
  size_t begin = 0;
  const auto feed_until = [&](size_t end) {
    if (Result<> fed = feed_copy(stream, wasm.subspan(begin, end - begin)); !fed.ok()) {
      note(fed.error());
    } else {
      EXPECT_FALSE(first) << "the error was forgotten";
    }
    begin = end;
  };
  for (const size_t cut : cuts) feed_until(cut);
  feed_until(wasm.size());
  Compiled module = stream.finish();
  if (!module.ok()) note(module.error());
  return module;
}

class ModuleStreamTest : public testing::TestWithParam<unsigned> {
 protected:
  std::shared_ptr<Engine> make_engine() {
    EngineConfig config;
    config.jobs = GetParam();
    return Engine::create(config).value();
  }

  void expect_same_for_every_split(std::span<const uint8_t> wasm) {
    const std::string whole = describe(Module::compile(engine_, wasm));
    std::vector<size_t> everywhere;
    for (size_t cut = 0; cut <= wasm.size(); ++cut) {
      everywhere.push_back(cut);
      ASSERT_EQ(describe(stream_pieces(engine_, wasm, {cut})), whole) << "cut at " << cut;
    }
    EXPECT_EQ(describe(stream_pieces(engine_, wasm, everywhere)), whole) << "byte by byte";
  }

  std::shared_ptr<Engine> engine_ = make_engine();
};

const std::vector<uint8_t>& small_module() {
  static const std::vector<uint8_t> wasm = wat(R"((module
    (type $t (func (param i32) (result i32)))
    (import "m" "f" (func $f (type $t)))
    (memory (export "memory") 1) (table 3 funcref) (global (mut i64) (i64.const -1))
    (tag $e (param i32))
    (elem (i32.const 1) $f $g)
    (func $g (export "g") (type $t) (call $h (call $f (local.get 0))))
    (func $h (param i32) (result i32)
      (if (result i32) (local.get 0) (then (call_indirect (type $t) (local.get 0) (i32.const 1)))
        (else (throw $e (i32.load offset=70000 (local.get 0))))))
    (func (unreachable))
    (data (i32.const 8) "hello")))",
                                               WatNames::keep);
  return wasm;
}

TEST_P(ModuleStreamTest, GivesTheSameModuleForEverySplit) {
  expect_same_for_every_split(small_module());
  expect_same_for_every_split(wat("(module)"));
}

TEST_P(ModuleStreamTest, GivesTheSameErrorForEverySplit) {
  std::vector<uint8_t> truncated = small_module();
  truncated.resize(truncated.size() - 30);
  expect_same_for_every_split(truncated);
  expect_same_for_every_split(wat(R"((module (func (result i32)) (func (nop)) (data "x")))"));
  // An invalid body before bad framing; and what is refused only if nothing is wrong behind it.
  const Bytes type = section(1, vec({func_type({}, {code(kI32Byte)})}));
  const Bytes two = section(3, vec({raw({0}), raw({0})}));
  const Bytes bad = sized(concat({raw({0}), code(nop, end)}));
  expect_same_for_every_split(module({type, two, section(10, vec({bad, raw({0x7f})}))}));
  expect_same_for_every_split(wat("(module (memory i64 1) (func (result i32) i32.const 1))"));
  expect_same_for_every_split(wat("(module (memory i64 1) (func (result i32) nop))"));
}

TEST_P(ModuleStreamTest, SurvivesMutatedModulesCutAnywhere) {
  std::mt19937 random(7);
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  int num_errors = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<uint8_t> wasm = small_module();
    for (size_t i = below(3); i > 0; --i) wasm[below(wasm.size())] = static_cast<uint8_t>(random());
    if (below(4) == 0) wasm.resize(below(wasm.size()));
    std::vector<size_t> cuts(below(5));
    for (size_t& cut : cuts) cut = below(wasm.size() + 1);
    std::ranges::sort(cuts);
    const Compiled whole = Module::compile(engine_, wasm);
    num_errors += !whole.ok();
    ASSERT_EQ(describe(stream_pieces(engine_, wasm, cuts)), describe(whole)) << "round " << round;
  }
  EXPECT_GT(num_errors, 100);
  EXPECT_LT(num_errors, 390);
}

TEST_P(ModuleStreamTest, GivesTheSameModulesOfTheCorpus) {
  const std::filesystem::path corpus = find_corpus();
  if (corpus.empty()) return skip_without_corpus();
  std::mt19937 random(11);
  for (const char* const name : {"llhttp.wasm", "cjs-module-lexer.wasm", "quickjs.wasm"}) {
    std::ifstream file(corpus / name, std::ios::binary);
    const std::vector<uint8_t> wasm{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(wasm.empty()) << name;
    const std::string whole = describe(Module::compile(engine_, wasm));
    for (const size_t most : {size_t{700}, size_t{64 * 1024}, wasm.size()}) {
      std::vector<size_t> cuts;
      for (size_t cut = 0; (cut += random() % most) < wasm.size();) cuts.push_back(cut);
      EXPECT_EQ(describe(stream_pieces(engine_, wasm, cuts)), whole) << name << " by " << most;
    }
  }
}

TEST_P(ModuleStreamTest, TellsOfABadBodyWithItsLastByte) {
  const std::vector<uint8_t> wasm = wat(R"((module (func (nop)) (func (result i32) (i64.const 1))
    (func (nop)) (func (nop)) (data "far behind") (memory 1)))");
  ModuleStream stream(engine_);
  size_t fed = 0;
  Result<> result;
  while (result.ok() && fed < wasm.size()) result = feed_copy(stream, {&wasm[fed++], 1});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::invalid);
  const Compiled whole = Module::compile(engine_, wasm);
  EXPECT_EQ(describe(whole), describe(Compiled(result.error())));
  EXPECT_EQ(wasm[fed - 1], 0x0b) << "not at the end of a body";
  EXPECT_LE(fed - whole.error().offset, 2u);
}

TEST_P(ModuleStreamTest, IsUsedOnce) {
  ModuleStream stream(engine_);
  ASSERT_TRUE(stream.feed(small_module()).ok());
  ASSERT_TRUE(stream.finish().ok());
  EXPECT_EQ(stream.finish().error().kind, ErrorKind::unsupported);
  EXPECT_EQ(stream.feed({}).error().kind, ErrorKind::unsupported);
}

/// Of about a megabyte: many batches.
std::vector<uint8_t> large_module() {
  std::string text = "(module (memory 1)";
  for (int i = 0; i < 4000; ++i) {
    text += "(func (param i32) (result i32)";
    for (int k = 0; k < 30; ++k) text += "(i32.store (local.get 0) (i32.const 1234567))";
    text += "(i32.const " + std::to_string(i) + "))";
  }
  return wat(text + R"((export "last" (func 3999)) (data (i32.const 0) "x")))");
}

TEST_P(ModuleStreamTest, EndsInTheMiddleWithoutALeftover) {
  const std::vector<uint8_t> wasm = large_module();
  ASSERT_GT(wasm.size(), 500'000u);
  const int threads_before = num_threads();
  for (const size_t part : {size_t{9}, wasm.size() / 3, wasm.size() / 2, wasm.size()}) {
    ModuleStream stream(engine_);
    ASSERT_TRUE(feed_copy(stream, std::span(wasm).first(part)).ok());
    if (part > 1000) {
      EXPECT_EQ(num_threads() - threads_before, static_cast<int>(GetParam()) - 1);
    }
  }
  std::vector<uint8_t> bad = wasm;
  bad[bad.size() / 2] = 0xff;
  ModuleStream stream(engine_);
  EXPECT_FALSE(feed_copy(stream, bad).ok());
  // The system counts a thread for a while after it was joined.
  for (int waits = 0; waits < 1000 && num_threads() != threads_before; ++waits)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(num_threads(), threads_before) << "threads work for a module that is refused";
}

TEST_P(ModuleStreamTest, MovesWithItsBytes) {
  const std::vector<uint8_t> wasm = large_module();
  std::optional<ModuleStream> first(std::in_place, engine_);
  ASSERT_TRUE(feed_copy(*first, std::span(wasm).first(wasm.size() / 2)).ok());
  ModuleStream second(std::move(*first));
  first.reset();
  ASSERT_TRUE(feed_copy(second, std::span(wasm).subspan(wasm.size() / 2)).ok());
  const Compiled module = second.finish();
  ASSERT_TRUE(module.ok());
  EXPECT_TRUE(describe(module) == describe(Module::compile(engine_, wasm)));
  Store store(engine_);
  const Instance* const instance = Linker(store).instantiate(*module).instance;
  ASSERT_NE(instance, nullptr);
  EXPECT_EQ(instance->func("last").call(std::vector{Value{8, 0}}).values[0].low, 3999u);
}

INSTANTIATE_TEST_SUITE_P(Jobs, ModuleStreamTest, testing::Values(1u, 3u),
                         [](const auto& of) { return std::to_string(of.param) + "jobs"; });

}  // namespace
}  // namespace swoop
