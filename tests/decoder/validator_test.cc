#include "decoder/validator.h"

#include "decoder/module_decoder.h"
#include "tests/support/code.h"
#include "tests/support/wat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace swoop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using enum Opcode;

// The module in which all bodies below stand. Indices of its definitions:

// types
constexpr uint32_t kVoid = 0;       // [] -> []
constexpr uint32_t kUnary = 1;      // [i32] -> [i32]
constexpr uint32_t kPair = 2;       // [] -> [i32 i64]
constexpr uint32_t kSwap = 3;       // [i32 i64] -> [i64 i32]
constexpr uint32_t kStruct = 4;     // (struct (mut i32) (mut i8) i64), open
constexpr uint32_t kSubStruct = 5;  // a subtype of it with a field (ref func)
constexpr uint32_t kInts = 6;       // (array (mut i32))
constexpr uint32_t kBytes = 7;      // (array (mut i8))
constexpr uint32_t kConstInts = 8;  // (array i32)
constexpr uint32_t kFuncs = 9;      // (array (mut funcref))
constexpr uint32_t kNonNull = 10;   // (array (mut (ref func)))
constexpr uint32_t kToRef = 11;     // [] -> [(ref func)]
constexpr uint32_t kToNull = 12;    // [] -> [funcref]
constexpr uint32_t kCaught = 13;    // [] -> [i32 (ref exn)]
constexpr uint32_t kToAny = 14;     // [] -> [anyref]
constexpr uint32_t kFromNone = 15;  // [i32] -> []
// tables: 0 funcref, 1 externref, 2 funcref with 64-bit addresses
// memories: 0 with 32-bit, 1 with 64-bit addresses
// globals: 0 const i32, 1 mut i64
// tags: 0 [], 1 [i32]
// element segments: 0 funcref, 1 externref; one data segment
// functions: 0 kVoid, 1 kUnary, 2 kVoid undeclared and named "last"

class TestModule {
 public:
  TestModule() {
    const ValType ref_func = ValType::ref(AbstractHeapType::func, false);
    const ValType ref_exn = ValType::ref(AbstractHeapType::exn, false);
    const ValType anyref = ValType::ref(AbstractHeapType::any, true);
    add_func_type({}, {});
    add_func_type({ValType::i32}, {ValType::i32});
    add_func_type({}, {ValType::i32, ValType::i64});
    add_func_type({ValType::i32, ValType::i64}, {ValType::i64, ValType::i32});
    std::vector<FieldType> fields = {{ValType::i32, true}, {ValType::i8, true}, {ValType::i64}};
    add({false, {}, {CompositeType::Kind::struct_, {}, fields}});
    fields.push_back({ref_func});
    add({true, module.types[TypeIdx{kStruct}], {CompositeType::Kind::struct_, {}, fields}});
    for (const FieldType& element :
         {FieldType{ValType::i32, true}, FieldType{ValType::i8, true}, FieldType{ValType::i32},
          FieldType{ValType::funcref, true}, FieldType{ref_func, true}}) {
      add({true, {}, {CompositeType::Kind::array, {}, {element}}});
    }
    add_func_type({}, {ref_func});
    add_func_type({}, {ValType::funcref});
    add_func_type({}, {ValType::i32, ref_exn});
    add_func_type({}, {anyref});
    add_func_type({ValType::i32}, {});

    module.tables.resize(3);
    module.tables[TableIdx{0}].type.element = ValType::funcref;
    module.tables[TableIdx{1}].type.element = ValType::externref;
    module.tables[TableIdx{2}].type = {ValType::funcref, {}, AddressType::i64};
    module.memories.resize(2);
    module.memories[MemoryIdx{1}].type.address_type = AddressType::i64;
    module.globals.resize(2);
    module.globals[GlobalIdx{0}].type = {ValType::i32, false};
    module.globals[GlobalIdx{1}].type = {ValType::i64, true};
    module.tags.push_back({{module.types[TypeIdx{kVoid}]}});
    module.tags.push_back({{module.types[TypeIdx{kFromNone}]}});
    module.elems.resize(2);
    module.elems[ElemIdx{0}].type = ValType::funcref;
    module.elems[ElemIdx{1}].type = ValType::externref;
    module.data_count = 1;
    for (const uint32_t type : {kVoid, kUnary, kVoid}) {
      module.funcs.push_back({TypeIdx{type}, module.types[TypeIdx{type}], true});
    }
    module.funcs[FuncIdx{2}].is_declared = false;
    module.names.functions = {{FuncIdx{2}, "last"}};
  }

  ModuleInfo module;
  TypeRegistry types;

 private:
  void add_func_type(std::vector<ValType> params, std::vector<ValType> results) {
    add({true, {}, {CompositeType::Kind::func, {std::move(params), std::move(results)}, {}}});
  }
  void add(const SubType& type) { module.types.push_back(*types.intern({&type, 1})); }
};

/// A body and the function that it is validated as.
struct Body {
  std::vector<uint8_t> code;
  std::vector<ValType> params = {};
  std::vector<ValType> results = {};
  std::vector<uint8_t> locals = {0};  // declarations
};

Result<> validate(TestModule& given, const Body& body) {
  static ValidatorScratch scratch;  // as in use: what a body leaves behind must not matter
  given.module.funcs[FuncIdx{2}].type = *given.types.intern(FuncType{body.params, body.results});
  const std::vector<uint8_t> bytes = code(body.locals, body.code);
  return validate_function(given.module, given.types, Features(), FuncIdx{2}, bytes, 100, scratch);
}

/// Nothing when the body is valid.
std::string error_of(TestModule& given, const Body& body) {
  const Result<> result = validate(given, body);
  return result.ok() ? "" : result.error().message;
}

struct Claim {
  const char* text;
  Body body;
  const char* error;  // how the message begins; empty: valid
};

void expect_all(const std::vector<Claim>& claims) {
  TestModule given;
  for (const Claim& claim : claims) {
    const std::string error = error_of(given, claim.body);
    if (std::string_view(claim.error).empty()) {
      EXPECT_EQ(error, "") << claim.text;
    } else {
      EXPECT_THAT(error, StartsWith(claim.error)) << claim.text;
    }
  }
}

// A value of a type, for operands.
const std::vector<uint8_t> kA32 = code(i32_const, 0);
const std::vector<uint8_t> kA64 = code(i64_const, 0);
const std::vector<uint8_t> kNullFunc = code(ref_null, kFuncByte);
const std::vector<uint8_t> kNullExtern = code(ref_null, kExternByte);
const std::vector<uint8_t> kNullAny = code(ref_null, kAnyByte);
const std::vector<uint8_t> kNullStruct = code(ref_null, int{kStruct});
const std::vector<uint8_t> kNullInts = code(ref_null, int{kInts});
const std::vector<uint8_t> kNullBytes = code(ref_null, int{kBytes});
const std::vector<uint8_t> kAFunc = code(ref_func, 0u);
const std::vector<uint8_t> kAVector = code(v128_const, repeat(16, {0}));
constexpr const char* kMismatch = "type mismatch";
constexpr Byte kNoAlign{0};

TEST(ValidatorErrors, NameOperandOperatorAndFunction) {
  TestModule given;
  EXPECT_EQ(error_of(given, {code(kA32, kA64, i32_add, drop, end)}),
            "type mismatch: operand 2 of i32.add: expected i32, found i64 in function 2 \"last\"");
}

TEST(ValidatorErrors, BlameTheOperator) {
  TestModule given;
  const Result<> result = validate(given, {code(nop, kA32, kA64, i32_add, end)});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::invalid);
  EXPECT_EQ(result.error().offset, 100u + 1 + 5);
}

TEST(ValidatorErrors, NameWhatAnEmptyBlockLacks) {
  TestModule given;
  EXPECT_THAT(error_of(given, {code(kA32, block, kI32Byte, end, drop, drop, end)}),
              StartsWith("type mismatch: result 1 of block: expected i32, found nothing"));
}

TEST(ValidatorErrors, CountWhatABlockLeaves) {
  TestModule given;
  EXPECT_THAT(error_of(given, {code(block, kI32Byte, kA32, kA32, end, drop, end)}),
              StartsWith("type mismatch: block leaves 2 values, expected 1"));
}

