// A module, its text, and the module of that text: the same bytes if they were as an encoder writes
// them, else the same module, whose text is the same again.
#include "decoder/function_decoder.h"
#include "decoder/module_decoder.h"
#include "tests/support/code.h"
#include "tests/support/corpus.h"
#include "tests/support/matchers.h"
#include "tests/support/module_builder.h"
#include "text/printer.h"
#include "text/wat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <type_traits>

namespace swoop::text {

namespace {

namespace fs = std::filesystem;

constexpr bool kBothForms[] = {false, true};  // flat, folded

void expect_same_bytes(const Bytes& bytes) {
  for (const bool fold : kBothForms) {
    const Result<std::string> text = wasm_to_wat(bytes, {.fold = fold});
    ASSERT_THAT(text, Succeeds());
    const Result<Bytes> again = wat_to_wasm(*text);
    ASSERT_THAT(again, Succeeds()) << *text;
    EXPECT_EQ(*again, bytes) << *text;
  }
}

Bytes custom(std::string_view section_name, const Bytes& contents) {
  return section(0, concat({name(section_name), contents}));
}

Bytes name_map(std::initializer_list<std::pair<uint32_t, std::string_view>> entries) {
  Bytes bytes = code(static_cast<uint32_t>(entries.size()));
  for (const auto& [index, text] : entries) bytes = concat({bytes, code(index), name(text)});
  return bytes;
}

Bytes function_module(const Bytes& instructions) {
  return module(
      {void_type_section(), section(3, raw({1, 0})), section(10, vec({body(instructions)}))});
}

TEST(RoundTrip, KeepsTypes) {
  expect_same_bytes(module({}));
  expect_same_bytes(module({section(
      1,
      vec({raw({0x5f, 2, 0x78, 0, 0x64, 0, 1}),
           raw({0x4e, 2, 0x50, 1, 0, 0x5f, 0, 0x50, 0, 0x5e, 0x6e, 1}), raw({0x60, 0, 0}),
           raw({0x60, 0, 0}),  // a second equal one is not lost
           raw({0x60, 12, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74,
                0}),
           raw({0x60, 5, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 3, 0x64, 0x70, 0x63, 1, 0x64, 0x6e})}))}));
}

TEST(RoundTrip, KeepsDeclarations) {
  expect_same_bytes(
      module({void_type_section(),
              section(2, vec({concat({name("m"), name("f"), raw({0, 0})}),
                              concat({name("m"), name("t"), raw({1, 0x70, 1, 2, 3})}),
                              concat({name("m"), name("y"), raw({2, 4, 1})}),
                              concat({name("m"), name("g"), raw({3, 0x7f, 1})}),
                              concat({name(""), name("\n\"e\xc3\xa9"), raw({4, 0, 0})})})),
              section(4, vec({raw({0x6f, 4, 1}), raw({0x40, 0, 0x70, 1, 1, 2, 0xd0, 0x70, 0x0b})})),
              section(5, vec({raw({3, 1, 2}), raw({0xd, 1, 2, 0}), raw({0, 0})})),
              section(13, raw({1, 0, 0})),
              section(6, vec({code(kI32Byte, Byte{0}, Opcode::i32_const, -5, Opcode::end),
                              code(kI32Byte, Byte{1}, Opcode::i32_const, 1, Opcode::global_get, 0u,
                                   Opcode::i32_add, Opcode::end)})),
              section(7, vec({concat({name("a"), raw({0, 0})}), concat({name("b"), raw({1, 0})}),
                              concat({name("c"), raw({2, 0})}), concat({name("d"), raw({3, 0})}),
                              concat({name("\xc3\xa9"), raw({4, 0})})})),
              section(8, raw({0}))}));
}

TEST(RoundTrip, KeepsAllKindsOfSegments) {
  const Bytes offset = code(Opcode::i32_const, 7, Opcode::end);
  const Bytes sum = code(Opcode::i32_const, 1, Opcode::i32_const, 2, Opcode::i32_add, Opcode::end);
  const Bytes exprs = code(2u, Opcode::ref_func, 0u, Opcode::end, Opcode::i32_const, 0,
                           Opcode::ref_i31, Opcode::end);
  expect_same_bytes(module(
      {section(4, raw({2, 0x70, 0, 0, 0x6e, 0, 0})), section(5, raw({2, 0, 0, 0, 0})),
       section(9, vec({concat({raw({0}), offset, raw({1, 3})}), raw({1, 0, 0}),
                       concat({raw({2, 1}), sum, raw({0, 1, 3})}), raw({3, 0, 1, 3}),
                       concat({raw({4}), offset, exprs}), concat({raw({5, 0x6e}), exprs}),
                       concat({raw({6, 1}), offset, raw({0x6e, 0})}),
                       concat({raw({6, 0}), offset, raw({0x6e, 0})}), raw({7, 0x70, 0})})),
       section(11, vec({concat({raw({0}), sum, name("a\\\"b~ \x7f\xff")}),
                        concat({raw({1}), name("")}), concat({raw({2, 1}), offset, name("")})}))}));
}

// Immediates with a small number in each place, so that no two are confused.
Bytes sample_immediates(Immediate immediate, Opcode opcode) {
  switch (immediate) {
    case Immediate::none: return {};
    case Immediate::block_type: return raw({0x40, 0x0b});
    case Immediate::br_table: return raw({2, 1, 2, 3});
    case Immediate::try_table: return raw({0x7f, 4, 0, 5, 1, 1, 6, 2, 2, 3, 3, 4, 0x0b});
    case Immediate::memarg: return raw({0x40, 3, 0x84, 1});
    case Immediate::memarg_lane: return raw({0x40, 3, 4, 5});
    case Immediate::select_types: return raw({1, 0x6e});
    case Immediate::heap_type: return opcode == Opcode::ref_cast ? raw({0}) : raw({0x6d});
    case Immediate::cast_br: return raw({2, 3, 0x6e, 0x6d});
    case Immediate::fence: return raw({0});
    case Immediate::shuffle: return raw({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 31});
    case Immediate::v128: return raw({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255});
    case Immediate::f32: return raw({1, 2, 0xc0, 0x7f});
    case Immediate::f64: return raw({1, 2, 3, 4, 5, 6, 7, 0xbf});
    case Immediate::i32:
    case Immediate::i64: return raw({0x7b});
    case Immediate::call_indirect:
    case Immediate::two_tables:
    case Immediate::elem_table:
    case Immediate::two_mems:
    case Immediate::data_mem:
    case Immediate::type_field:
    case Immediate::type_u32:
    case Immediate::type_data:
    case Immediate::type_elem:
    case Immediate::two_types: return raw({1, 2});
    default: return raw({3});
  }
}

TEST(RoundTrip, KeepsEveryInstruction) {
  for (const OpInfo& info : kOpcodes) {
    const std::string_view text = info.text;
    if (text == "else" || text == "end" || text.starts_with("catch") || text == "delegate")
      continue;
    SCOPED_TRACE(info.text);
    const bool needs_count = info.immediate == Immediate::data ||
                             info.immediate == Immediate::data_mem ||
                             info.immediate == Immediate::type_data;
    expect_same_bytes(module(
        {void_type_section(), section(3, raw({1, 0})),
         needs_count ? section(12, raw({0})) : Bytes(),
         section(10,
                 vec({body(code(info.opcode, sample_immediates(info.immediate, info.opcode)))}))}));
  }
}

TEST(RoundTrip, KeepsBlocks) {
  expect_same_bytes(function_module(concat(
      {code(Opcode::loop, kNonNullByte, kFuncByte, Opcode::if_, 0, Opcode::else_, Opcode::end,
            Opcode::end, Opcode::i32_const, 1, Opcode::i32_const, 2, Opcode::if_, kI32Byte,
            Opcode::nop, Opcode::else_, Opcode::i32_const, 4, Opcode::end, Opcode::if_, kVoidByte,
            Opcode::end, Opcode::try_, kVoidByte, Opcode::nop, Opcode::catch_, 0u, Opcode::rethrow,
            0u, Opcode::catch_all, Opcode::end, Opcode::block, kVoidByte, Opcode::try_, kVoidByte,
            Opcode::call, 0u, Opcode::delegate, 0u, Opcode::end, Opcode::select_t, 0u)})));
}

TEST(RoundTrip, KeepsMemoryArguments) {
  expect_same_bytes(
      function_module(code(Opcode::i32_load, 2u, 0u, Opcode::i32_load, 0u, 4u, Opcode::i64_store8,
                           0x40u, 1u, ~uint64_t{0}, Opcode::i32_load, 63u, 0u, Opcode::memory_copy,
                           0u, 1u, Opcode::table_copy, 1u, 0u, Opcode::v128_load8_lane, 0u, 3u,
                           Byte{15}, Opcode::memory_size, 0u, Opcode::memory_grow, 1u)));
}

TEST(RoundTrip, KeepsAllBitsOfFloats) {
  for (const uint32_t high : {0x00u, 0x3fu, 0x7fu, 0x80u, 0xbdu, 0xffu}) {
    for (const uint32_t low :
         {0x000000u, 0x000001u, 0x7fffffu, 0x800000u, 0x800001u, 0xc00000u, 0xcccccdu}) {
      Bytes bytes = code(Opcode::f32_const);
      const uint32_t f32 = high << 24 | low;
      for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(f32 >> (8 * i)));
      bytes = concat({bytes, code(Opcode::f64_const)});
      const uint64_t f64 = uint64_t{f32} << 32 | (low & 0xff);
      for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<uint8_t>(f64 >> (8 * i)));
      expect_same_bytes(function_module(bytes));
    }
  }
}

