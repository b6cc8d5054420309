// Binary modules as text: what each part looks like, names, annotations, and hostile bytes. That
// the text means the same is the claim of round_trip_test.cc.
#include "text/printer.h"

#include "tests/support/code.h"
#include "tests/support/matchers.h"
#include "tests/support/module_builder.h"
#include "wasm/limits.h"
#include "wasm/opcode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace swoop::text {

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string print(const Bytes& bytes, bool fold = false) {
  Result<std::string> text = wasm_to_wat(bytes, {.fold = fold});
  if (!text.ok())
    return "error at " + std::to_string(text.error().offset) + ": " + text.error().message;
  return *std::move(text);
}

Bytes custom(std::string_view section_name, const Bytes& contents) {
  return section(0, concat({name(section_name), contents}));
}

Bytes names(std::initializer_list<Bytes> subsections) {
  return custom("name", concat(subsections));
}

Bytes name_map(std::initializer_list<std::pair<uint32_t, std::string_view>> entries) {
  Bytes bytes = code(static_cast<uint32_t>(entries.size()));
  for (const auto& [index, text] : entries) bytes = concat({bytes, code(index), name(text)});
  return bytes;
}

// One function of type 0 without parameters. Locals are declared in `locals`.
Bytes function_module(const Bytes& instructions, const Bytes& locals, const Bytes& more = {}) {
  return module({void_type_section(), section(3, raw({1, 0})),
                 section(10, vec({sized(concat({locals, instructions, raw({0x0b})}))})), more});
}
Bytes function_module(const Bytes& instructions) {
  return function_module(instructions, raw({0}));
}

// The lines of the body of the only function.
std::string print_body(const Bytes& instructions) {
  const std::string text = print(function_module(instructions));
  const std::string head = "  (func (;0;) (type 0)\n";
  const size_t start = text.find(head);
  const size_t end = text.rfind("  )\n)\n");
  if (start == std::string::npos || end == std::string::npos) return text;
  return text.substr(start + head.size(), end - start - head.size());
}

TEST(Printer, PrintsAnEmptyModule) {
  EXPECT_EQ(print(module({})), "(module)\n");
}

TEST(Printer, PrintsSignaturesByIndexAndInline) {
  const Bytes bytes =
      module({section(1, vec({func_type({code(kI32Byte), code(kF64Byte)}, {code(kI64Byte)})})),
              section(3, raw({1, 0})),
              section(10, vec({sized(code(2u, 2u, kI32Byte, 1u, kV128Byte, Opcode::unreachable,
                                          Opcode::end))}))});
  EXPECT_EQ(print(bytes),
            "(module\n"
            "  (type (;0;) (func (param i32 f64) (result i64)))\n"
            "  (func (;0;) (type 0) (param i32 f64) (result i64)\n"
            "    (local i32 i32 v128)\n"
            "    unreachable\n"
            "  )\n"
            ")\n");
}

TEST(Printer, PrintsImportsAndExportsOfAllKinds) {
  const Bytes bytes =
      module({void_type_section(),
              section(2, vec({concat({name("m"), name("f"), raw({0, 0})}),
                              concat({name("m"), name("t"), raw({1, 0x70, 1, 2, 3})}),
                              concat({name("m"), name("y"), raw({2, 4, 1})}),
                              concat({name("m"), name("g"), raw({3, 0x7f, 1})}),
                              concat({name("m"), name("\n\"e\xc3\xa9"), raw({4, 0, 0})})})),
              section(7, vec({concat({name("a"), raw({0, 0})}), concat({name("b"), raw({1, 0})}),
                              concat({name("c"), raw({2, 0})}), concat({name("d"), raw({3, 0})}),
                              concat({name("e"), raw({4, 0})})})),
              section(8, raw({0}))});
  EXPECT_EQ(print(bytes),
            "(module\n"
            "  (type (;0;) (func))\n"
            "  (import \"m\" \"f\" (func (;0;) (type 0)))\n"
            "  (import \"m\" \"t\" (table (;0;) 2 3 funcref))\n"
            "  (import \"m\" \"y\" (memory (;0;) i64 1))\n"
            "  (import \"m\" \"g\" (global (;0;) (mut i32)))\n"
            "  (import \"m\" \"\\0a\\22e\xc3\xa9\" (tag (;0;) (type 0)))\n"
            "  (export \"a\" (func 0))\n"
            "  (export \"b\" (table 0))\n"
            "  (export \"c\" (memory 0))\n"
            "  (export \"d\" (global 0))\n"
            "  (export \"e\" (tag 0))\n"
            "  (start 0)\n"
            ")\n");
}