TEST(ValidatorErrors, NameTypesByTheModulesIndices) {
  TestModule given;
  EXPECT_THAT(error_of(given, {code(kNullInts, struct_get, kStruct, 0u, drop, end)}),
              StartsWith("type mismatch: operand 1 of struct.get: expected (ref null 4), "
                         "found (ref null 6)"));
}

TEST(ValidatorErrors, CallMisplacedClausesMalformed) {
  TestModule given;
  for (const auto& body :
       {code(else_, end), code(block, kVoidByte, else_, end, end), code(catch_all, end),
        code(catch_, 0u, end), code(block, kVoidByte, delegate, 0u, end)}) {
    const Result<> result = validate(given, {body});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind, ErrorKind::malformed);
    EXPECT_THAT(result.error().message, StartsWith("misplaced "));
  }
}

TEST(Validator, ChecksOperandsOfEachSignature) {
  TestModule given;
  const auto value_of = [](ValType type) {
    switch (type.kind()) {
      case ValType::Kind::i32: return kA32;
      case ValType::Kind::i64: return kA64;
      case ValType::Kind::f32: return code(f32_const, repeat(4, {0}));
      case ValType::Kind::f64: return code(f64_const, repeat(8, {0}));
      default: return kAVector;
    }
  };
  for (const OpInfo& info : kOpcodes) {
    std::vector<uint8_t> immediates;
    switch (info.immediate) {
      case Immediate::none: break;
      case Immediate::memarg: immediates = code(natural_align_log2(info.opcode), 0u); break;
      case Immediate::memarg_lane: immediates = code(kNoAlign, 0u, Byte{0}); break;
      case Immediate::lane:
      case Immediate::fence: immediates = {0}; break;
      case Immediate::shuffle:
      case Immediate::v128: immediates = repeat(16, {0}); break;
      default: continue;
    }
    if (info.signature == Signature::special) continue;
    const auto params = signature_params(info.signature);
    const auto results = signature_results(info.signature);
    const std::vector<ValType> result_types(results.begin(), results.end());
    // With operand `wrong` of another type; with all right ones when it is params.size().
    const auto body_with = [&](size_t wrong) {
      std::vector<uint8_t> body;
      for (size_t i = 0; i < params.size(); ++i) {
        const ValType other = params[i] == ValType::i32 ? ValType::i64 : ValType::i32;
        body = code(body, value_of(i == wrong ? other : params[i]));
      }
      return Body{code(body, info.opcode, immediates, end), {}, result_types};
    };
    EXPECT_EQ(error_of(given, body_with(params.size())), "") << info.text;
    for (size_t i = 0; i < params.size(); ++i) {
      EXPECT_THAT(
          error_of(given, body_with(i)),
          StartsWith("type mismatch: operand " + std::to_string(i + 1) + " of " + info.text))
          << info.text;
    }
    if (!params.empty()) {
      EXPECT_THAT(error_of(given, {code(info.opcode, immediates, end), {}, result_types}),
                  HasSubstr("found nothing"))
          << info.text;
    }
    // Of no known type in unreachable code.
    EXPECT_EQ(error_of(given, {code(unreachable, info.opcode, immediates, end), {}, result_types}),
              "")
        << info.text;
    // One result more or less than the function has.
    EXPECT_THAT(
        error_of(given, {code(unreachable, info.opcode, immediates, kA32, end), {}, result_types}),
        StartsWith(kMismatch))
        << info.text;
  }
}

TEST(Validator, BalancesBlocks) {
  expect_all({
      {"an empty body", {code(end)}, ""},
      {"a result", {code(kA32, end), {}, {ValType::i32}}, ""},
      {"a missing result", {code(end), {}, {ValType::i32}}, kMismatch},
      {"a result too many", {code(kA32, end)}, kMismatch},
      {"a block's result", {code(block, kI32Byte, kA32, end, drop, end)}, ""},
      {"a block without its result", {code(block, kI32Byte, end, drop, end)}, kMismatch},
      {"a block cannot take what it has no parameter for",
       {code(kA32, block, kVoidByte, drop, end, end)},
       kMismatch},
      {"a block's parameters",
       {code(kA32, kA64, block, int{kSwap}, drop, i64_extend_i32_s, kA32, end, drop, drop, end)},
       ""},
      {"a block with wrong parameters",
       {code(kA64, kA32, block, int{kSwap}, drop, drop, kA64, kA32, end, drop, drop, end)},
       kMismatch},
      {"a loop's parameters", {code(kA32, loop, int{kUnary}, end, drop, end)}, ""},
      {"what lies under a block stays", {code(kA32, block, kVoidByte, end, drop, end)}, ""},
      {"values under a block's parameters",
       {code(kA64, kA32, block, int{kUnary}, end, drop, drop, end)},
       ""},
      {"if", {code(kA32, if_, kVoidByte, end, end)}, ""},
      {"if needs an i32", {code(kA64, if_, kVoidByte, end, end)}, kMismatch},
      {"if and else with a result",
       {code(kA32, if_, kI32Byte, kA32, else_, kA32, end, drop, end)},
       ""},
      {"a result only in if", {code(kA32, if_, kI32Byte, kA32, else_, end, drop, end)}, kMismatch},
      {"a result only in else",
       {code(kA32, if_, kI32Byte, else_, kA32, end, drop, end)},
       kMismatch},
      {"if without else must not have a result",
       {code(kA32, if_, kI32Byte, kA32, end, drop, end)},
       kMismatch},
      {"if without else may pass its parameter",
       {code(kA32, kA32, if_, int{kUnary}, end, drop, end)},
       ""},
      {"if without else must pass all",
       {code(kA32, kA32, if_, int{kFromNone}, drop, end, end)},
       kMismatch},
      {"parameters are back in else",
       {code(kA32, kA32, if_, int{kFromNone}, drop, else_, drop, end, end)},
       ""},
      {"else once", {code(kA32, if_, kVoidByte, else_, else_, end, end)}, "misplaced ELSE"},
      {"a subtype as result", {code(kAFunc, end), {}, {ValType::funcref}}, ""},
      {"a supertype as result",
       {code(kNullFunc, end), {}, {ValType::ref(AbstractHeapType::func, false)}},
       kMismatch},
      {"a block widens its result",
       {code(block, kFuncByte, kAFunc, end, end),
        {},
        {ValType::ref(AbstractHeapType::func, false)}},
       kMismatch},
  });
}

TEST(Validator, ChecksBranches) {
  const auto table = [](auto... labels) {
    return code(br_table, unsigned{sizeof...(labels)} - 1u, labels...);
  };
  expect_all({
      {"br leaves with the result", {code(kA32, br, 0u, end), {}, {ValType::i32}}, ""},
      {"br without the result", {code(br, 0u, end), {}, {ValType::i32}}, kMismatch},
      {"br may leave more", {code(kA64, kA32, br, 0u, end), {}, {ValType::i32}}, ""},
      {"br to no block", {code(br, 1u, end)}, "unknown label 1"},
      {"br to a loop takes its parameters",
       {code(kA32, loop, int{kFromNone}, br, 0u, end, end)},
       ""},
      {"br to a loop does not give its results",
       {code(loop, kI32Byte, br, 0u, end, drop, end)},
       ""},
      {"br_if keeps the operands", {code(kA32, kA32, br_if, 0u, end), {}, {ValType::i32}}, ""},
      {"br_if needs an i32", {code(kA64, br_if, 0u, end)}, kMismatch},
      {"br_if to no block", {code(kA32, br_if, 7u, end)}, "unknown label 7"},
      {"br_if without the result",
       {code(kA32, br_if, 0u, kA32, end), {}, {ValType::i32}},
       kMismatch},
      {"br_if leaves operands of the label's type",
       {code(block, int{kToNull}, kAFunc, kA32, br_if, 0u, ref_as_non_null, drop, kNullFunc, end,
             drop, end)},
       ""},
      {"br_if forgets subtypes",
       {code(block, kFuncByte, kAFunc, kA32, br_if, 0u, call_ref, kVoid, kNullFunc, end, drop,
             end)},
       kMismatch},
      {"br_table to one label", {code(kA32, table(0u), end)}, ""},
      {"br_table needs an i32", {code(kA64, table(0u), end)}, kMismatch},
      {"br_table to no block", {code(kA32, table(0u, 1u), end)}, "unknown label 1"},
      {"br_table with an unknown default", {code(kA32, table(0u, 0u, 2u), end)}, "unknown label 2"},
      {"br_table with unequal arities",
       {code(block, kI32Byte, kA32, kA32, table(0u, 1u), end, drop, end)},
       kMismatch},
      {"br_table to labels that differ by subtyping",
       {code(block, int{kToNull}, block, int{kToRef}, kAFunc, kA32, table(0u, 1u), end, end, drop,
             end)},
       ""},
      {"br_table with an operand too wide for one label",
       {code(block, int{kToNull}, block, int{kToRef}, kNullFunc, kA32, table(1u, 0u), end, end,
             drop, end)},
       kMismatch},
      {"br_table to labels of other types",
       {code(block, kI64Byte, block, kI32Byte, kA32, kA32, table(0u, 1u), end, drop, kA64, end,
             drop, end)},
       kMismatch},
      {"unreachable br_table to labels of other types",
       {code(block, kI64Byte, block, kI32Byte, unreachable, kA32, table(0u, 1u), end, drop, kA64,
             end, drop, end)},
       ""},
      {"return leaves with the result", {code(kA32, return_, end), {}, {ValType::i32}}, ""},
      {"return without the result", {code(return_, end), {}, {ValType::i32}}, kMismatch},
      {"return from within blocks",
       {code(block, kVoidByte, kA32, return_, end, kA32, end), {}, {ValType::i32}},
       ""},
  });
}