Bytes named_module(std::initializer_list<Bytes> subsections) {
  return module(
      {section(1, vec({func_type({code(kI32Byte), code(kI32Byte)}, {}),
                       raw({0x5f, 2, 0x7f, 0, 0x7f, 0})})),
       section(2, vec({concat({name("m"), name("f"), raw({0, 0})})})), section(3, raw({2, 0, 0})),
       section(4, raw({1, 0x70, 0, 0})), section(5, raw({1, 0, 0})), section(13, raw({1, 0, 0})),
       section(6, vec({code(kI32Byte, Byte{0}, Opcode::i32_const, 0, Opcode::end)})),
       section(9, raw({1, 1, 0, 0})),
       section(10, vec({sized(code(1u, 1u, kI64Byte, Opcode::block, kVoidByte, Opcode::block,
                                   kVoidByte, Opcode::local_get, 0u, Opcode::local_set, 2u,
                                   Opcode::br, 0u, Opcode::br, 1u, Opcode::end, Opcode::end,
                                   Opcode::call, 0u, Opcode::global_get, 0u, Opcode::struct_get, 1u,
                                   0u, Opcode::memory_size, 0u, Opcode::end)),
                        body({})})),
       section(11, raw({1, 1, 0})), custom("before", {}), custom("name", concat(subsections)),
       custom("after", {})});
}