TEST(Printer, KeepsTheFormsOfTypes) {
  const Bytes bytes =
      module({section(1, vec({raw({0x5f, 2, 0x78, 0, 0x64, 0, 1}),  // struct
                              raw({0x4e, 2, 0x50, 1, 0, 0x5f, 0, 0x4f, 0, 0x5e, 0x6e, 1}),  // rec
                              raw({0x4e, 1, 0x60, 1, 0x63, 0x70, 1, 0x70})}))});
  EXPECT_EQ(print(bytes),
            "(module\n"
            "  (type (;0;) (struct (field i8) (field (mut (ref 0)))))\n"
            "  (rec\n"
            "    (type (;1;) (sub 0 (struct)))\n"
            "    (type (;2;) (sub final (array (mut anyref))))\n"
            "  )\n"
            "  (rec\n"
            "    (type (;3;) (func (param funcref) (result funcref)))\n"
            "  )\n"
            ")\n");
}

TEST(Printer, PrintsLimits) {
  const std::string text = print(module({
      section(4, vec({raw({0x6f, 4, 1}), raw({0x40, 0, 0x70, 1, 1, 2, 0xd0, 0x70, 0x0b})})),
      section(5, vec({raw({3, 1, 2}), raw({0xf, 1, 2, 0})})),
  }));
  EXPECT_THAT(text, HasSubstr("(table (;0;) i64 1 externref)\n"));
  EXPECT_THAT(text, HasSubstr("(table (;1;) 1 2 funcref (ref.null func))\n"));
  EXPECT_THAT(text, HasSubstr("(memory (;0;) 1 2 shared)\n"));
  EXPECT_THAT(text, HasSubstr("(memory (;1;) i64 1 2 shared (pagesize 1))\n"));
}

TEST(Printer, PrintsConstantExpressions) {
  const std::string text = print(
      module({section(6, vec({code(kI32Byte, Byte{0}, Opcode::i32_const, -5, Opcode::end),
                              code(kI32Byte, Byte{1}, Opcode::i32_const, 1, Opcode::global_get, 0u,
                                   Opcode::i32_add, Opcode::end)}))}));
  EXPECT_THAT(text, HasSubstr("(global (;0;) i32 (i32.const -5))\n"));
  EXPECT_THAT(text, HasSubstr("(global (;1;) (mut i32) i32.const 1 global.get 0 i32.add)\n"));
}

TEST(Printer, TellsAllKindsOfElementSegmentsApart) {
  const Bytes offset = code(Opcode::i32_const, 7, Opcode::end);
  const Bytes exprs = code(2u, Opcode::ref_func, 0u, Opcode::end, Opcode::i32_const, 0,
                           Opcode::ref_i31, Opcode::end);
  const std::string text = print(module(
      {section(9, vec({concat({raw({0}), offset, raw({1, 3})}), raw({1, 0, 0}),
                       concat({raw({2, 1}), offset, raw({0, 1, 3})}), raw({3, 0, 1, 3}),
                       concat({raw({4}), offset, exprs}), concat({raw({5, 0x6e}), exprs}),
                       concat({raw({6, 0}), offset, raw({0x6e, 0})}), raw({7, 0x63, 0x70, 0})}))}));
  EXPECT_THAT(text, HasSubstr("(elem (;0;) (i32.const 7) func 3)\n"));
  EXPECT_THAT(text, HasSubstr("(elem (;1;) func)\n"));
  EXPECT_THAT(text, HasSubstr("(elem (;2;) (table 1) (i32.const 7) func 3)\n"));
  EXPECT_THAT(text, HasSubstr("(elem (;3;) declare func 3)\n"));
  const std::string items = " (ref.func 0) (item i32.const 0 ref.i31))\n";
  EXPECT_THAT(text, HasSubstr("(elem (;4;) (i32.const 7) funcref" + items));
  EXPECT_THAT(text, HasSubstr("(elem (;5;) anyref" + items));
  EXPECT_THAT(text, HasSubstr("(elem (;6;) (i32.const 7) anyref)\n"));
  EXPECT_THAT(text, HasSubstr("(elem (;7;) declare funcref)\n"));
}

TEST(Printer, PrintsDataSegments) {
  const Bytes offset =
      code(Opcode::i32_const, 1, Opcode::i32_const, 2, Opcode::i32_add, Opcode::end);
  const std::string text = print(module(
      {section(11, vec({concat({raw({0}), offset, name("a\\\"b~ \x7f\xff")}),
                        concat({raw({1}), name("")}), concat({raw({2, 3}), offset, name("")})}))}));
  EXPECT_THAT(
      text,
      HasSubstr(
          "(data (;0;) (offset i32.const 1 i32.const 2 i32.add) \"a\\5c\\22b~ \\7f\\ff\")\n"));
  EXPECT_THAT(text, HasSubstr("(data (;1;) \"\")\n"));
  EXPECT_THAT(text, HasSubstr("(data (;2;) (memory 3) (offset i32.const 1"));
}