TEST(Validator, KnowsLessOfUnreachableCode) {
  expect_all({
      {"operands of any type", {code(unreachable, i32_add, drop, end)}, ""},
      {"any results", {code(unreachable, end), {}, {ValType::i32, ValType::i64}}, ""},
      {"but no wrong ones", {code(unreachable, kA64, i32_add, drop, end)}, kMismatch},
      {"even below unknown ones", {code(unreachable, kA64, end), {}, {ValType::i32}}, kMismatch},
      {"nor too many", {code(unreachable, kA32, end)}, kMismatch},
      {"drop of nothing known", {code(unreachable, drop, end)}, ""},
      {"after br", {code(br, 0u, i32_add, drop, end)}, ""},
      {"after br_table", {code(kA32, br_table, 0u, 0u, i32_add, drop, end)}, ""},
      {"after return", {code(return_, i32_add, drop, end)}, ""},
      {"after throw", {code(throw_, 0u, i32_add, drop, end)}, ""},
      {"after return_call", {code(return_call, 0u, i32_add, drop, end)}, ""},
      {"not after br_if", {code(kA32, br_if, 0u, i32_add, drop, end)}, kMismatch},
      {"not after the block",
       {code(block, kVoidByte, unreachable, end, i32_add, drop, end)},
       kMismatch},
      {"not in a block within",
       {code(unreachable, block, kVoidByte, i32_add, drop, end, end)},
       kMismatch},
      {"not in else", {code(kA32, if_, kVoidByte, unreachable, else_, drop, end, end)}, kMismatch},
      {"a block's result after it", {code(block, kI32Byte, unreachable, end, drop, end)}, ""},
      {"br_if pushes the label's types",
       {code(block, kI32Byte, unreachable, br_if, 0u, i64_eqz, drop, kA32, end, drop, end)},
       kMismatch},
      {"a reference of unknown type is not null",
       {code(unreachable, ref_as_non_null, end), {}, {ValType::ref(TypeId{0}, false)}},
       ""},
      {"a reference of unknown type is no number",
       {code(unreachable, ref_as_non_null, i32_eqz, drop, end)},
       kMismatch},
      {"br_on_null of an unknown one",
       {code(unreachable, br_on_null, 0u, call_ref, kVoid, end)},
       ""},
      {"call_ref of an unknown one", {code(unreachable, call_ref, kUnary, drop, end)}, ""},
      {"select of two unknown ones", {code(unreachable, select, i32_eqz, drop, end)}, ""},
      {"select of two unknown ones is any number",
       {code(unreachable, select, i64_eqz, drop, end)},
       ""},
      {"select of one known operand has its type",
       {code(unreachable, kA64, kA32, select, i32_eqz, drop, end)},
       kMismatch},
      {"local.tee has the local's type",
       {code(unreachable, local_tee, 0u, i64_eqz, drop, end), {ValType::i32}},
       kMismatch},
      {"an immense array.new_fixed",
       {code(unreachable, array_new_fixed, kInts, 10000u, drop, end)},
       ""},
      {"conversion keeps an unknown one non-null",
       {code(unreachable, any_convert_extern, end),
        {},
        {ValType::ref(AbstractHeapType::any, false)}},
       ""},
  });
}

TEST(Validator, ChecksParametricOperators) {
  expect_all({
      {"drop", {code(kA32, drop, end)}, ""},
      {"drop of nothing", {code(drop, end)}, kMismatch},
      {"select of numbers", {code(kA64, kA64, kA32, select, end), {}, {ValType::i64}}, ""},
      {"select of vectors", {code(kAVector, kAVector, kA32, select, drop, end)}, ""},
      {"select of two types", {code(kA64, kA32, kA32, select, drop, end)}, kMismatch},
      {"select by an i64", {code(kA64, kA64, kA64, select, drop, end)}, kMismatch},
      {"select of one", {code(kA64, kA32, select, drop, end)}, kMismatch},
      {"select of references", {code(kNullFunc, kNullFunc, kA32, select, drop, end)}, kMismatch},
      {"typed select of references",
       {code(kNullFunc, kAFunc, kA32, select_t, 1u, kFuncByte, drop, end)},
       ""},
      {"typed select of another type",
       {code(kA32, kA32, kA32, select_t, 1u, kI64Byte, drop, end)},
       kMismatch},
      {"typed select of no type", {code(kA32, select_t, 0u, end)}, "invalid result arity"},
      {"typed select of two types",
       {code(kA32, select_t, 2u, kI32Byte, kI32Byte, end)},
       "invalid result arity"},
  });
}

TEST(Validator, ChecksVariables) {
  const std::vector<ValType> two = {ValType::i32, ValType::i64};
  expect_all({
      {"local.get", {code(local_get, 1u, end), two, {ValType::i64}}, ""},
      {"local.get of another type", {code(local_get, 0u, end), two, {ValType::i64}}, kMismatch},
      {"local.get beyond the last", {code(local_get, 2u, drop, end), two}, "unknown local 2"},
      {"local.get of a declared local",
       {code(local_get, 2u, end), two, {ValType::f32}, code(1u, 1u, kF32Byte)},
       ""},
      {"local.set", {code(kA64, local_set, 1u, end), two}, ""},
      {"local.set of another type", {code(kA64, local_set, 0u, end), two}, kMismatch},
      {"local.set beyond the last", {code(kA64, local_set, 9u, end), two}, "unknown local 9"},
      {"local.set of a subtype", {code(kAFunc, local_set, 0u, end), {ValType::funcref}}, ""},
      {"local.tee", {code(kA64, local_tee, 1u, end), two, {ValType::i64}}, ""},
      {"local.tee of another type", {code(kA32, local_tee, 1u, drop, end), two}, kMismatch},
      {"local.tee beyond the last", {code(kA64, local_tee, 9u, drop, end), two}, "unknown local 9"},
      {"local.tee gives the local's type",
       {code(kAFunc, local_tee, 0u, end),
        {ValType::funcref},
        {ValType::ref(AbstractHeapType::func, false)}},
       kMismatch},
      {"global.get", {code(global_get, 0u, i32_eqz, drop, end)}, ""},
      {"global.get beyond the last", {code(global_get, 2u, drop, end)}, "unknown global 2"},
      {"global.set", {code(kA64, global_set, 1u, end)}, ""},
      {"global.set of another type", {code(kA32, global_set, 1u, end)}, kMismatch},
      {"global.set of a constant", {code(kA32, global_set, 0u, end)}, "immutable global"},
      {"global.set beyond the last", {code(kA32, global_set, 2u, end)}, "unknown global 2"},
  });
}