TEST(RoundTrip, KeepsNamesOfAllKinds) {
  expect_same_bytes(named_module(
      {raw({0}),
       sized(name("M")),
       raw({1}),
       sized(name_map({{0, "f"}, {1, "g"}})),
       raw({2}),
       sized(
           concat({raw({2, 0}), name_map({{1, "p"}}), raw({1}), name_map({{0, "x"}, {2, "y z"}})})),
       raw({3}),
       sized(concat({raw({1, 1}), name_map({{0, "l"}, {1, "l"}})})),
       raw({4}),
       sized(name_map({{0, "t"}, {1, "s"}})),
       raw({5}),
       sized(name_map({{0, "tab"}})),
       raw({6}),
       sized(name_map({{0, "mem"}})),
       raw({7}),
       sized(name_map({{0, "g"}})),
       raw({8}),
       sized(name_map({{0, "e"}})),
       raw({9}),
       sized(name_map({{0, ".d"}})),
       raw({10}),
       sized(concat({raw({1, 1}), name_map({{0, "field"}, {1, "\xc3\xa9"}})})),
       raw({11}),
       sized(name_map({{0, "exn"}}))}));
}

TEST(RoundTrip, KeepsNamesThatCannotBeIdentifiers) {
  expect_same_bytes(named_module({raw({0}), sized(name(""))}));
  expect_same_bytes(named_module({raw({1}), sized(name_map({{0, "a"}, {1, "a"}, {2, ""}}))}));
  expect_same_bytes(named_module(
      {raw({2}), sized(concat({raw({1, 1}), name_map({{0, "a"}, {1, ""}, {2, "a"}})}))}));
  expect_same_bytes(named_module({raw({3}), sized(concat({raw({1, 1}), name_map({{1, ""}})}))}));
  expect_same_bytes(named_module({raw({4}), sized(name_map({{0, ""}, {1, ""}}))}));
  expect_same_bytes(
      named_module({raw({10}), sized(concat({raw({1, 1}), name_map({{0, "a"}, {1, "a"}})}))}));
  expect_same_bytes(named_module({raw({11}), sized(name_map({{0, "\"\\\n"}}))}));
}

TEST(RoundTrip, KeepsNameSectionsThatAreNotAsTheyShouldBe) {
  expect_same_bytes(named_module({}));
  expect_same_bytes(named_module({raw({1}), sized(name_map({{9, "f"}}))}));
  expect_same_bytes(named_module({raw({9, 0}), raw({1, 0})}));
  expect_same_bytes(named_module({raw({99, 1, 2})}));
  expect_same_bytes(named_module({raw({1, 5, 0})}));
}

