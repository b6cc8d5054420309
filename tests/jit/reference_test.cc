// Identity of references, i31s, and the way between the hierarchies of any and extern.
#include "tests/jit/machine.h"
#include "tests/support/module_builder.h"
#include "vm/object.h"

#include <gtest/gtest.h>

namespace swoop {
namespace {

using enum Opcode;

struct Function {
  const char* name;
  Bytes type;
  Bytes code;  // without `end`
};

Bytes type(std::initializer_list<Byte> params, Byte result) {
  Bytes bytes = raw({0x60, static_cast<int>(params.size())});
  for (const Byte param : params) bytes.push_back(param.value);
  return concat({bytes, raw({1, result.value})});
}

const Function kFunctions[] = {
    {"eq", type({kEqByte, kEqByte}, kI32Byte), code(local_get, 0u, local_get, 1u, ref_eq)},
    {"ne", type({kEqByte, kEqByte}, kI32Byte), code(local_get, 0u, local_get, 1u, ref_eq, i32_eqz)},
    {"is_null", type({kEqByte}, kI32Byte), code(local_get, 0u, ref_null, kEqByte, ref_eq)},
    {"null_is", type({kEqByte}, kI32Byte), code(ref_null, kNoneByte, local_get, 0u, ref_eq)},
    {"nulls", type({}, kI32Byte), code(ref_null, kEqByte, ref_null, kI31Byte, ref_eq)},
    {"if_eq", type({kEqByte, kEqByte}, kI32Byte),
     code(local_get, 0u, local_get, 1u, ref_eq, if_, kI32Byte, i32_const, 10, else_, i32_const, 20,
          end)},
    // Both locals are worth registers in a loop.
    {"eq_in_loop", type({kEqByte, kEqByte}, kI32Byte),
     code(loop, kI32Byte, local_get, 0u, local_get, 1u, ref_eq, end)},
    {"eq_of_results", type({kEqByte, kEqByte}, kI32Byte),
     code(local_get, 0u, call, 0u, local_get, 1u, call, 0u, ref_eq)},
    {"i31", type({kI32Byte}, kAnyByte), code(local_get, 0u, ref_i31)},
    {"i31_of_low", type({kI64Byte}, kAnyByte), code(local_get, 0u, i32_wrap_i64, ref_i31)},
    {"i31_constant", type({}, kAnyByte), code(i32_const, -1, ref_i31)},
    {"get_s", type({kI31Byte}, kI32Byte), code(local_get, 0u, i31_get_s)},
    {"get_u", type({kI31Byte}, kI32Byte), code(local_get, 0u, i31_get_u)},
    {"set_u", type({kI31Byte, kI32Byte}, kI32Byte),
     code(loop, kVoidByte, local_get, 0u, i31_get_u, local_set, 1u, end, local_get, 1u)},
    {"round_s", type({kI32Byte}, kI32Byte), code(local_get, 0u, ref_i31, i31_get_s)},
    {"round_u", type({kI32Byte}, kI32Byte), code(local_get, 0u, ref_i31, i31_get_u)},
    {"get_of_null", type({}, kI32Byte), code(ref_null, kI31Byte, i31_get_s)},
    {"i31_is", type({kEqByte, kI32Byte}, kI32Byte),
     code(local_get, 0u, local_get, 1u, ref_i31, ref_eq)},
    {"any", type({kExternByte}, kAnyByte), code(local_get, 0u, any_convert_extern)},
    {"extern", type({kAnyByte}, kExternByte), code(local_get, 0u, extern_convert_any)},
    {"i31_out", type({kI32Byte}, kExternByte), code(local_get, 0u, ref_i31, extern_convert_any)},
};

Bytes module_of_functions() {
  // Function 0 returns its argument.
  std::vector<Bytes> types = {type({kEqByte}, kEqByte)};
  std::vector<Bytes> bodies = {body(code(local_get, 0u))};
  Bytes exports;
  for (const Function& function : kFunctions) {
    types.push_back(function.type);
    bodies.push_back(body(function.code));
    exports = concat(
        {exports, name(function.name), code(Byte{0}, static_cast<uint32_t>(types.size() - 1))});
  }
  const auto list = [](const std::vector<Bytes>& items) {
    Bytes bytes = code(static_cast<uint32_t>(items.size()));
    for (const Bytes& item : items) bytes = concat({bytes, item});
    return bytes;
  };
  Bytes indices = code(static_cast<uint32_t>(types.size()));
  for (uint32_t i = 0; i < types.size(); ++i) indices = concat({indices, code(i)});
  const auto num_exports = static_cast<uint32_t>(std::size(kFunctions));
  return module({section(1, list(types)), section(3, indices),
                 section(7, code(num_exports, exports)), section(10, list(bodies))});
}

class ReferenceTest : public testing::TestWithParam<Mode> {
 protected:
  ReferenceTest()
      : machine_(GetParam()), instance_(machine_.instantiate_binary(module_of_functions())) {}