TEST(Validator, TracksLocalsWithoutDefault) {
  const std::vector<uint8_t> local =
      code(1u, 1u, kNonNullByte, kFuncByte);  // after an i32 parameter
  const std::vector<uint8_t> set = code(kAFunc, local_set, 1u);
  const std::vector<uint8_t> get = code(local_get, 1u, drop);
  const auto body = [&](const auto&... parts) {
    return Body{code(parts..., end), {ValType::i32}, {}, local};
  };
  constexpr const char* kUnset = "uninitialized local 1";
  expect_all({
      {"get before set", body(get), kUnset},
      {"get after set", body(set, get), ""},
      {"get after tee", body(kAFunc, local_tee, 1u, drop, get), ""},
      {"set of null", body(kNullFunc, local_set, 1u), kMismatch},
      {"parameters are set",
       {code(local_get, 0u, drop, end), {ValType::ref(AbstractHeapType::func, false)}},
       ""},
      {"set before a block", body(set, block, kVoidByte, get, end, get), ""},
      {"set in a block is undone", body(block, kVoidByte, set, get, end, get), kUnset},
      {"set before and in a block", body(set, block, kVoidByte, set, end, get), ""},
      {"set in if is undone in else", body(kA32, if_, kVoidByte, set, else_, get, end), kUnset},
      {"set in both arms is undone", body(kA32, if_, kVoidByte, set, else_, set, end, get), kUnset},
      {"set in nested blocks is undone",
       body(block, kVoidByte, block, kVoidByte, set, end, set, end, get), kUnset},
      {"set in try is undone in catch_all", body(try_, kVoidByte, set, catch_all, get, end),
       kUnset},
      {"set in unreachable code counts there", body(unreachable, set, get), ""},
      {"unset in unreachable code", body(unreachable, get), kUnset},
      {"the next function starts unset", body(get), kUnset},
  });
}

TEST(Validator, ChecksCalls) {
  expect_all({
      {"call", {code(kA32, call, 1u, drop, end)}, ""},
      {"call with another type", {code(kA64, call, 1u, drop, end)}, kMismatch},
      {"call of no function", {code(call, 3u, end)}, "unknown function 3"},
      {"call_indirect", {code(kA32, kA32, call_indirect, kUnary, 0u, drop, end)}, ""},
      {"call_indirect with 64-bit table",
       {code(kA32, kA64, call_indirect, kUnary, 2u, drop, end)},
       ""},
      {"call_indirect by an i64",
       {code(kA32, kA64, call_indirect, kUnary, 0u, drop, end)},
       kMismatch},
      {"call_indirect in a table of externref",
       {code(kA32, call_indirect, kVoid, 1u, end)},
       kMismatch},
      {"call_indirect in no table", {code(kA32, call_indirect, kVoid, 3u, end)}, "unknown table 3"},
      {"call_indirect of no function type",
       {code(kA32, call_indirect, kStruct, 0u, end)},
       "non-function type 4"},
      {"call_indirect of no type", {code(kA32, call_indirect, 99u, 0u, end)}, "unknown type"},
      {"call_ref", {code(kA32, ref_func, 1u, call_ref, kUnary, drop, end)}, ""},
      {"call_ref of null", {code(ref_null, int{kVoid}, call_ref, kVoid, end)}, ""},
      {"call_ref of another type", {code(kAFunc, call_ref, kUnary, drop, end)}, kMismatch},
      {"call_ref of any function", {code(kNullFunc, call_ref, kVoid, end)}, kMismatch},
      {"call_ref of no function type",
       {code(kNullInts, call_ref, kInts, end)},
       "non-function type 6"},
      {"return_call", {code(kA32, return_call, 1u, end), {}, {ValType::i32}}, ""},
      {"return_call with another result",
       {code(kA32, return_call, 1u, end), {}, {ValType::i64}},
       kMismatch},
      {"return_call without the operand",
       {code(return_call, 1u, end), {}, {ValType::i32}},
       kMismatch},
      {"return_call of no function", {code(return_call, 3u, end)}, "unknown function 3"},
      {"return_call_indirect", {code(kA32, return_call_indirect, kVoid, 0u, end)}, ""},
      {"return_call_indirect with another result",
       {code(kA32, kA32, return_call_indirect, kUnary, 0u, end)},
       kMismatch},
      {"return_call_ref", {code(kAFunc, return_call_ref, kVoid, end)}, ""},
      {"return_call_ref with a result's subtype",
       {code(ref_null, int{kToRef}, return_call_ref, kToRef, end), {}, {ValType::funcref}},
       ""},
      {"return_call_ref with a result's supertype",
       {code(ref_null, int{kToNull}, return_call_ref, kToNull, end),
        {},
        {ValType::ref(AbstractHeapType::func, false)}},
       kMismatch},
      {"ref.func", {code(ref_func, 0u, drop, end)}, ""},
      {"ref.func of an undeclared function",
       {code(ref_func, 2u, drop, end)},
       "undeclared function reference"},
      {"ref.func of no function", {code(ref_func, 3u, drop, end)}, "unknown function 3"},
  });
}

TEST(Validator, ChecksMemoryAccess) {
  constexpr Byte kInMemory{0x40};
  expect_all({
      {"a store", {code(kA32, kA64, i64_store, 3u, 8u, end)}, ""},
      {"with less alignment", {code(kA32, i32_load, 0u, 0u, drop, end)}, ""},
      {"with more alignment",
       {code(kA32, i32_load, 3u, 0u, drop, end)},
       "alignment must not be larger than natural"},
      {"with the largest offset", {code(kA32, i32_load, 2u, 0xffffffffu, drop, end)}, ""},
      {"with a larger offset",
       {code(kA32, i32_load, 2u, 0x100000000u, drop, end)},
       "offset out of range"},
      {"64-bit memory", {code(kA64, i32_load, kInMemory, 1u, 0u, drop, end)}, ""},
      {"64-bit memory with a 32-bit address",
       {code(kA32, i32_load, kInMemory, 1u, 0u, drop, end)},
       kMismatch},
      {"64-bit memory with a large offset",
       {code(kA64, i32_load, kInMemory, 1u, 0x100000000u, drop, end)},
       ""},
      {"64-bit memory with more alignment",
       {code(kA64, i32_load, Byte{0x43}, 1u, 0u, drop, end)},
       "alignment"},
      {"no memory", {code(kA32, i32_load, kInMemory, 2u, 0u, drop, end)}, "unknown memory 2"},
      {"an atomic access", {code(kA32, i32_atomic_load, 2u, 0u, drop, end)}, ""},
      {"an atomic access with less alignment",
       {code(kA32, i32_atomic_load, 1u, 0u, drop, end)},
       "atomic alignment must be natural"},
      {"an atomic access with more alignment",
       {code(kA32, i32_atomic_load8_u, 1u, 0u, drop, end)},
       "atomic alignment must be natural"},
      {"a lane", {code(kA32, kAVector, v128_load32_lane, 2u, 0u, Byte{3}, drop, end)}, ""},
      {"no such lane",
       {code(kA32, kAVector, v128_load32_lane, 2u, 0u, Byte{4}, drop, end)},
       "invalid lane index"},
      {"a lane with more alignment",
       {code(kA32, kAVector, v128_store8_lane, 1u, 0u, Byte{0}, end)},
       "alignment"},
      {"extract_lane", {code(kAVector, i16x8_extract_lane_u, Byte{7}, drop, end)}, ""},
      {"extract_lane of no lane",
       {code(kAVector, i16x8_extract_lane_u, Byte{8}, drop, end)},
       "invalid lane index"},
      {"replace_lane of no lane",
       {code(kAVector, kA64, i64x2_replace_lane, Byte{2}, drop, end)},
       "invalid lane index"},
      {"shuffle", {code(kAVector, kAVector, i8x16_shuffle, repeat(16, {31}), drop, end)}, ""},
      {"shuffle of no lane",
       {code(kAVector, kAVector, i8x16_shuffle, repeat(15, {0}), Byte{32}, drop, end)},
       "invalid lane index"},
  });
}