TEST(RoundTrip, KeepsThePlacesOfCustomSections) {
  expect_same_bytes(module({custom("a", {}), custom("\xc3\xa9", raw({1, 2}))}));
  expect_same_bytes(module(
      {custom("a", raw({0xff})), void_type_section(), custom("b", {}), custom("b", {}),
       section(3, raw({1, 0})), custom("name", raw({0})), section(5, raw({1, 0, 0})),
       custom("c d", {}), section(13, raw({1, 0, 0})), custom("t", {}), section(12, raw({1})),
       custom("e", {}), section(10, vec({body(code(Opcode::data_drop, 0u))})), custom("f", {}),
       section(11, raw({1, 1, 0})), custom("name", {}), custom("g", {})}));
}

TEST(RoundTrip, KeepsADataCountThatNothingNeeds) {
  const Bytes data = section(11, raw({1, 1, 0}));
  expect_same_bytes(module({section(12, raw({1})), data}));
  expect_same_bytes(module({section(12, raw({0}))}));
  expect_same_bytes(module({data}));
}

TEST(RoundTrip, KeepsBranchHints) {
  const Bytes instructions = code(Opcode::i32_const, 0, Opcode::br_if, 0u, Opcode::i32_const, 0,
                                  Opcode::if_, kVoidByte, Opcode::nop, Opcode::end);
  for (const Bytes& hints : {raw({1, 0, 2, 3, 1, 0, 7, 1, 1}), raw({1, 0, 1, 4, 1, 0}), raw({9})}) {
    expect_same_bytes(module({void_type_section(), section(3, raw({1, 0})), custom("x", {}),
                              custom("metadata.code.branch_hint", hints),
                              section(10, vec({body(instructions)}))}));
  }
}

// What a decoder makes of a module, without regard to how it was encoded.

class Fingerprint {
 public:
  uint64_t value() const { return hash_; }
  void mix(uint64_t number) {
    hash_ = (hash_ ^ number) * 0x9e3779b97f4a7c15;
    hash_ ^= hash_ >> 29;
  }

  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode>, const Immediates&... immediates) {
    mix(static_cast<uint64_t>(kOpcode));
    (add(immediates), ...);
  }

  template <class Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void add(Number number) { mix(static_cast<uint64_t>(number)); }
  void add(ValType type) { mix(type.bits()); }
  void add(HeapType type) { mix(type.bits()); }
  void add(const std::array<uint8_t, 16>& bytes) {
    for (const uint8_t byte : bytes) mix(byte);
  }
  void add(const BlockType& type) {
    mix(type.type != nullptr ? 1 : 0);
    for (const ValType param : type.params()) add(param);
    for (const ValType result : type.results()) add(result);
  }
  void add(const MemArg& memarg) {
    add(memarg.memory);
    mix(memarg.offset);
    mix(memarg.align_log2);
  }
  void add(const BrTable& table) {
    table.for_each([&](LabelIdx label) { add(label); });
  }
  void add(const CatchList& list) {
    list.for_each([&](const CatchClause& clause) {
      add(clause.kind);
      add(clause.tag);
      add(clause.label);
    });
  }
  void add(const SelectTypes& types) { add(types.first); }

 private:
  uint64_t hash_ = 0;
};

struct Decoded final : ModuleDecoder::Listener {
  Decoded(TypeRegistry& registry, const Bytes& bytes) : types(registry) {
    Result<ModuleInfo> decoded = decode_module(registry, Features(), bytes, *this);
    EXPECT_THAT(decoded, Succeeds());
    if (decoded.ok()) module = *std::move(decoded);
  }
  Result<> on_body(const ModuleInfo& info, uint32_t, std::span<const uint8_t> bytes,
                   size_t offset) override {
    Fingerprint fingerprint;
    FunctionDecoder<Fingerprint> decoder(info, types, bytes, offset, fingerprint);
    std::vector<LocalRun> runs;
    TRY(decoder.read_locals(0, runs));
    for (const LocalRun& run : runs) {
      for (uint32_t i = 0; i < run.count; ++i) fingerprint.add(run.type);
    }
    TRY(decoder.run());
    bodies.push_back(fingerprint.value());
    return {};
  }

  const TypeRegistry& types;
  ModuleInfo module;
  std::vector<uint64_t> bodies;
};