TEST(Printer, SaysThatThereIsADataCountThatNothingNeeds) {
  const Bytes count = section(12, raw({1}));
  const Bytes data = section(11, raw({1, 1, 0}));
  const auto with_code = [&](const Bytes& instructions, const Bytes& data_count) {
    return module({void_type_section(), section(3, raw({1, 0})), data_count,
                   section(10, vec({body(instructions)})), data});
  };
  EXPECT_THAT(print(with_code({}, count)), HasSubstr("  (@data_count)\n"));
  EXPECT_THAT(print(with_code(code(Opcode::data_drop, 0u), count)), Not(HasSubstr("@data_count")));
  EXPECT_THAT(wasm_to_wat(with_code(code(Opcode::data_drop, 0u), {})),
              Fails(ErrorKind::malformed, 20, "data count section required"));
}

// Instructions.

TEST(Printer, PrintsMemoryArguments) {
  EXPECT_EQ(print_body(code(Opcode::i32_load, 2u, 0u,                     //
                            Opcode::i32_load, 0u, 4u,                     //
                            Opcode::i64_store8, 0x40u, 1u, ~uint64_t{0},  //
                            Opcode::v128_load8_lane, 0u, 3u, Byte{15},    //
                            Opcode::memory_size, 0u, Opcode::memory_grow, 1u)),
            "    i32.load\n"
            "    i32.load offset=4 align=1\n"
            "    i64.store8 1 offset=18446744073709551615\n"
            "    v128.load8_lane offset=3 15\n"
            "    memory.size\n"
            "    memory.grow 1\n");
}

TEST(Printer, PutsTheIndicesOfBulkOperationsInTheOrderOfTheText) {
  const std::string text = print(
      module({void_type_section(), section(3, raw({1, 0})), section(12, raw({0})),
              section(10, vec({body(code(Opcode::memory_init, 5u, 0u, Opcode::memory_init, 5u, 1u,
                                         Opcode::memory_copy, 0u, 0u, Opcode::memory_copy, 0u, 1u,
                                         Opcode::table_init, 5u, 0u, Opcode::table_init, 5u, 1u,
                                         Opcode::table_copy, 0u, 1u, Opcode::call_indirect, 0u, 0u,
                                         Opcode::call_indirect, 0u, 1u))}))}));
  EXPECT_THAT(text, HasSubstr("    memory.init 5\n"
                              "    memory.init 1 5\n"
                              "    memory.copy\n"
                              "    memory.copy 0 1\n"
                              "    table.init 5\n"
                              "    table.init 1 5\n"
                              "    table.copy 0 1\n"
                              "    call_indirect (type 0)\n"
                              "    call_indirect 1 (type 0)\n"));
}

TEST(Printer, PrintsNumbersWithAllTheirBits) {
  EXPECT_EQ(print_body(code(Opcode::i32_const, -1, Opcode::i64_const, INT64_MIN)),
            "    i32.const -1\n    i64.const -9223372036854775808\n");
  const auto f32 = [](uint32_t bits) {
    Bytes bytes = code(Opcode::f32_const);
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(bits >> (8 * i)));
    return print_body(bytes);
  };
  EXPECT_EQ(f32(0x3fc00000), "    f32.const 1.5\n");
  EXPECT_EQ(f32(0x80000000), "    f32.const -0\n");
  EXPECT_EQ(f32(0x00000001), "    f32.const 1e-45\n");
  EXPECT_EQ(f32(0x3dcccccd), "    f32.const 0.1\n");
  EXPECT_EQ(f32(0xff800000), "    f32.const -inf\n");
  EXPECT_EQ(f32(0x7fc00000), "    f32.const nan\n");
  EXPECT_EQ(f32(0xffc00001), "    f32.const -nan:0x400001\n");
  EXPECT_EQ(f32(0x7f800001), "    f32.const nan:0x1\n");
  EXPECT_EQ(print_body(concat({code(Opcode::f64_const), raw({1, 0, 0, 0, 0, 0, 0xf0, 0x7f})})),
            "    f64.const nan:0x1\n");
  EXPECT_EQ(print_body(concat({code(Opcode::v128_const),
                               raw({1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0x80})})),
            "    v128.const i32x4 0x00000001 0x00000002 0x00000003 0x80000000\n");
}

TEST(Printer, KeepsTheFormsOfBlockTypes) {
  EXPECT_EQ(print_body(code(Opcode::block, kVoidByte, Opcode::loop, kNonNullByte, kFuncByte,
                            Opcode::if_, 0, Opcode::else_, Opcode::end, Opcode::end, Opcode::end,
                            Opcode::select_t, 1u, kI32Byte)),
            "    block\n"
            "      loop (result (ref func))\n"
            "        if (type 0)\n"
            "        else\n"
            "        end\n"
            "      end\n"
            "    end\n"
            "    select (result i32)\n");
}