TEST(Validator, ChecksBulkMemory) {
  expect_all({
      {"memory.size", {code(memory_size, 0u, i32_eqz, drop, end)}, ""},
      {"memory.size of a 64-bit memory", {code(memory_size, 1u, i64_eqz, drop, end)}, ""},
      {"memory.size of no memory", {code(memory_size, 2u, drop, end)}, "unknown memory 2"},
      {"memory.grow", {code(kA32, memory_grow, 0u, i32_eqz, drop, end)}, ""},
      {"memory.grow of a 64-bit memory", {code(kA64, memory_grow, 1u, i64_eqz, drop, end)}, ""},
      {"memory.grow by another type", {code(kA64, memory_grow, 0u, drop, end)}, kMismatch},
      {"memory.fill", {code(kA32, kA32, kA32, memory_fill, 0u, end)}, ""},
      {"memory.fill of a 64-bit memory", {code(kA64, kA32, kA64, memory_fill, 1u, end)}, ""},
      {"memory.fill with a 64-bit value",
       {code(kA64, kA64, kA64, memory_fill, 1u, end)},
       kMismatch},
      {"memory.fill of no memory",
       {code(kA32, kA32, kA32, memory_fill, 2u, end)},
       "unknown memory 2"},
      {"memory.copy", {code(kA32, kA32, kA32, memory_copy, 0u, 0u, end)}, ""},
      {"memory.copy in 64 bits", {code(kA64, kA64, kA64, memory_copy, 1u, 1u, end)}, ""},
      {"memory.copy from 32 to 64 bits has a 32-bit size",
       {code(kA64, kA32, kA32, memory_copy, 1u, 0u, end)},
       ""},
      {"memory.copy from 64 to 32 bits has a 32-bit size",
       {code(kA32, kA64, kA32, memory_copy, 0u, 1u, end)},
       ""},
      {"memory.copy from 32 to 64 bits has no 64-bit size",
       {code(kA64, kA32, kA64, memory_copy, 1u, 0u, end)},
       kMismatch},
      {"memory.copy to no memory",
       {code(kA32, kA32, kA32, memory_copy, 2u, 0u, end)},
       "unknown memory 2"},
      {"memory.copy from no memory",
       {code(kA32, kA32, kA32, memory_copy, 0u, 3u, end)},
       "unknown memory 3"},
      {"memory.init", {code(kA32, kA32, kA32, memory_init, 0u, 0u, end)}, ""},
      {"memory.init of a 64-bit memory", {code(kA64, kA32, kA32, memory_init, 0u, 1u, end)}, ""},
      {"memory.init with a 64-bit size",
       {code(kA64, kA32, kA64, memory_init, 0u, 1u, end)},
       kMismatch},
      {"memory.init of no memory",
       {code(kA32, kA32, kA32, memory_init, 0u, 2u, end)},
       "unknown memory 2"},
      {"memory.init of no segment",
       {code(kA32, kA32, kA32, memory_init, 1u, 0u, end)},
       "unknown data segment 1"},
      {"data.drop", {code(data_drop, 0u, end)}, ""},
      {"data.drop of no segment", {code(data_drop, 1u, end)}, "unknown data segment 1"},
  });
}

TEST(Validator, RequiresADataCountForUsesOfSegments) {
  TestModule given;
  given.module.data_count.reset();
  const Result<> result = validate(given, {code(data_drop, 0u, end)});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::malformed);
  EXPECT_THAT(result.error().message, StartsWith("data count section required"));
}

TEST(Validator, ChecksTables) {
  expect_all({
      {"table.get", {code(kA32, table_get, 1u, end), {}, {ValType::externref}}, ""},
      {"table.get by an i64", {code(kA64, table_get, 1u, drop, end)}, kMismatch},
      {"table.get of no table", {code(kA32, table_get, 3u, drop, end)}, "unknown table 3"},
      {"table.set", {code(kA32, kAFunc, table_set, 0u, end)}, ""},
      {"table.set of another type", {code(kA32, kNullExtern, table_set, 0u, end)}, kMismatch},
      {"table.size", {code(table_size, 0u, i32_eqz, drop, end)}, ""},
      {"table.size of a 64-bit table", {code(table_size, 2u, i32_eqz, drop, end)}, kMismatch},
      {"table.grow", {code(kNullFunc, kA32, table_grow, 0u, drop, end)}, ""},
      {"table.grow of a 64-bit table",
       {code(kNullFunc, kA64, table_grow, 2u, i64_eqz, drop, end)},
       ""},
      {"table.grow with another type",
       {code(kNullExtern, kA32, table_grow, 0u, drop, end)},
       kMismatch},
      {"table.fill", {code(kA32, kNullFunc, kA32, table_fill, 0u, end)}, ""},
      {"table.fill of a 64-bit table", {code(kA64, kNullFunc, kA64, table_fill, 2u, end)}, ""},
      {"table.fill with another type",
       {code(kA32, kNullExtern, kA32, table_fill, 0u, end)},
       kMismatch},
      {"table.copy", {code(kA32, kA32, kA32, table_copy, 0u, 0u, end)}, ""},
      {"table.copy from 64 to 32 bits", {code(kA32, kA64, kA32, table_copy, 0u, 2u, end)}, ""},
      {"table.copy from 32 to 64 bits with a 64-bit size",
       {code(kA64, kA32, kA64, table_copy, 2u, 0u, end)},
       kMismatch},
      {"table.copy of other elements",
       {code(kA32, kA32, kA32, table_copy, 0u, 1u, end)},
       kMismatch},
      {"table.copy from no table",
       {code(kA32, kA32, kA32, table_copy, 0u, 3u, end)},
       "unknown table 3"},
      {"table.copy to no table",
       {code(kA32, kA32, kA32, table_copy, 4u, 0u, end)},
       "unknown table 4"},
      {"table.init", {code(kA32, kA32, kA32, table_init, 0u, 0u, end)}, ""},
      {"table.init of a 64-bit table", {code(kA64, kA32, kA32, table_init, 0u, 2u, end)}, ""},
      {"table.init of other elements",
       {code(kA32, kA32, kA32, table_init, 1u, 0u, end)},
       kMismatch},
      {"table.init of no segment",
       {code(kA32, kA32, kA32, table_init, 2u, 0u, end)},
       "unknown elem segment 2"},
      {"table.init of no table",
       {code(kA32, kA32, kA32, table_init, 0u, 3u, end)},
       "unknown table 3"},
      {"elem.drop", {code(elem_drop, 1u, end)}, ""},
      {"elem.drop of no segment", {code(elem_drop, 2u, end)}, "unknown elem segment 2"},
  });
}

TEST(Validator, ChecksReferences) {
  expect_all({
      {"ref.null", {code(ref_null, kExternByte, end), {}, {ValType::externref}}, ""},
      {"ref.null is of its type",
       {code(ref_null, kFuncByte, end), {}, {ValType::externref}},
       kMismatch},
      {"ref.null of no type", {code(ref_null, 99, drop, end)}, "unknown type"},
      {"ref.is_null", {code(kNullFunc, ref_is_null, i32_eqz, drop, end)}, ""},
      {"ref.is_null of a number", {code(kA32, ref_is_null, drop, end)}, kMismatch},
      {"ref.as_non_null",
       {code(kNullFunc, ref_as_non_null, end), {}, {ValType::ref(AbstractHeapType::func, false)}},
       ""},
      {"ref.as_non_null of a number", {code(kA32, ref_as_non_null, drop, end)}, kMismatch},
      {"ref.eq", {code(kNullStruct, kNullInts, ref_eq, drop, end)}, ""},
      {"ref.eq of functions", {code(kNullFunc, kNullFunc, ref_eq, drop, end)}, kMismatch},
      {"ref.eq of any", {code(kNullAny, kNullAny, ref_eq, drop, end)}, kMismatch},
      {"ref.i31", {code(kA32, ref_i31, i31_get_u, drop, end)}, ""},
      {"ref.i31 of an i64", {code(kA64, ref_i31, drop, end)}, kMismatch},
      {"i31.get_s of any", {code(kNullAny, i31_get_s, drop, end)}, kMismatch},
      {"i31.get_u of null", {code(ref_null, kI31Byte, i31_get_u, drop, end)}, ""},
      {"ref.test in the hierarchy",
       {code(kNullAny, ref_test, int{kStruct}, i32_eqz, drop, end)},
       ""},
      {"ref.test across hierarchies",
       {code(kNullFunc, ref_test, int{kStruct}, drop, end)},
       kMismatch},
      {"ref.test null of a function", {code(kNullFunc, ref_test_null, int{kVoid}, drop, end)}, ""},
      {"ref.test null across hierarchies",
       {code(kNullExtern, ref_test_null, kFuncByte, drop, end)},
       kMismatch},
      {"ref.cast gives a non-null reference",
       {code(kNullAny, ref_cast, kI31Byte, end), {}, {ValType::ref(AbstractHeapType::i31, false)}},
       ""},
      {"ref.cast null gives a nullable reference",
       {code(kNullAny, ref_cast_null, kI31Byte, end),
        {},
        {ValType::ref(AbstractHeapType::i31, false)}},
       kMismatch},
      {"ref.cast across hierarchies",
       {code(kNullExtern, ref_cast, kI31Byte, drop, end)},
       kMismatch},
      {"any.convert_extern keeps null",
       {code(kNullExtern, any_convert_extern, end),
        {},
        {ValType::ref(AbstractHeapType::any, false)}},
       kMismatch},
      {"any.convert_extern", {code(kNullExtern, any_convert_extern, drop, end)}, ""},
      {"any.convert_extern of any", {code(kNullAny, any_convert_extern, drop, end)}, kMismatch},
      {"extern.convert_any",
       {code(kA32, ref_i31, extern_convert_any, end),
        {},
        {ValType::ref(AbstractHeapType::extern_, false)}},
       ""},
      {"extern.convert_any of a function",
       {code(kAFunc, extern_convert_any, drop, end)},
       kMismatch},
  });
}

