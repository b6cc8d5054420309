// compile_module as a whole: what it refuses and how it says so, that threads do not change the
// code, and modules at the limits, which must compile soon and run right.
#include "jit/compile.h"

#include "decoder/module_decoder.h"
#include "tests/jit/machine.h"
#include "tests/support/matchers.h"
#include "tests/support/module_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

namespace swoop {
namespace {

using enum Opcode;

Result<jit::CompiledModule> compile(std::span<const uint8_t> wasm, unsigned jobs = 1,
                                    jit::Isa isa = jit::kHostIsa) {
  static TypeRegistry types;
  jit::CompileOptions options;
  options.target = jit::Target::of(isa);
  options.jobs = jobs;
  return jit::compile_module(types, options, wasm);
}

std::string refusal(std::span<const uint8_t> wasm) {
  const Result<jit::CompiledModule> module = compile(wasm);
  if (module.ok()) return "compiles";
  const Error& error = module.error();
  if (error.kind != ErrorKind::unsupported)
    return std::string(to_string(error.kind)) + ": " + error.message;
  return error.message + (error.offset == kNoOffset ? "" : " at " + std::to_string(error.offset));
}

/// A module with one function of type [i32] -> [i32], exported as "f", of this body.
Bytes one_function(const Bytes& locals_and_code) {
  return module({section(1, vec({func_type({code(kI32Byte)}, {code(kI32Byte)})})),
                 section(3, vec({raw({0})})), section(7, vec({concat({name("f"), raw({0, 0})})})),
                 section(10, vec({sized(locals_and_code)}))});
}
const Bytes kNoLocals = raw({0});

/// A vector of very many items.
class LongVec {
 public:
  void add(const Bytes& item) {
    ++count_;
    items_.insert(items_.end(), item.begin(), item.end());
  }
  Bytes bytes() const { return concat({code(count_), items_}); }

 private:
  uint32_t count_ = 0;
  Bytes items_;
};

class CompileLimits : public testing::Test {
 protected:
  /// Compiles and calls "f" with the argument.
  int32_t run(const Bytes& wasm, int32_t argument, uint64_t stack_bytes = 1 << 20) {
    EngineConfig config;
    config.max_wasm_stack_bytes = stack_bytes;
    machine_.emplace(config);
    const auto start = std::chrono::steady_clock::now();
    const Func func = machine_->instantiate_binary(wasm).func("f");
    // The slowest takes a fraction of a second without optimization; quadratic time takes minutes.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
    Value values[] = {Value::i32(argument)};
    const Completion completion = func.invoke(values);
    EXPECT_EQ(trap_of(completion), TrapCode::none);
    return values[0].as_i32();
  }

  std::optional<Machine> machine_;
};

TEST(CompileModule, NamesTheFirstInstructionItCannotCompile) {
  EXPECT_EQ(refusal(wat(R"((module
                (func) (func) (func)
                (func $name i32.const 1 drop v128.const i32x4 0 0 0 0 drop)
                (func (drop (i32.atomic.load (i32.const 0))))
                (memory 1)))",
                        WatNames::keep)),
            "simd (v128.const) in function 3 \"name\" at 44");
  EXPECT_EQ(refusal(wat("(module (import \"a\" \"b\" (func)) (func return_call 0))")),
            "tail-call (return_call) in function 1 at 32");
}

TEST(CompileModule, NamesAConstructItCannotCompile) {
  EXPECT_EQ(refusal(wat("(module (memory i64 1) (func))")), "memory64 (64-bit memory)");
  EXPECT_EQ(refusal(wat("(module (memory 1 1 shared) (func))")), "threads (shared memory)");
  EXPECT_EQ(refusal(wat("(module (memory 1) (memory i64 1) (func))")), "memory64 (64-bit memory)");
  EXPECT_EQ(refusal(wat("(module (global v128 (v128.const i32x4 0 0 0 0)) (func))")),
            "simd (v128 global)");
  EXPECT_EQ(refusal(wat("(module (type (func (param v128))) (func))")),
            "simd (function type with v128)");
}

TEST(CompileModule, PrefersAnErrorToARefusal) {
  EXPECT_EQ(
      refusal(wat("(module (func v128.const i32x4 0 0 0 0 drop) (func i32.const 0))")).substr(0, 7),
      "invalid");
}