TEST(Printer, PrintsBranchesAndHandlers) {
  EXPECT_EQ(print_body(
                concat({code(Opcode::try_table, kVoidByte, 4u), raw({0, 0, 0, 1, 1, 0, 2, 0, 3, 0}),
                        code(Opcode::br_table, 2u, 0u, 1u, 2u, Opcode::end,        //
                             Opcode::try_, kVoidByte, Opcode::catch_, 0u,          //
                             Opcode::rethrow, 0u, Opcode::catch_all, Opcode::end,  //
                             Opcode::try_, kVoidByte, Opcode::delegate, 0u, Opcode::br_on_cast,
                             Byte{2}, 0u, kAnyByte, kI31Byte)})),
            "    try_table (catch 0 0) (catch_ref 1 0) (catch_all 0) (catch_all_ref 0)\n"
            "      br_table 0 1 2\n"
            "    end\n"
            "    try\n"
            "    catch 0\n"
            "      rethrow 0\n"
            "    catch_all\n"
            "    end\n"
            "    try\n"
            "    delegate 0\n"
            "    br_on_cast 0 (ref any) (ref null i31)\n");
}

TEST(Printer, PrintsCastsWithTheirNullability) {
  EXPECT_EQ(
      print_body(code(Opcode::ref_null, kAnyByte, Opcode::ref_test, kEqByte, Opcode::ref_test_null,
                      kEqByte, Opcode::ref_cast, 0, Opcode::ref_cast_null, 0)),
      "    ref.null any\n"
      "    ref.test (ref eq)\n"
      "    ref.test (ref null eq)\n"
      "    ref.cast (ref 0)\n"
      "    ref.cast (ref null 0)\n");
}

// Immediates of zeros only, as long as they have to be.
Bytes zero_immediates(Immediate immediate) {
  switch (immediate) {
    case Immediate::none: return {};
    case Immediate::block_type:
    case Immediate::label:
    case Immediate::func:
    case Immediate::type:
    case Immediate::local:
    case Immediate::global:
    case Immediate::table:
    case Immediate::elem:
    case Immediate::data:
    case Immediate::memory:
    case Immediate::tag:
    case Immediate::lane:
    case Immediate::i32:
    case Immediate::i64:
    case Immediate::select_types:
    case Immediate::heap_type:
    case Immediate::fence: return Bytes(1);
    case Immediate::memarg_lane: return Bytes(3);
    case Immediate::f32:
    case Immediate::cast_br: return Bytes(4);
    case Immediate::f64: return Bytes(8);
    case Immediate::shuffle:
    case Immediate::v128: return Bytes(16);
    default: return Bytes(2);
  }
}

TEST(Printer, PrintsEveryInstruction) {
  for (const OpInfo& info : kOpcodes) {
    const std::string_view text = info.text;
    if (text == "else" || text == "end" || text.starts_with("catch") || text == "delegate")
      continue;
    Bytes instruction = concat({code(info.opcode), zero_immediates(info.immediate)});
    const bool is_block =
        info.immediate == Immediate::block_type || info.immediate == Immediate::try_table;
    if (is_block) instruction = concat({instruction, code(Opcode::end)});
    const std::string printed =
        print(module({void_type_section(), section(3, raw({1, 0})), section(12, raw({0})),
                      section(10, vec({body(instruction)}))}));
    EXPECT_THAT(printed, HasSubstr("    " + std::string(text))) << info.text;
    const size_t start = printed.find("    ");
    const std::string lines = printed.substr(start, printed.find("\n  )\n") - start);
    EXPECT_EQ(std::ranges::count(lines, '\n'), is_block ? 1 : 0) << printed;
  }
}

// Folded expressions.

// The lines of the body of function 0 of type [i32 i32] -> [i32]; type 1 is [] -> [].
std::string print_folded(const Bytes& instructions) {
  const Bytes types = vec({func_type({code(kI32Byte), code(kI32Byte)}, {code(kI32Byte)}),
                           func_type({}, {}), func_type({}, {code(kI32Byte), code(kI32Byte)})});
  const std::string text = print(
      module({section(1, types), section(3, raw({1, 0})), section(10, vec({body(instructions)}))}),
      true);
  const std::string head = "  (func (;0;) (type 0) (param i32 i32) (result i32)\n    ";
  const size_t start = text.find(head);
  const size_t end = text.rfind("\n  )\n)\n");
  if (start == std::string::npos || end == std::string::npos) return text;
  return text.substr(start + head.size(), end - start - head.size());
}