TEST(Validator, ChecksBranchesOnReferences) {
  constexpr Byte kFromNullToNonNull{1};
  constexpr Byte kBothNullable{3};
  constexpr Byte kBothNonNull{0};
  const ValType ref_any = ValType::ref(AbstractHeapType::any, false);
  const auto cast = [](Opcode op, Byte flags, auto source, auto target) {
    return code(op, flags, 0u, source, target);
  };
  expect_all({
      {"br_on_null leaves a non-null reference",
       {code(kNullFunc, br_on_null, 0u, end), {}, {ValType::ref(AbstractHeapType::func, false)}},
       kMismatch},
      {"br_on_null without other operands", {code(kNullFunc, br_on_null, 0u, drop, end)}, ""},
      {"br_on_null with the label's operand",
       {code(kA32, kNullFunc, br_on_null, 0u, drop, end), {}, {ValType::i32}},
       ""},
      {"br_on_null of a number", {code(kA32, br_on_null, 0u, drop, end)}, kMismatch},
      {"br_on_null to no block", {code(kNullFunc, br_on_null, 1u, drop, end)}, "unknown label 1"},
      {"br_on_non_null gives the reference to the label",
       {code(block, int{kToRef}, kNullFunc, br_on_non_null, 0u, unreachable, end, drop, end)},
       ""},
      {"br_on_non_null leaves nothing",
       {code(block, int{kToRef}, kNullFunc, br_on_non_null, 0u, end, drop, end)},
       kMismatch},
      {"br_on_non_null to a label without operand",
       {code(kNullFunc, br_on_non_null, 0u, end)},
       kMismatch},
      {"br_on_non_null to a label for a number",
       {code(block, kI32Byte, kNullFunc, br_on_non_null, 0u, unreachable, end, drop, end)},
       kMismatch},
      {"br_on_non_null to no block", {code(kNullFunc, br_on_non_null, 1u, end)}, "unknown label 1"},
      {"br_on_cast",
       {code(block, int{kToAny}, kNullAny,
             cast(br_on_cast, kFromNullToNonNull, kAnyByte, int{kStruct}), end, drop, end)},
       ""},
      {"br_on_cast to a non-null type leaves null possible",
       {code(kNullAny, br_on_cast, kFromNullToNonNull, 0u, kAnyByte, kI31Byte, ref_as_non_null,
             end),
        {},
        {ref_any}},
       ""},
      {"br_on_cast to a nullable type leaves a non-null reference",
       {code(block, int{kToAny}, kNullAny, cast(br_on_cast, kBothNullable, kAnyByte, kI31Byte),
             return_, end, unreachable, end),
        {},
        {ref_any}},
       ""},
      {"br_on_cast to a non-null type does not leave a non-null reference",
       {code(block, int{kToAny}, kNullAny, cast(br_on_cast, kFromNullToNonNull, kAnyByte, kI31Byte),
             return_, end, unreachable, end),
        {},
        {ref_any}},
       kMismatch},
      {"br_on_cast to a supertype",
       {code(block, int{kToAny}, ref_null, kI31Byte,
             cast(br_on_cast, kBothNullable, kI31Byte, kAnyByte), end, drop, end)},
       kMismatch},
      {"br_on_cast to a nullable type from a non-null one",
       {code(block, int{kToAny}, kA32, ref_i31, cast(br_on_cast, Byte{2}, kAnyByte, kI31Byte), end,
             drop, end)},
       kMismatch},
      {"br_on_cast of a nullable operand as non-null",
       {code(block, int{kToAny}, kNullAny, cast(br_on_cast, kBothNonNull, kAnyByte, kI31Byte), end,
             drop, end)},
       kMismatch},
      {"br_on_cast to a label of another type",
       {code(block, int{kToRef}, kNullAny, cast(br_on_cast, kFromNullToNonNull, kAnyByte, kI31Byte),
             unreachable, end, drop, end)},
       kMismatch},
      {"br_on_cast to a label without operand",
       {code(kNullAny, cast(br_on_cast, kFromNullToNonNull, kAnyByte, kI31Byte), drop, end)},
       kMismatch},
      {"br_on_cast to no block",
       {code(kNullAny, br_on_cast, kFromNullToNonNull, 5u, kAnyByte, kI31Byte, drop, end)},
       "unknown label 5"},
      {"br_on_cast_fail leaves the target type",
       {code(block, int{kToAny}, kNullAny,
             cast(br_on_cast_fail, kFromNullToNonNull, kAnyByte, kI31Byte), i31_get_u, drop,
             kNullAny, end, drop, end)},
       ""},
      {"br_on_cast_fail gives what is left to the label",
       {code(kNullAny, cast(br_on_cast_fail, kBothNullable, kAnyByte, kI31Byte), drop, unreachable,
             end),
        {},
        {ref_any}},
       ""},
      {"br_on_cast_fail may give null to the label",
       {code(kNullAny, cast(br_on_cast_fail, kFromNullToNonNull, kAnyByte, kI31Byte), drop,
             unreachable, end),
        {},
        {ref_any}},
       kMismatch},
      {"br_on_cast_fail to no block",
       {code(kNullAny, br_on_cast_fail, kFromNullToNonNull, 5u, kAnyByte, kI31Byte, drop, end)},
       "unknown label 5"},
  });
}

TEST(Validator, ChecksStructures) {
  const std::vector<uint8_t> sub_fields = code(kA32, kA32, kA64, kAFunc);
  expect_all({
      {"struct.new", {code(kA32, kA32, kA64, struct_new, kStruct, drop, end)}, ""},
      {"struct.new of other fields",
       {code(kA32, kA64, kA64, struct_new, kStruct, drop, end)},
       kMismatch},
      {"struct.new of too few fields",
       {code(kA32, kA64, struct_new, kStruct, drop, end)},
       kMismatch},
      {"struct.new of an array", {code(struct_new, kInts, drop, end)}, "non-structure type 6"},
      {"struct.new of no type", {code(struct_new, 99u, drop, end)}, "unknown type"},
      {"struct.new_default", {code(struct_new_default, kStruct, drop, end)}, ""},
      {"struct.new_default of a non-null field",
       {code(struct_new_default, kSubStruct, drop, end)},
       "field type is not defaultable"},
      {"struct.get", {code(kNullStruct, struct_get, kStruct, 2u, i64_eqz, drop, end)}, ""},
      {"struct.get of a subtype",
       {code(sub_fields, struct_new, kSubStruct, struct_get, kStruct, 0u, drop, end)},
       ""},
      {"struct.get of a supertype",
       {code(kNullStruct, struct_get, kSubStruct, 0u, drop, end)},
       kMismatch},
      {"struct.get of a packed field",
       {code(kNullStruct, struct_get, kStruct, 1u, drop, end)},
       "field is packed"},
      {"struct.get of no field",
       {code(kNullStruct, struct_get, kStruct, 3u, drop, end)},
       "unknown field 3"},
      {"struct.get_s", {code(kNullStruct, struct_get_s, kStruct, 1u, i32_eqz, drop, end)}, ""},
      {"struct.get_s of an unpacked field",
       {code(kNullStruct, struct_get_s, kStruct, 0u, drop, end)},
       "field is unpacked"},
      {"struct.get_u", {code(kNullStruct, struct_get_u, kStruct, 1u, i32_eqz, drop, end)}, ""},
      {"struct.get_u of an unpacked field",
       {code(kNullStruct, struct_get_u, kStruct, 0u, drop, end)},
       "field is unpacked"},
      {"struct.set", {code(kNullStruct, kA32, struct_set, kStruct, 1u, end)}, ""},
      {"struct.set of an immutable field",
       {code(kNullStruct, kA64, struct_set, kStruct, 2u, end)},
       "immutable field"},
      {"struct.set of another type",
       {code(kNullStruct, kA64, struct_set, kStruct, 0u, end)},
       kMismatch},
      {"struct.set of no field",
       {code(kNullStruct, kA64, struct_set, kStruct, 4u, end)},
       "unknown field 4"},
  });
}