// Those kept as bytes may be encoded in more ways than one.
bool same(const ConstExpr& a, const ConstExpr& b) {
  return a.kind == b.kind && a.bits == b.bits && a.index == b.index;
}
bool same(const TableDecl& a, const TableDecl& b) {
  return a.type.element == b.type.element && a.type.limits == b.type.limits &&
         a.type.address_type == b.type.address_type && a.init.has_value() == b.init.has_value();
}
bool same(const MemoryDecl& a, const MemoryDecl& b) {
  return a.type.limits == b.type.limits && a.type.address_type == b.type.address_type &&
         a.type.is_shared == b.type.is_shared && a.type.page_size_log2 == b.type.page_size_log2;
}
bool same(const Import& a, const Import& b) {
  return a.module == b.module && a.name == b.name && a.kind == b.kind && a.index == b.index;
}
bool same(const Export& a, const Export& b) {
  return a.name == b.name && a.kind == b.kind && a.index == b.index;
}
bool same(const FuncDecl& a, const FuncDecl& b) {
  return a.type_idx == b.type_idx && a.type == b.type;
}
bool same(const GlobalDecl& a, const GlobalDecl& b) {
  return a.type == b.type && same(a.init, b.init);
}
bool same(const TagDecl& a, const TagDecl& b) {
  return a.type == b.type;
}
bool same(TypeId a, TypeId b) {
  return a == b;
}
bool same(const ElemSegment& a, const ElemSegment& b) {
  return a.mode == b.mode && a.table == b.table && same(a.offset, b.offset) && a.type == b.type &&
         a.funcs == b.funcs &&
         std::ranges::equal(a.exprs, b.exprs,
                            [](const ConstExpr& x, const ConstExpr& y) { return same(x, y); });
}
bool same(const DataSegment& a, const DataSegment& b) {
  return a.mode == b.mode && a.memory == b.memory && same(a.offset, b.offset) && a.bytes == b.bytes;
}

template <class List>
bool same_lists(const List& a, const List& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

// One registry for both: equal types have equal ids.
void expect_same_module(const Bytes& first, const Bytes& second) {
  TypeRegistry types;
  const Decoded a(types, first);
  const Decoded b(types, second);
  EXPECT_TRUE(same_lists(a.module.types, b.module.types));
  EXPECT_TRUE(same_lists(a.module.imports, b.module.imports));
  EXPECT_TRUE(same_lists(a.module.funcs, b.module.funcs));
  EXPECT_TRUE(same_lists(a.module.tables, b.module.tables));
  EXPECT_TRUE(same_lists(a.module.memories, b.module.memories));
  EXPECT_TRUE(same_lists(a.module.globals, b.module.globals));
  EXPECT_TRUE(same_lists(a.module.tags, b.module.tags));
  EXPECT_TRUE(same_lists(a.module.exports, b.module.exports));
  EXPECT_TRUE(same_lists(a.module.elems, b.module.elems));
  EXPECT_TRUE(same_lists(a.module.datas, b.module.datas));
  EXPECT_EQ(a.module.start, b.module.start);
  EXPECT_EQ(a.module.names.module, b.module.names.module);
  EXPECT_EQ(a.module.names.functions, b.module.names.functions);
  EXPECT_EQ(a.bodies, b.bodies);
}

// Real programs, the smaller ones: text is ten times as long.
TEST(RoundTrip, KeepsRealPrograms) {
  constexpr uintmax_t kMaxSize = 700'000;
  const fs::path corpus = find_corpus();
  if (corpus.empty()) return skip_without_corpus();
  size_t num_programs = 0;
  size_t num_equal = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(corpus)) {
    if (entry.path().extension() != ".wasm" || entry.file_size() > kMaxSize) continue;
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
    ++num_programs;
    for (const bool fold : kBothForms) {
      const Result<std::string> text = wasm_to_wat(bytes, {.fold = fold});
      ASSERT_THAT(text, Succeeds());
      const Result<Bytes> again = wat_to_wasm(*text);
      ASSERT_THAT(again, Succeeds());
      if (*again == bytes) {
        num_equal += fold ? 0 : 1;
        continue;
      }
      expect_same_module(bytes, *again);
      const Result<std::string> text_again = wasm_to_wat(*again, {.fold = fold});
      ASSERT_THAT(text_again, Succeeds());
      EXPECT_TRUE(*text_again == *text) << "the text of the text's module differs";
    }
  }
  EXPECT_GE(num_programs, 25u);
  std::cout << num_equal << " of " << num_programs << " programs come back byte for byte\n";
}

}  // namespace

}  // namespace swoop::text