TEST(PrinterFolded, PutsOperandsInsideOperators) {
  EXPECT_EQ(print_folded(code(Opcode::local_get, 0u, Opcode::i32_const, 1, Opcode::i32_add,
                              Opcode::local_set, 1u, Opcode::local_get, 1u, Opcode::local_get, 0u,
                              Opcode::call, 0u)),
            "(local.set 1 (i32.add (local.get 0) (i32.const 1)))\n"
            "    (call 0 (local.get 1) (local.get 0))");
}

TEST(PrinterFolded, BreaksLongExpressions) {
  const Bytes sum = code(Opcode::local_get, 0u, Opcode::i32_const, 1'000'000, Opcode::i32_add);
  EXPECT_EQ(print_folded(concat({sum, sum, sum, code(Opcode::select)})),
            "(select\n"
            "      (i32.add (local.get 0) (i32.const 1000000))\n"
            "      (i32.add (local.get 0) (i32.const 1000000))\n"
            "      (i32.add (local.get 0) (i32.const 1000000)))");
}

TEST(PrinterFolded, LeavesOutsideWhatIsNotAnOperand) {
  EXPECT_EQ(print_folded(code(Opcode::local_get, 0u, Opcode::local_get, 1u, Opcode::nop,
                              Opcode::i32_add, Opcode::return_)),
            "(local.get 0)\n"
            "    (local.get 1)\n"
            "    (nop)\n"
            "    (return (i32.add))");
}

TEST(PrinterFolded, TakesSeveralResultsAtOnceOrNotAtAll) {
  const Bytes two = code(Opcode::block, 2, Opcode::unreachable, Opcode::end);
  const std::string block = "(block (type 2) (result i32 i32)\n";
  EXPECT_EQ(print_folded(concat({two, code(Opcode::i32_add)})),
            "(i32.add\n"
            "      " +
                block +
                "        (unreachable)\n"
                "      ))");
  EXPECT_EQ(print_folded(concat({two, code(Opcode::drop)})), block +
                                                                 "      (unreachable)\n"
                                                                 "    )\n"
                                                                 "    (drop)");
}

TEST(PrinterFolded, PutsTheClausesOfBlocksInParentheses) {
  EXPECT_EQ(print_folded(code(Opcode::local_get, 0u, Opcode::if_, kI32Byte, Opcode::i32_const, 1,
                              Opcode::else_, Opcode::i32_const, 2, Opcode::end, Opcode::drop,
                              Opcode::if_, kVoidByte, Opcode::end,                       //
                              Opcode::try_, kVoidByte, Opcode::nop, Opcode::catch_, 0u,  //
                              Opcode::catch_all, Opcode::end,                            //
                              Opcode::try_, kVoidByte, Opcode::delegate, 0u)),
            "(drop\n"
            "      (if (result i32)\n"
            "        (local.get 0)\n"
            "        (then\n"
            "          (i32.const 1)\n"
            "        )\n"
            "        (else\n"
            "          (i32.const 2)\n"
            "        )\n"
            "      ))\n"
            "    (if\n"
            "      (then)\n"
            "    )\n"
            "    (try\n"
            "      (do\n"
            "        (nop)\n"
            "      )\n"
            "      (catch 0)\n"
            "      (catch_all)\n"
            "    )\n"
            "    (try\n"
            "      (do)\n"
            "      (delegate 0)\n"
            "    )");
}

// Names.

TEST(PrinterNames, BecomeIdentifiers) {
  const Bytes bytes = module(
      {section(1, vec({func_type({code(kI32Byte), code(kI32Byte)}, {}), raw({0x5f, 1, 0x7f, 0})})),
       section(3, raw({1, 0})), section(4, raw({1, 0x70, 0, 0})), section(5, raw({1, 0, 0})),
       section(13, raw({1, 0, 0})),
       section(6, vec({code(kI32Byte, Byte{0}, Opcode::i32_const, 0, Opcode::end)})),
       section(7, vec({concat({name("f"), raw({0, 0})})})), section(9, raw({1, 1, 0, 0})),
       section(10,
               vec({sized(code(1u, 1u, kI64Byte, Opcode::block, kVoidByte, Opcode::local_get, 0u,
                               Opcode::local_set, 2u, Opcode::br, 0u, Opcode::end, Opcode::call, 0u,
                               Opcode::global_get, 0u, Opcode::struct_get, 1u, 0u, Opcode::end))})),
       section(11, raw({1, 1, 0})),
       names({raw({0}),  sized(name("M")),
              raw({1}),  sized(name_map({{0, "f"}})),
              raw({2}),  sized(concat({raw({1, 0}), name_map({{0, "x"}, {2, "y z"}})})),
              raw({3}),  sized(concat({raw({1, 0}), name_map({{0, "l"}})})),
              raw({4}),  sized(name_map({{0, "t"}, {1, "s"}})),
              raw({5}),  sized(name_map({{0, "tab"}})),
              raw({6}),  sized(name_map({{0, "mem"}})),
              raw({7}),  sized(name_map({{0, "g"}})),
              raw({8}),  sized(name_map({{0, "e"}})),
              raw({9}),  sized(name_map({{0, "d"}})),
              raw({10}), sized(concat({raw({1, 1}), name_map({{0, "field"}})})),
              raw({11}), sized(name_map({{0, "exn"}}))})});
  EXPECT_EQ(print(bytes),
            "(module $M\n"
            "  (type $t (;0;) (func (param i32 i32)))\n"
            "  (type $s (;1;) (struct (field $field i32)))\n"
            "  (table $tab (;0;) 0 funcref)\n"
            "  (memory $mem (;0;) 0)\n"
            "  (tag $exn (;0;) (type $t) (param i32 i32))\n"
            "  (global $g (;0;) i32 (i32.const 0))\n"
            "  (export \"f\" (func $f))\n"
            "  (elem $e (;0;) func)\n"
            "  (func $f (;0;) (type $t) (param $x i32) (param i32)\n"
            "    (local $\"y z\" i64)\n"
            "    block $l\n"
            "      local.get $x\n"
            "      local.set $\"y z\"\n"
            "      br $l\n"
            "    end\n"
            "    call $f\n"
            "    global.get $g\n"
            "    struct.get $s $field\n"
            "  )\n"
            "  (data $d (;0;) \"\")\n"
            ")\n");
}