// A call of two bytes that moves a thousand values there and back.
TEST(CompileModule, RefusesCodeOutOfAllProportionToItsBody) {
  const Bytes thousand_f64 = concat({raw({0xe8, 0x07}), Bytes(1000, 0x7c)});
  const Bytes type = concat({raw({0x60}), thousand_f64, thousand_f64});
  Bytes body = kNoLocals;
  for (uint32_t i = 0; i < 1000; ++i) body = concat({body, code(local_get, i)});
  for (uint32_t i = 0; i < 20'000; ++i) body.insert(body.end(), {0x10, 0});
  body.push_back(0x0b);
  const Bytes wasm = module(
      {section(1, vec({type})), section(3, vec({raw({0})})), section(10, vec({sized(body)}))});
  for (const unsigned jobs : {1u, 2u}) {
    const Result<jit::CompiledModule> compiled = compile(wasm, jobs);
    ASSERT_FALSE(compiled.ok());
    EXPECT_EQ(compiled.error().kind, ErrorKind::limit_exceeded);
    EXPECT_THAT(compiled.error().message, testing::HasSubstr("defined function 0"));
  }
}

// Bodies are validated in batches, but the first bad byte is blamed all the same.
TEST(CompileModule, BlamesABadBodyBeforeBadFramingBehindIt) {
  const Bytes wasm = module(
      {section(1, vec({func_type({}, {code(kI32Byte)})})), section(3, vec({raw({0}), raw({0})})),
       section(10, vec({sized(concat({kNoLocals, code(nop, end)})), raw({0x7f})}))});
  const Result<jit::CompiledModule> compiled = compile(wasm);
  ASSERT_FALSE(compiled.ok());
  EXPECT_EQ(compiled.error().kind, ErrorKind::invalid) << compiled.error().message;
  TypeRegistry types;
  const Result<ModuleInfo> validated = validate_module(types, Features(), wasm);
  EXPECT_EQ(compiled.error().offset, validated.error().offset);
  EXPECT_EQ(compiled.error().message, validated.error().message);
}

TEST(CompileModule, GivesNothingOfAModuleWithAnInvalidLastFunction) {
  std::string functions;
  for (int i = 0; i < 2000; ++i)
    functions += "(func (result i32) i32.const " + std::to_string(i) + ")";
  for (const unsigned jobs : {1u, 4u}) {
    EXPECT_TRUE(compile(wat("(module " + functions + ")"), jobs).ok());
    const Result<jit::CompiledModule> module =
        compile(wat("(module " + functions + "(func (result i32)))"), jobs);
    ASSERT_FALSE(module.ok());
    EXPECT_EQ(module.error().kind, ErrorKind::invalid);
    EXPECT_NE(module.error().message.find("type mismatch"), std::string::npos)
        << module.error().message;
  }
}

TEST(CompileModule, GivesNothingOfATruncatedModule) {
  Bytes wasm = wat("(module (func (result i32) i32.const 1) (func (result i32) i32.const 2))");
  wasm.pop_back();
  for (const unsigned jobs : {1u, 2u}) EXPECT_FALSE(compile(wasm, jobs).ok());
}

TEST(CompileModule, AcceptsModulesWithoutCode) {
  for (const char* text : {"(module)", "(module (memory 1) (global i32 (i32.const 1)))",
                           "(module (import \"a\" \"b\" (func)) (export \"c\" (func 0)))"}) {
    const Result<jit::CompiledModule> module = compile(wat(text), 2);
    ASSERT_THAT(module, Succeeds());
    EXPECT_TRUE(module->code.text.empty());
    EXPECT_TRUE(module->code.functions.empty());
  }
}

TEST(CompileModule, GivesTheSameBytesForAnyNumberOfThreads) {
  // About half a megabyte in functions of all sizes, with calls, tables, constants and traps.
  std::string functions;
  for (int i = 0; i < 900; ++i) {
    functions += "(func $f" + std::to_string(i) + " (param i32 f64) (result i32) ";
    for (int k = 0; k < i % 97; ++k) {
      functions +=
          fill(R"((i32.store (local.get 0) (i32.div_u (local.get 0) (i32.const {k})))
                           (drop (i32.load offset=8 (local.get 0)))
                           (block (block (br_table 0 1 0 1 0 (local.get 0))))
                           (block (block (try_table (catch $e 0) (catch_all 1) (drop (call $f{callee} (i32.const 1) (f64.const 2))))))
                           (local.set 1 (f64.min (local.get 1) (f64.const {k}.5)))
                           (drop (call $f{callee} (i32.const {k}) (local.get 1)))
                           (drop (call_indirect (type $t) (i32.const {k}) (f64.const 0) (local.get 0))))",
               {{"k", std::to_string(k + 1)}, {"callee", std::to_string((i * 7 + k) % 900)}});
    }
    functions += "(local.get 0))";
  }
  const Bytes& wasm =
      wat("(module (type $t (func (param i32 f64) (result i32))) (memory 1) (table 5 funcref)"
          "(tag $e)" +
          functions + ")");
  ASSERT_GT(wasm.size(), 10u * 64 * 1024);  // several batches
  for (const jit::Isa isa : {jit::Isa::x64, jit::Isa::a64}) {
    const Result<jit::CompiledModule> one = compile(wasm, 1, isa);
    ASSERT_THAT(one, Succeeds());
    for (const unsigned jobs : {2u, 3u, 4u}) {
      const Result<jit::CompiledModule> many = compile(wasm, jobs, isa);
      ASSERT_THAT(many, Succeeds());
      EXPECT_TRUE(std::ranges::equal(one->code.text.bytes(), many->code.text.bytes()));
      const auto same = [](const auto& a, const auto& b, auto... members) {
        if (a.size() != b.size()) return false;
        for (size_t i = 0; i < a.size(); ++i) {
          if (!((a[i].*members == b[i].*members) && ...)) return false;
        }
        return true;
      };
      using jit::Reloc;
      EXPECT_TRUE(one->code.functions == many->code.functions);
      EXPECT_FALSE(one->code.tries.clauses.empty());
      EXPECT_TRUE(one->code.tries == many->code.tries);
      EXPECT_TRUE(
          same(one->code.relocs, many->code.relocs, &Reloc::offset, &Reloc::kind, &Reloc::symbol));
      ASSERT_EQ(one->code.sites.size(), many->code.sites.size());
      EXPECT_EQ(std::memcmp(one->code.sites.data(), many->code.sites.data(),
                            one->code.sites.size() * sizeof(jit::CodeSite)),
                0);
    }
  }
}