  uint64_t call(std::string_view name, std::vector<uint64_t> words = {}) {
    std::vector<Value> arguments;
    for (const uint64_t word : words) arguments.push_back({word, 0});
    const CallResult result = instance_.func(name).call(arguments);
    EXPECT_EQ(trap_of(result.completion), TrapCode::none) << name;
    return result.ok() ? result.values[0].low : 0;
  }

  Machine machine_;
  Instance& instance_;
};

INSTANTIATE_TEST_SUITE_P(Modes, ReferenceTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return test.param.name; });

constexpr uint32_t kNumbers[] = {0,          1,          2,          0x3fffffff, 0x40000000,
                                 0x7fffffff, 0x80000000, 0x80000001, 0xc0000000, 0xffffffff};

TEST_P(ReferenceTest, EqualityIsIdentity) {
  Heap& heap = machine_.store().heap();
  const TypeId id{7};
  const auto make = [&] {
    return reinterpret_cast<uintptr_t>(heap.make_array(id, ValType::i32, 1).value());
  };
  const uint64_t references[] = {
      0, i31_reference(0), i31_reference(1), i31_reference(0x7fffffff), make(), make(), make()};
  for (const uint64_t a : references) {
    EXPECT_EQ(call("is_null", {a}), uint64_t{a == 0});
    EXPECT_EQ(call("null_is", {a}), uint64_t{a == 0});
    for (const uint64_t b : references) {
      EXPECT_EQ(call("eq", {a, b}), uint64_t{a == b});
      EXPECT_EQ(call("ne", {a, b}), uint64_t{a != b});
      EXPECT_EQ(call("if_eq", {a, b}), a == b ? 10u : 20u);
      EXPECT_EQ(call("eq_in_loop", {a, b}), uint64_t{a == b});
      EXPECT_EQ(call("eq_of_results", {a, b}), uint64_t{a == b});
    }
  }
  EXPECT_EQ(call("nulls"), 1u);
}

TEST_P(ReferenceTest, AnI31KeepsThirtyOneBits) {
  for (const uint32_t number : kNumbers) {
    const uint64_t reference = i31_reference(number);
    const uint32_t low = number & 0x7fffffff;
    const uint32_t extended = low | (low << 1 & 0x80000000);
    EXPECT_EQ(call("i31", {number}), reference);
    EXPECT_EQ(call("i31_of_low", {0xdeadbeef'00000000 | number}), reference);
    EXPECT_EQ(call("i31_out", {number}), reference);
    EXPECT_EQ(call("get_u", {reference}), low);
    EXPECT_EQ(call("set_u", {reference, 5}), low);
    EXPECT_EQ(call("get_s", {reference}), extended);
    EXPECT_EQ(call("round_u", {number}), low);
    EXPECT_EQ(call("round_s", {number}), extended);
    EXPECT_EQ(i31_value_u(reference), low);
    for (const uint32_t other : kNumbers) {
      EXPECT_EQ(call("i31_is", {reference, other}), uint64_t{low == (other & 0x7fffffff)});
    }
  }
  EXPECT_EQ(call("i31_constant"), i31_reference(0xffffffff));
}

TEST_P(ReferenceTest, AnI31OfNullIsATrap) {
  for (const char* const name : {"get_s", "get_u"}) {
    const CallResult result = instance_.func(name).call({{Value()}});
    ASSERT_NE(result.completion.trap(), nullptr);
    EXPECT_EQ(result.completion.trap()->code, TrapCode::null_i31_reference);
    EXPECT_EQ(result.completion.trap()->message, "null i31 reference");
  }
  EXPECT_EQ(trap_of(instance_.func("get_of_null").call({}).completion),
            TrapCode::null_i31_reference);
  EXPECT_EQ(trap_of(instance_.func("set_u").call({{Value(), Value()}}).completion),
            TrapCode::null_i31_reference);
}

TEST_P(ReferenceTest, ConversionsKeepTheReference) {
  for (const uint64_t reference : {uint64_t{0}, i31_reference(5), host_reference(0),
                                   host_reference(1), host_reference((uint64_t{1} << 62) - 1)}) {
    EXPECT_EQ(call("any", {reference}), reference);
    EXPECT_EQ(call("extern", {reference}), reference);
  }
}

}  // namespace
}  // namespace swoop