TEST(PrinterNames, ShowNothingThatDeceives) {
  const auto printed = [](std::string_view function_name) {
    return print(module({section(1, vec({func_type({}, {})})), section(3, raw({1, 0})),
                         section(10, vec({sized(code(0u, Opcode::end))})),
                         names({raw({1}), sized(name_map({{0, std::string(function_name)}}))})}));
  };
  EXPECT_THAT(printed("a\xe2\x80\xae"), HasSubstr("$\"a\\e2\\80\\ae\""));
  EXPECT_THAT(printed("\xc2\x9b"), HasSubstr("$\"\\c2\\9b\""));
  EXPECT_THAT(printed("\xc3\xa4"), HasSubstr("$\"\xc3\xa4\""));
}

TEST(PrinterNames, ThatAreTakenOrEmptyAreAnnotations) {
  const Bytes bytes = module({void_type_section(), section(3, raw({3, 0, 0, 0})),
                              section(7, vec({concat({name("b"), raw({0, 1})})})),
                              section(10, vec({body({}), body({}), body({})})),
                              names({raw({1}), sized(name_map({{0, "a"}, {1, "a"}, {2, ""}}))})});
  EXPECT_THAT(print(bytes),
              AllOf(HasSubstr("(export \"b\" (func 1))\n"), HasSubstr("(func $a (;0;) (type 0)\n"),
                    HasSubstr("(func (@name \"a\") (;1;) (type 0)\n"),
                    HasSubstr("(func (@name \"\") (;2;) (type 0)\n"), Not(HasSubstr("@custom"))));
}

TEST(PrinterNames, OfLabelsMayShadowEachOther) {
  const Bytes instructions = code(Opcode::block, kVoidByte, Opcode::block, kVoidByte, Opcode::br,
                                  0u, Opcode::br, 1u, Opcode::end, Opcode::br, 0u, Opcode::end);
  const Bytes labels =
      names({raw({3}), sized(concat({raw({1, 0}), name_map({{0, "l"}, {1, "l"}})}))});
  EXPECT_THAT(print(function_module(instructions, raw({0}), labels)), HasSubstr("    block $l\n"
                                                                                "      block $l\n"
                                                                                "        br $l\n"
                                                                                "        br 1\n"
                                                                                "      end\n"
                                                                                "      br $l\n"
                                                                                "    end\n"));
}