// More batches than may wait: the thread that validates compiles and links, too.
TEST(CompileModule, LinksManyBatchesInOrder) {
  const uint32_t count = 150'000;
  LongVec types, bodies;
  for (uint32_t i = 0; i < count; ++i) {
    types.add(raw({0}));
    bodies.add(sized(concat({kNoLocals, code(i32_const, static_cast<int32_t>(i), drop, call,
                                             (i * 7 + 1) % count, end)})));
  }
  const Bytes wasm = module({section(1, vec({func_type({}, {})})), section(3, types.bytes()),
                             section(10, bodies.bytes())});
  const Result<jit::CompiledModule> one = compile(wasm, 1);
  ASSERT_THAT(one, Succeeds());
  for (const unsigned jobs : {2u, 3u}) {
    const Result<jit::CompiledModule> many = compile(wasm, jobs);
    ASSERT_THAT(many, Succeeds());
    EXPECT_TRUE(std::ranges::equal(one->code.text.bytes(), many->code.text.bytes()));
    EXPECT_TRUE(one->code.functions == many->code.functions);
  }
}

// Which error is found first must not depend on which thread is faster.
TEST(CompileModule, ForAnotherMachineItCannotBeInstantiated) {
  const jit::Isa other = jit::kHostIsa == jit::Isa::x64 ? jit::Isa::a64 : jit::Isa::x64;
  EngineConfig config;
  config.target = jit::Target::of(other);
  const std::shared_ptr<Engine> engine = Engine::create(config).value();
  const Result<std::shared_ptr<const Module>> module =
      Module::compile(engine, wat(R"((module (func (export "f") (result i32) (i32.const 7))))"));
  ASSERT_TRUE(module.ok());
  EXPECT_FALSE((*module)->is_executable());
  EXPECT_FALSE((*module)->code().text.empty());
  Store store(engine);
  const Instantiation outcome = Linker(store).instantiate(*module);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::unsupported);
  EXPECT_THAT(outcome.error->message, testing::HasSubstr(to_string(other)));
}

TEST(CompileModule, NeedsAProcessorWithTheFeaturesOfTheTarget) {
  EngineConfig config;
#define FEATURE(isa, name) config.target.cpu.name = true;
  SWOOP_FOR_EACH_CPU_FEATURE(FEATURE)  // no processor has those of two machines
#undef FEATURE
  const auto engine = Engine::create(config);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().kind, ErrorKind::unsupported);
}

