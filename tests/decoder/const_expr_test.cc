#include "decoder/const_expr.h"

#include "tests/decoder/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swoop {
namespace {

using enum ErrorKind;
using enum Opcode;
using Kind = ConstExpr::Kind;

// Types: 0 (func), 1 (struct (mut i32) i8), 2 (struct (ref func)), 3 (array i16), 4 (array (ref
// func)). Imports: function 0, globals 0 const i32, 1 mut i32, 2 const externref. Global 3 is the
// one under test.
Bytes with_global(const Bytes& type, const Bytes& expression) {
  return module({section(1, vec({func_type({}, {}), raw({0x5f, 2, 0x7f, 1, 0x78, 0}),
                                 raw({0x5f, 1, 0x64, 0x70, 0}), raw({0x5e, 0x77, 0}),
                                 raw({0x5e, 0x64, 0x70, 0})})),
                 section(2, vec({concat({name(""), name(""), raw({0, 0})}),
                                 concat({name(""), name(""), raw({3, 0x7f, 0})}),
                                 concat({name(""), name(""), raw({3, 0x7f, 1})}),
                                 concat({name(""), name(""), raw({3, 0x6f, 0})})})),
                 section(6, vec({concat({type, raw({0}), expression})}))});
}
constexpr size_t kGlobal = 8 + 2 + 22 + 2 + 20 + 2 + 1;

const Bytes kI32 = raw({0x7f});
const Bytes kI64 = raw({0x7e});
const Bytes kFuncRef = raw({0x70});
const Bytes kAnyRef = raw({0x6e});
const Bytes kExternRef = raw({0x6f});

ConstExpr init(const Bytes& type, const Bytes& expression) {
  ModuleInfo module = decode(with_global(type, expression)).value();
  return module.globals[GlobalIdx(3)].init;
}
Result<ModuleInfo> check(const Bytes& type, const Bytes& expression,
                         Features features = Features()) {
  return decode(with_global(type, expression), features);
}

TEST(ConstExpr, UsualFormsAreReady) {
  const ConstExpr minus_one = init(kI32, code(i32_const, -1, end));
  EXPECT_EQ(minus_one.kind, Kind::i32);
  EXPECT_EQ(minus_one.bits, 0xffffffffu);
  EXPECT_TRUE(minus_one.code.empty());
  EXPECT_EQ(minus_one.wasm_offset, kGlobal + 2);
  EXPECT_EQ(init(kI64, code(i64_const, int64_t{INT64_MIN}, end)).bits, uint64_t{1} << 63);
  const ConstExpr f32 = init(raw({0x7d}), raw({0x43, 1, 2, 3, 4, 0x0b}));
  EXPECT_EQ(f32.kind, Kind::f32);
  EXPECT_EQ(f32.bits, 0x04030201u);
  const ConstExpr f64 = init(raw({0x7c}), raw({0x44, 1, 2, 3, 4, 5, 6, 7, 8, 0x0b}));
  EXPECT_EQ(f64.kind, Kind::f64);
  EXPECT_EQ(f64.bits, 0x0807060504030201u);
  EXPECT_EQ(init(kFuncRef, code(ref_null, raw({0x70}), end)).kind, Kind::ref_null);
  EXPECT_EQ(init(raw({0x63, 1}), code(ref_null, 1, end)).kind, Kind::ref_null);
  EXPECT_EQ(init(kFuncRef, code(ref_func, 0u, end)).kind, Kind::ref_func);
  const ConstExpr global = init(kI32, code(global_get, 0u, end));
  EXPECT_EQ(global.kind, Kind::global_get);
  EXPECT_EQ(global.index, 0u);
}

TEST(ConstExpr, OtherFormsAreKeptAsBytes) {
  const Bytes sum = code(global_get, 0u, i32_const, 1, i32_add, i32_const, 2, i32_mul, end);
  const ConstExpr expr = init(kI32, sum);
  EXPECT_EQ(expr.kind, Kind::bytes);
  EXPECT_EQ(expr.code, sum);
  const Bytes vector = code(v128_const, Bytes(16, 9), end);
  EXPECT_EQ(init(raw({0x7b}), vector).code, vector);
}

TEST(ConstExpr, MakesStructsAndArrays) {
  EXPECT_THAT(check(raw({0x64, 1}), code(i32_const, 1, i32_const, 2, struct_new, 1u, end)),
              Succeeds());
  EXPECT_THAT(check(raw({0x64, 1}), code(struct_new_default, 1u, end)), Succeeds());
  EXPECT_THAT(check(raw({0x64, 2}), code(ref_func, 0u, struct_new, 2u, end)), Succeeds());
  EXPECT_THAT(check(kAnyRef, code(i32_const, 7, i32_const, 3, array_new, 3u, end)), Succeeds());
  EXPECT_THAT(check(kAnyRef, code(i32_const, 3, array_new_default, 3u, end)), Succeeds());
  EXPECT_THAT(check(kAnyRef, code(ref_func, 0u, ref_func, 0u, array_new_fixed, 4u, 2u, end)),
              Succeeds());
  EXPECT_THAT(check(kAnyRef, code(array_new_fixed, 3u, 0u, end)), Succeeds());
  EXPECT_THAT(check(raw({0x64, 0x6c}), code(i32_const, 3, ref_i31, end)), Succeeds());
  EXPECT_THAT(check(kAnyRef, code(global_get, 2u, any_convert_extern, end)), Succeeds());
  EXPECT_THAT(check(raw({0x64, 0x6f}), code(i32_const, 3, ref_i31, extern_convert_any, end)),
              Succeeds());
  EXPECT_THAT(check(raw({0x64, 0x6f}), code(ref_null, raw({0x6e}), extern_convert_any, end)),
              Fails(invalid, kGlobal + 7, "type mismatch"));
}

TEST(ConstExpr, ChecksOperandsOfConstructors) {
  const size_t start = kGlobal + 2;  // of the expression, behind a type of one byte
  EXPECT_THAT(check(kAnyRef, code(i32_const, 1, struct_new, 1u, end)),
              Fails(invalid, start + 2, "type mismatch"));
  EXPECT_THAT(check(kAnyRef, code(struct_new_default, 2u, end)),
              Fails(invalid, start, "type mismatch"));
  EXPECT_THAT(check(kAnyRef, code(i32_const, 1, array_new_default, 4u, end)),
              Fails(invalid, start + 2, "type mismatch"));
  EXPECT_THAT(check(kAnyRef, code(i32_const, 1, struct_new, 3u, end)),
              Fails(invalid, start + 2, "type mismatch: type 3 is no struct"));
  EXPECT_THAT(check(kAnyRef, code(array_new_default, 0u, end)),
              Fails(invalid, start, "type mismatch: type 0 is no array"));
  EXPECT_THAT(check(kAnyRef, code(i64_const, int64_t{1}, ref_i31, end)),
              Fails(invalid, start + 2, "type mismatch"));
  EXPECT_THAT(check(kAnyRef, code(array_new_fixed, 4u, 0xffffffffu, end)),
              Fails(limit_exceeded, start, "array.new_fixed of 4294967295 elements"));
  EXPECT_THAT(check(kAnyRef, code(struct_new, 5u, end)),
              Fails(invalid, start + 2, "unknown type 5"));
}

TEST(ConstExpr, HasOneValueOfTheTypeThatIsExpected) {
  const size_t start = kGlobal + 2;
  EXPECT_THAT(check(kI32, code(end)),
              Fails(invalid, start, "type mismatch: constant expression needs i32, found nothing"));
  EXPECT_THAT(check(kI32, code(i64_const, int64_t{0}, end)),
              Fails(invalid, start + 2, "type mismatch"));
  EXPECT_THAT(check(kI32, code(i32_const, 0, i32_const, 0, end)),
              Fails(invalid, start + 4, "type mismatch: constant expression leaves 2 values"));
  EXPECT_THAT(check(raw({0x64, 0x70}), code(ref_null, raw({0x70}), end)),
              Fails(invalid, kGlobal + 5, "type mismatch"));
}

TEST(ConstExpr, RejectsInstructionsThatAreNotConstant) {
  const size_t start = kGlobal + 2;
  const char* const text = "constant expression required";
  for (const OpInfo& info : kOpcodes) {
    if (info.immediate != Immediate::none || info.group == OpGroup::binary || info.opcode == end ||
        info.opcode == ref_i31 || info.opcode == any_convert_extern ||
        info.opcode == extern_convert_any) {
      continue;
    }
    EXPECT_THAT(check(kI32, code(i32_const, 0, info.opcode, end)), Fails(invalid, start + 2, text))
        << info.text;
  }
  EXPECT_THAT(check(kI32, code(i32_const, 0, i32_const, 0, i32_div_s, end)),
              Fails(invalid, start + 4, text));
  EXPECT_THAT(check(kI32, code(block, kVoidByte, end, end)), Fails(invalid, start, text));
  EXPECT_THAT(check(kI32, raw({0xff, 0x0b})), Fails(malformed, start, "illegal opcode ff"));
  EXPECT_THAT(check(kI32, code(i32_const, 0)), Fails(malformed, start + 2, "END opcode expected"));
}

TEST(ConstExpr, SeesImmutableGlobalsBeforeItself) {
  const size_t start = kGlobal + 2;
  EXPECT_THAT(check(kI32, code(global_get, 1u, end)),
              Fails(invalid, start, "constant expression required, found global.get of mutable"));
  EXPECT_THAT(check(kI32, code(global_get, 3u, end)), Fails(invalid, start, "unknown global 3"));
  const Bytes chain =
      module({section(6, vec({raw({0x7f, 0, 0x41, 1, 0x0b}), raw({0x7f, 0, 0x23, 0, 0x0b})}))});
  EXPECT_THAT(decode(chain), Succeeds());
  EXPECT_THAT(decode(chain, Features::wasm2()), Fails(invalid, 18, "constant expression required"));
}

TEST(ConstExpr, DeclaresFunctions) {
  const Bytes expression = code(ref_func, 0u, end);
  EXPECT_TRUE(check(kFuncRef, expression).value().funcs[FuncIdx(0)].is_declared);
  EXPECT_THAT(check(raw({0x64, 0}), expression), Succeeds());
  EXPECT_THAT(check(kFuncRef, code(ref_func, 1u, end)),
              Fails(invalid, kGlobal + 2, "unknown function 1"));
}

TEST(ConstExpr, ArithmeticCanBeSwitchedOff) {
  EXPECT_THAT(check(kI32, code(i32_const, 0, i32_const, 0, i32_add, end),
                    Features().without(Feature::extended_const)),
              Fails(invalid, kGlobal + 6, "constant expression required"));
}

}  // namespace
}  // namespace swoop