// A name section that identifiers cannot give again stays as it is.
TEST(PrinterNames, ThatCannotBeReproducedStayACustomSection) {
  const Bytes funcs = concat({raw({1}), sized(name_map({{0, "f"}}))});
  const auto printed = [](const Bytes& section) {
    return print(function_module({}, raw({0}), section));
  };
  EXPECT_THAT(printed(names({funcs})), Not(HasSubstr("@custom")));
  const auto stays = AllOf(HasSubstr("(@custom \"name\" \""), HasSubstr("(func (;0;)"));
  EXPECT_THAT(printed(names({})), stays) << "no name";
  EXPECT_THAT(printed(names({funcs, raw({0}), sized(name("m"))})), stays) << "order of subsections";
  EXPECT_THAT(printed(names({funcs, raw({12, 0})})), stays) << "unknown subsection";
  EXPECT_THAT(printed(names({raw({1}), sized(name_map({{1, "g"}}))})), stays) << "no such function";
  EXPECT_THAT(printed(names({raw({1}), sized(name_map({{0, "f"}, {0, "g"}}))})), stays) << "twice";
  EXPECT_THAT(printed(names({raw({1}), sized(name_map({{0, "\xff"}}))})), stays) << "UTF-8";
  EXPECT_THAT(printed(names({raw({2}), sized(concat({raw({1, 0}), name_map({{0, "x"}})}))})), stays)
      << "no such local";
  EXPECT_THAT(printed(names({raw({2}), sized(concat({raw({1, 1}), name_map({{0, "x"}})}))})), stays)
      << "locals of no function";
  EXPECT_THAT(printed(names({raw({3}), sized(concat({raw({1, 0}), name_map({{0, "l"}})}))})), stays)
      << "no such label";
  EXPECT_THAT(printed(names({raw({10}), sized(concat({raw({1, 0}), name_map({{0, "x"}})}))})),
              stays)
      << "no such field";
  EXPECT_THAT(printed(concat({names({funcs}), names({funcs})})), stays) << "two sections";
  EXPECT_THAT(print(module({names({funcs}), void_type_section()})),
              HasSubstr("(@custom \"name\" (before first) \""))
      << "place";
}

// Custom sections.

TEST(PrinterCustoms, HaveTheirPlaces) {
  const std::string text = print(
      module({custom("a", raw({1})), void_type_section(), custom("b", {}), section(3, raw({0})),
              custom("c d", {}), names({raw({0}), sized(name("m"))}), custom("e", {})}));
  EXPECT_EQ(text,
            "(module $m\n"
            "  (@custom \"a\" (before first) \"\\01\")\n"
            "  (type (;0;) (func))\n"
            "  (@custom \"b\" (after type) \"\")\n"
            "  (@custom \"c d\" (after func) \"\")\n"
            "  (@custom \"e\" \"\")\n"
            ")\n");
}

TEST(PrinterCustoms, OfBranchHintsAreAnnotations) {
  const Bytes instructions = code(Opcode::i32_const, 0, Opcode::br_if, 0u, Opcode::i32_const, 0,
                                  Opcode::if_, kVoidByte, Opcode::end);
  const auto with_hints = [&](const Bytes& hints) {
    return print(module({void_type_section(), section(3, raw({1, 0})),
                         custom("metadata.code.branch_hint", hints),
                         section(10, vec({body(instructions)}))}));
  };
  EXPECT_THAT(with_hints(raw({1, 0, 2, 3, 1, 0, 7, 1, 1})),
              HasSubstr("    i32.const 0\n"
                        "    (@metadata.code.branch_hint \"\\00\")\n"
                        "    br_if 0\n"
                        "    i32.const 0\n"
                        "    (@metadata.code.branch_hint \"\\01\")\n"
                        "    if\n"
                        "    end\n"));
  const auto stays = AllOf(HasSubstr("(@custom \"metadata.code.branch_hint\" (after func) \""),
                           Not(HasSubstr("(@metadata")));
  EXPECT_THAT(with_hints(raw({1, 0, 1, 4, 1, 0})), stays) << "not an instruction";
  EXPECT_THAT(with_hints(raw({1, 0, 1, 1, 1, 0})), stays) << "not a branch";
  EXPECT_THAT(with_hints(raw({1, 1, 1, 3, 1, 0})), stays) << "no such function";
  EXPECT_THAT(with_hints(raw({1, 0, 1, 3, 1, 2})), stays) << "no such hint";
  EXPECT_THAT(with_hints(raw({1, 0, 2, 7, 1, 0, 3, 1, 0})), stays) << "order";
  EXPECT_THAT(with_hints(raw({1, 0, 1, 3, 1})), stays) << "too short";
}

// Hostile bytes.

TEST(PrinterErrors, AreThoseOfTheDecoder) {
  EXPECT_THAT(wasm_to_wat(raw({0, 'a', 's', 'n', 1, 0, 0, 0})),
              Fails(ErrorKind::malformed, 0, "magic header not detected"));
  EXPECT_THAT(wasm_to_wat(raw({0, 'a', 's', 'm', 2, 0, 0, 0})),
              Fails(ErrorKind::malformed, 4, "unknown binary version"));
  EXPECT_THAT(wasm_to_wat(module({section(14, {})})),
              Fails(ErrorKind::malformed, 8, "malformed section id 14"));
  EXPECT_THAT(wasm_to_wat(module({section(3, raw({0})), section(1, raw({0}))})),
              Fails(ErrorKind::malformed, 11, "unexpected content after last section"));
  EXPECT_THAT(wasm_to_wat(module({section(1, raw({0, 0}))})),
              Fails(ErrorKind::malformed, 11, "section size mismatch"));
  EXPECT_THAT(wasm_to_wat(function_module(raw({0xff}))),
              Fails(ErrorKind::malformed, 23, "illegal opcode ff"));
  EXPECT_THAT(wasm_to_wat(function_module(raw({0xfd, 0xff, 0x7f}))),
              Fails(ErrorKind::malformed, 23, "illegal opcode fd"));
  EXPECT_THAT(wasm_to_wat(function_module(code(Opcode::else_))),
              Fails(ErrorKind::malformed, 23, "misplaced ELSE"));
  EXPECT_THAT(wasm_to_wat(function_module(code(Opcode::block, kVoidByte))),
              Fails(ErrorKind::malformed, 26, "END opcode expected"));
  EXPECT_THAT(wasm_to_wat(function_module(code(Opcode::end))),
              Fails(ErrorKind::malformed, 24, "section size mismatch"));
}