TEST(CompileModule, IsInvalidRatherThanTooLarge) {
  const Bytes thousand_f64 = concat({raw({0xe8, 0x07}), Bytes(1000, 0x7c)});
  const Bytes wide = concat({raw({0x60}), thousand_f64, thousand_f64});
  Bytes body = kNoLocals;
  for (uint32_t i = 0; i < 1000; ++i) body = concat({body, code(local_get, i)});
  for (uint32_t i = 0; i < 20'000; ++i) body.insert(body.end(), {0x10, 0});
  body.push_back(0x0b);
  LongVec indices, bodies;
  indices.add(raw({0}));
  bodies.add(sized(body));
  for (int i = 0; i < 3000; ++i) {
    indices.add(raw({1}));
    bodies.add(sized(concat({kNoLocals, code(nop, end)})));
  }
  indices.add(raw({1}));
  bodies.add(sized(concat({kNoLocals, code(drop, end)})));
  const Bytes wasm = module({section(1, vec({wide, func_type({}, {})})),
                             section(3, indices.bytes()), section(10, bodies.bytes())});
  for (const unsigned jobs : {1u, 2u, 4u}) {
    const Result<jit::CompiledModule> compiled = compile(wasm, jobs);
    ASSERT_FALSE(compiled.ok());
    EXPECT_EQ(compiled.error().kind, ErrorKind::invalid) << compiled.error().message;
  }
}

TEST_F(CompileLimits, AMegabyteOfStraightCode) {
  const size_t rounds = 150'000;  // 7 bytes each
  const Bytes step = code(local_get, 0u, i32_const, 3, i32_add, local_set, 0u);
  EXPECT_EQ(
      run(one_function(concat({kNoLocals, repeat(rounds, step), code(local_get, 0u, end)})), 5),
      5 + 3 * 150'000);
}

TEST_F(CompileLimits, AHundredThousandNestedBlocks) {
  const size_t depth = 100'000;
  EXPECT_EQ(run(one_function(concat({kNoLocals, repeat(depth, code(block, kVoidByte)),
                                     code(br, static_cast<uint32_t>(depth - 1)),
                                     repeat(depth, code(end)), code(local_get, 0u, end)})),
                6),
            6);
}

TEST_F(CompileLimits, AHundredThousandNestedIfsWithValues) {
  const size_t depth = 100'000;
  // Each adds one on the way out; the innermost is the parameter.
  EXPECT_EQ(
      run(one_function(concat(
              {kNoLocals, repeat(depth, code(local_get, 0u, if_, kI32Byte)), code(local_get, 0u),
               repeat(depth, code(else_, i32_const, 9, end, i32_const, 1, i32_add)), code(end)})),
          6),
      100'006);
}

TEST_F(CompileLimits, ABranchTableOf60000Targets) {
  const uint32_t targets = 60'000;
  Bytes labels = code(br_table, targets);
  for (uint32_t i = 0; i <= targets; ++i) {
    const Bytes label = code(i % 2);
    labels.insert(labels.end(), label.begin(), label.end());
  }
  const Bytes wasm =
      one_function(concat({kNoLocals, code(block, kVoidByte, block, kVoidByte, local_get, 0u),
                           labels, code(end, i32_const, 10, return_, end, i32_const, 20, end)}));
  EXPECT_EQ(run(wasm, 0), 10);
  EXPECT_EQ(run(wasm, 59'999), 20);
  EXPECT_EQ(run(wasm, 59'998), 10);
  EXPECT_EQ(run(wasm, 60'000), 10);
  EXPECT_EQ(run(wasm, -1), 10);
}

TEST_F(CompileLimits, FiftyThousandLocals) {
  const uint32_t count = 49'999;  // and the parameter
  EXPECT_EQ(run(one_function(concat(
                    {code(1u, count, kI32Byte), code(local_get, 0u, local_set, count, local_get,
                                                     count, local_get, 17'000u, i32_add, end)})),
                8),
            8);
}

TEST_F(CompileLimits, AHundredThousandOperands) {
  const size_t height = 100'000;
  const Bytes wasm = one_function(concat({kNoLocals, repeat(height, code(local_get, 0u, i32_clz)),
                                          repeat(height - 1, code(i32_add)), code(end)}));
  EXPECT_EQ(run(wasm, 1, 4 << 20), 31 * 100'000);
}

TEST_F(CompileLimits, AHundredThousandAliasesOfALocalThatChanges) {
  const size_t height = 100'000;
  const Bytes wasm =
      one_function(concat({kNoLocals, repeat(height, code(local_get, 0u)),
                           repeat(1000, code(local_get, 0u, i32_const, 1, i32_add, local_set, 0u)),
                           repeat(height - 1, code(i32_add)), code(end)}));
  EXPECT_EQ(run(wasm, 2, 4 << 20), 200'000);
}

TEST_F(CompileLimits, AFrameLargerThanTheStackIsATrap) {
  const Bytes wasm = one_function(concat({kNoLocals, repeat(100'000, code(local_get, 0u, i32_clz)),
                                          repeat(99'999, code(i32_add)), code(end)}));
  EngineConfig config;
  config.max_wasm_stack_bytes = 512 * 1024;
  Machine machine(config);
  Value values[] = {Value::i32(1)};
  const Completion completion = machine.instantiate_binary(wasm).func("f").invoke(values);
  EXPECT_EQ(trap_of(completion), TrapCode::call_stack_exhausted);
}

}  // namespace
}  // namespace swoop