TEST(Validator, ChecksArrays) {
  const std::vector<uint8_t> three = code(kA32, kA32, kA32);
  const std::vector<uint8_t> null_const_ints = code(ref_null, int{kConstInts});
  const std::vector<uint8_t> null_funcs = code(ref_null, int{kFuncs});
  expect_all({
      {"array.new", {code(kA32, kA32, array_new, kInts, drop, end)}, ""},
      {"array.new of another type", {code(kA64, kA32, array_new, kInts, drop, end)}, kMismatch},
      {"array.new of a structure", {code(kA32, array_new, kStruct, drop, end)}, "non-array type 4"},
      {"array.new_default", {code(kA32, array_new_default, kFuncs, drop, end)}, ""},
      {"array.new_default of non-null elements",
       {code(kA32, array_new_default, kNonNull, drop, end)},
       "array type is not defaultable"},
      {"array.new_fixed", {code(three, array_new_fixed, kBytes, 3u, drop, end)}, ""},
      {"array.new_fixed of too few",
       {code(three, array_new_fixed, kInts, 4u, drop, end)},
       kMismatch},
      {"array.new_fixed of none", {code(array_new_fixed, kInts, 0u, drop, end)}, ""},
      {"array.new_fixed of too many",
       {code(unreachable, array_new_fixed, kInts, 10'001u, drop, end)},
       "array.new_fixed of 10001 elements, at most 10000"},
      {"array.new_data", {code(kA32, kA32, array_new_data, kBytes, 0u, drop, end)}, ""},
      {"array.new_data of references",
       {code(kA32, kA32, array_new_data, kFuncs, 0u, drop, end)},
       "array type is not numeric or vector"},
      {"array.new_data of no segment",
       {code(kA32, kA32, array_new_data, kBytes, 1u, drop, end)},
       "unknown data segment 1"},
      {"array.new_elem", {code(kA32, kA32, array_new_elem, kFuncs, 0u, drop, end)}, ""},
      {"array.new_elem of other elements",
       {code(kA32, kA32, array_new_elem, kFuncs, 1u, drop, end)},
       kMismatch},
      {"array.new_elem of no segment",
       {code(kA32, kA32, array_new_elem, kFuncs, 2u, drop, end)},
       "unknown elem segment 2"},
      {"array.get", {code(kNullInts, kA32, array_get, kInts, i32_eqz, drop, end)}, ""},
      {"array.get of packed elements",
       {code(kNullBytes, kA32, array_get, kBytes, drop, end)},
       "array is packed"},
      {"array.get of another array",
       {code(kNullBytes, kA32, array_get, kInts, drop, end)},
       kMismatch},
      {"array.get_s", {code(kNullBytes, kA32, array_get_s, kBytes, drop, end)}, ""},
      {"array.get_s of unpacked elements",
       {code(kNullInts, kA32, array_get_s, kInts, drop, end)},
       "array is unpacked"},
      {"array.get_u", {code(kNullBytes, kA32, array_get_u, kBytes, drop, end)}, ""},
      {"array.get_u of unpacked elements",
       {code(kNullInts, kA32, array_get_u, kInts, drop, end)},
       "array is unpacked"},
      {"array.set", {code(kNullBytes, kA32, kA32, array_set, kBytes, end)}, ""},
      {"array.set of another type",
       {code(kNullBytes, kA32, kA64, array_set, kBytes, end)},
       kMismatch},
      {"array.set of an immutable array",
       {code(null_const_ints, kA32, kA32, array_set, kConstInts, end)},
       "immutable array"},
      {"array.len", {code(kNullInts, array_len, i32_eqz, drop, end)}, ""},
      {"array.len of a structure", {code(kNullStruct, array_len, drop, end)}, kMismatch},
      {"array.fill", {code(kNullInts, three, array_fill, kInts, end)}, ""},
      {"array.fill of an immutable array",
       {code(null_const_ints, three, array_fill, kConstInts, end)},
       "immutable array"},
      {"array.fill with another type",
       {code(kNullInts, kA32, kA64, kA32, array_fill, kInts, end)},
       kMismatch},
      {"array.copy",
       {code(kNullInts, kA32, null_const_ints, kA32, kA32, array_copy, kInts, kConstInts, end)},
       ""},
      {"array.copy to an immutable array",
       {code(null_const_ints, kA32, kNullInts, kA32, kA32, array_copy, kConstInts, kInts, end)},
       "immutable array"},
      {"array.copy of other elements",
       {code(kNullInts, kA32, kNullBytes, kA32, kA32, array_copy, kInts, kBytes, end)},
       "array types do not match"},
      {"array.copy to a subtype's array",
       {code(ref_null, int{kNonNull}, kA32, null_funcs, kA32, kA32, array_copy, kNonNull, kFuncs,
             end)},
       "array types do not match"},
      {"array.init_data", {code(kNullInts, three, array_init_data, kInts, 0u, end)}, ""},
      {"array.init_data of references",
       {code(null_funcs, three, array_init_data, kFuncs, 0u, end)},
       "array type is not numeric or vector"},
      {"array.init_data of an immutable array",
       {code(null_const_ints, three, array_init_data, kConstInts, 0u, end)},
       "immutable array"},
      {"array.init_data of no segment",
       {code(kNullInts, three, array_init_data, kInts, 1u, end)},
       "unknown data segment 1"},
      {"array.init_elem", {code(null_funcs, three, array_init_elem, kFuncs, 0u, end)}, ""},
      {"array.init_elem of other elements",
       {code(null_funcs, three, array_init_elem, kFuncs, 1u, end)},
       kMismatch},
      {"array.init_elem of an immutable array",
       {code(null_const_ints, three, array_init_elem, kConstInts, 0u, end)},
       "immutable array"},
  });
}

TEST(Validator, ChecksExceptions) {
  constexpr Byte kCatch{0};
  constexpr Byte kCatchRef{1};
  constexpr Byte kCatchAll{2};
  constexpr Byte kCatchAllRef{3};
  const auto in_block = [](auto type, const auto&... clause) {
    return Body{code(block, type, try_table, kVoidByte, 1u, clause..., end, unreachable, end,
                     unreachable, end)};
  };
  expect_all({
      {"throw", {code(kA32, throw_, 1u, end)}, ""},
      {"throw with another type", {code(kA64, throw_, 1u, end)}, kMismatch},
      {"throw of no tag", {code(throw_, 2u, end)}, "unknown tag 2"},
      {"throw_ref", {code(ref_null, kExnByte, throw_ref, end)}, ""},
      {"throw_ref of a number", {code(kA32, throw_ref, end)}, kMismatch},
      {"try_table without clauses", {code(try_table, kI32Byte, 0u, kA32, end, drop, end)}, ""},
      {"try_table with a parameter", {code(kA32, try_table, int{kUnary}, 0u, end, drop, end)}, ""},
      {"try_table without its parameter",
       {code(try_table, int{kUnary}, 0u, end, drop, end)},
       kMismatch},
      {"try_table without its result", {code(try_table, kI32Byte, 0u, end, drop, end)}, kMismatch},
      {"catch", in_block(kI32Byte, kCatch, 1u, 0u), ""},
      {"catch to a label without operand", in_block(kVoidByte, kCatch, 1u, 0u), kMismatch},
      {"catch to a label of another type", in_block(kI64Byte, kCatch, 1u, 0u), kMismatch},
      {"catch of no tag", in_block(kI32Byte, kCatch, 2u, 0u), "unknown tag 2"},
      {"catch to no block", in_block(kI32Byte, kCatch, 1u, 2u), "unknown label 2"},
      {"catch_ref", in_block(int{kCaught}, kCatchRef, 1u, 0u), ""},
      {"catch_ref gives a non-null reference", in_block(kExnByte, kCatchRef, 0u, 0u), ""},
      {"catch_ref to a label without reference", in_block(kI32Byte, kCatchRef, 1u, 0u), kMismatch},
      {"catch_all", in_block(kVoidByte, kCatchAll, 0u), ""},
      {"catch_all to a label with operand", in_block(kI32Byte, kCatchAll, 0u), kMismatch},
      {"catch_all_ref", in_block(kExnByte, kCatchAllRef, 0u), ""},
      {"catch_all_ref to a label without reference", in_block(kVoidByte, kCatchAllRef, 0u),
       kMismatch},
      {"labels of clauses do not count their block",
       {code(try_table, kI32Byte, 1u, kCatchAll, 0u, kA32, end, drop, end)},
       ""},
  });
}

TEST(Validator, ChecksLegacyExceptions) {
  expect_all({
      {"try alone", {code(try_, kVoidByte, end, end)}, ""},
      {"catch pushes the tag's types",
       {code(try_, kI32Byte, kA32, catch_, 1u, end, drop, end)},
       ""},
      {"catch of another type",
       {code(try_, kI64Byte, kA64, catch_, 1u, end, drop, end)},
       kMismatch},
      {"catch of no tag", {code(try_, kVoidByte, catch_, 2u, end, end)}, "unknown tag 2"},
      {"try without its result", {code(try_, kI32Byte, catch_, 1u, end, drop, end)}, kMismatch},
      {"two catches and catch_all",
       {code(try_, kVoidByte, catch_, 0u, catch_, 1u, drop, catch_all, end, end)},
       ""},
      {"catch_all with a value left",
       {code(try_, kVoidByte, catch_all, kA32, end, end)},
       kMismatch},
      {"catch after catch_all",
       {code(try_, kVoidByte, catch_all, catch_, 0u, end, end)},
       "misplaced CATCH"},
      {"catch_all twice",
       {code(try_, kVoidByte, catch_all, catch_all, end, end)},
       "misplaced CATCH"},
      {"a try's parameter", {code(kA32, try_, int{kUnary}, end, drop, end)}, ""},
      {"delegate to the function", {code(try_, kVoidByte, delegate, 0u, end)}, ""},
      {"delegate gives the try's result",
       {code(try_, kI32Byte, kA32, delegate, 0u, drop, end)},
       ""},
      {"delegate without the result", {code(try_, kI32Byte, delegate, 0u, drop, end)}, kMismatch},
      {"delegate to no block", {code(try_, kVoidByte, delegate, 1u, end)}, "unknown label 1"},
      {"delegate after catch",
       {code(try_, kVoidByte, catch_all, delegate, 0u, end)},
       "misplaced DELEGATE"},
      {"rethrow in catch", {code(try_, kVoidByte, catch_, 0u, rethrow, 0u, end, end)}, ""},
      {"rethrow in catch_all, from a block",
       {code(try_, kVoidByte, catch_all, block, kVoidByte, rethrow, 1u, end, end, end)},
       ""},
      {"rethrow in try",
       {code(try_, kVoidByte, rethrow, 0u, catch_all, end, end)},
       "invalid rethrow label"},
      {"rethrow of a function", {code(rethrow, 0u, end)}, "invalid rethrow label"},
      {"rethrow to no block", {code(rethrow, 1u, end)}, "unknown label 1"},
  });
}

/// Writes down what it is told.
struct Recorder {
  void begin_function(FuncIdx func, const FuncType&, std::span<const ValType> locals) {
    events.push_back("function " + std::to_string(to_underlying(func)) + " with " +
                     std::to_string(locals.size()) + " locals");
  }
  void end_function(uint32_t height) { events.push_back("height " + std::to_string(height)); }
  void on(Op<local_get>, LocalIdx local) {
    events.push_back("get " + std::to_string(to_underlying(local)));
  }
  void on(Op<block>, const BlockType&) { events.push_back("block"); }
  void on(Op<end>) { events.push_back("end"); }
  void on(Op<br>, LabelIdx) { events.push_back("br"); }

  std::vector<std::string> events;
};

std::vector<std::string> events_of(const Body& body) {
  TestModule given;
  ValidatorScratch scratch;
  given.module.funcs[FuncIdx{2}].type = *given.types.intern(FuncType{body.params, body.results});
  Recorder recorder;
  const Result<> result = validate_function(given.module, given.types, Features(), FuncIdx{2},
                                            code(body.locals, body.code), 0, scratch, recorder);
  if (!result.ok()) recorder.events.push_back("error");
  return recorder.events;
}

TEST(ValidatorForwarding, PassesOnWhatTheSinkHasAMemberFor) {
  EXPECT_THAT(
      events_of(
          {code(local_get, 1u, kA32, drop, drop, end), {ValType::i32}, {}, code(1u, 2u, kI32Byte)}),
      ElementsAre("function 2 with 3 locals", "get 1", "end", "height 2"));
}

TEST(ValidatorForwarding, PassesOnOnlyStructureOfUnreachableCode) {
  EXPECT_THAT(events_of({code(block, kVoidByte, br, 0u, local_get, 0u, drop, block, kVoidByte,
                              local_get, 0u, drop, end, br, 0u, end, local_get, 0u, drop, end),
                         {ValType::i32}}),
              ElementsAre("function 2 with 1 locals", "block", "br", "block", "end", "end", "get 0",
                          "end", "height 1"));
}

TEST(ValidatorForwarding, StopsAtTheError) {
  EXPECT_THAT(events_of({code(local_get, 0u, i64_eqz, local_get, 0u, end), {ValType::i32}}),
              ElementsAre("function 2 with 1 locals", "get 0", "error"));
}

TEST(ValidatorForwarding, CountsOperandsInNestedBlocksFromTheFunctionsBase) {
  EXPECT_EQ(events_of({code(kA32, block, int{kUnary - 1}, kA32, kA32, drop, drop, end, drop, end)})
                .back(),
            "height 3");
}

TEST(ValidatorForwarding, DoesNotCountUnreachableOperands) {
  EXPECT_EQ(
      events_of({code(unreachable, repeat(1000, kA32), repeat(1000, code(drop)), end)}).back(),
      "height 0");
}

TEST(ValidatorForwarding, CountsResultsOfDeadBlocks) {
  EXPECT_EQ(events_of({code(block, int{kPair}, unreachable, end, drop, drop, end)}).back(),
            "height 2");
}

TEST(ValidateModule, NamesFunctionsByTheirExports) {
  TypeRegistry types;
  const Result<ModuleInfo> result = validate_module(types, Features(), wat(R"((module
      (func (export "one") (result i32) (i32.const 1))
      (func (export "wrong") (result i32) (i64.const 1))))"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message,
            "type mismatch: result 1 of function: expected i32, found i64 in function 1 \"wrong\"");
}

TEST(Validator, TakesDeepStacksAndNesting) {
  TestModule given;
  constexpr size_t kMany = 100'000;
  EXPECT_EQ(error_of(given, {code(repeat(kMany, kA32), repeat(kMany, code(drop)), end)}), "");
  EXPECT_EQ(
      error_of(given, {code(repeat(kMany, code(block, kVoidByte)), repeat(kMany, code(end)), end)}),
      "");
  EXPECT_EQ(
      error_of(given, {code(unreachable, repeat(kMany, kA32), repeat(kMany, code(drop)), end)}),
      "");
  EXPECT_EQ(error_of(given, {code(unreachable, repeat(kMany, code(kA32, block, kVoidByte)),
                                  repeat(kMany, code(end, drop)), end)}),
            "");
}

}  // namespace
}  // namespace swoop