TEST(PrinterErrors, RefuseTooManyLocals) {
  EXPECT_THAT(wasm_to_wat(function_module({}, code(1u, limits::kMaxLocals + 1, kI32Byte))),
              Fails(ErrorKind::limit_exceeded, 22, "too many locals"));
  EXPECT_THAT(wasm_to_wat(function_module({}, code(2u, ~0u, kI32Byte, ~0u, kI32Byte))),
              Fails(ErrorKind::malformed, 22, "too many locals"));
}

TEST(PrinterErrors, RefuseTextOutOfProportion) {
  // 50000 locals for 6 bytes, often.
  const uint32_t count = 2000;
  Bytes functions = code(count);
  Bytes bodies = code(count);
  for (uint32_t i = 0; i < count; ++i) {
    functions.push_back(0);
    bodies = concat({bodies, sized(code(1u, limits::kMaxLocals, kI32Byte, Opcode::end))});
  }
  EXPECT_THAT(
      wasm_to_wat(module({void_type_section(), section(3, functions), section(10, bodies)})),
      Fails(ErrorKind::limit_exceeded, kNoOffset, "text of more than"));
}

TEST(PrinterErrors, LeaveOutNamesThatAreOutOfProportion) {
  const Bytes calls = repeat(10'000, code(Opcode::call, 0u));
  const Bytes long_name = names({raw({1}), sized(name_map({{0, std::string(50'000, 'x')}}))});
  EXPECT_THAT(print(function_module(calls, raw({0}), long_name)),
              AllOf(HasSubstr("    call 0\n"), HasSubstr("(@custom \"name\" \"")));
}

TEST(PrinterErrors, DeepNestingIsLinear) {
  const size_t depth = 100'000;
  const Bytes nested =
      concat({repeat(depth, code(Opcode::block, kVoidByte)), repeat(depth, code(Opcode::end))});
  EXPECT_LT(print(function_module(nested)).size(), 100 * 2 * depth);
  EXPECT_LT(print(function_module(nested), true).size(), 100 * 2 * depth);
  const Bytes operands = repeat(depth, code(Opcode::i32_eqz));
  EXPECT_LT(print(function_module(operands), true).size(), 200 * depth);
}

// No cut and no changed byte does more than fail.
TEST(PrinterErrors, SurviveBrokenBytes) {
  const Bytes bytes = module(
      {section(1, vec({raw({0x4e, 2, 0x50, 0, 0x5f, 1, 0x64, 1, 1, 0x4f, 1, 0, 0x5f, 0}),
                       func_type({}, {})})),
       section(2, vec({concat({name("m"), name("n"), raw({2, 3, 1, 2})})})),
       section(3, raw({1, 2})), section(9, raw({1, 4, 0x41, 0, 0x0b, 1, 0xd0, 0x70, 0x0b})),
       custom("metadata.code.branch_hint", raw({1, 0, 1, 3, 1, 1})),
       section(10, vec({body(code(Opcode::i32_const, 0, Opcode::if_, kVoidByte, Opcode::br, 0u,
                                  Opcode::else_, Opcode::br_table, 1u, 0u, 0u, Opcode::end))})),
       names({raw({1}), sized(name_map({{0, "f"}})), raw({3}),
              sized(concat({raw({1, 0}), name_map({{0, "l"}})}))})});
  ASSERT_THAT(wasm_to_wat(bytes), Succeeds());
  for (const bool fold : {false, true}) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      const Result<std::string> text = wasm_to_wat(std::span(bytes).first(size), {.fold = fold});
      EXPECT_TRUE(!text.ok() || text->ends_with(")\n"));
    }
    for (size_t i = 8; i < bytes.size(); ++i) {
      Bytes changed = bytes;
      for (int value = 0; value < 256; ++value) {
        changed[i] = static_cast<uint8_t>(value);
        const Result<std::string> text = wasm_to_wat(changed, {.fold = fold});
        EXPECT_TRUE(!text.ok() || text->ends_with(")\n"));
      }
    }
  }
}

}  // namespace

}  // namespace swoop::text
