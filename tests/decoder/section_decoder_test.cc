// Contents of sections: types, imports, definitions, exports, segments.
#include "decoder/section_decoder.h"

#include "tests/decoder/decode.h"
#include "wasm/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace swoop {
namespace {

using enum ErrorKind;
using testing::ElementsAre;

// The first byte of the contents of a module's first section, if that is shorter than 128 bytes.
constexpr size_t kContents = 10;

const Bytes kI32 = raw({0x7f});
const Bytes kI64 = raw({0x7e});

// Types.

Bytes types(std::initializer_list<Bytes> groups) {
  return module({section(1, vec(groups))});
}
Bytes rec(std::initializer_list<Bytes> group) {
  return concat({raw({0x4e}), vec(group)});
}
Bytes sub(std::initializer_list<Bytes> supers, const Bytes& type) {
  return concat({raw({0x50}), vec(supers), type});
}
Bytes sub_final(std::initializer_list<Bytes> supers, const Bytes& type) {
  return concat({raw({0x4f}), vec(supers), type});
}
Bytes structure(std::initializer_list<Bytes> fields) {
  return concat({raw({0x5f}), vec(fields)});
}
Bytes array(const Bytes& field) {
  return concat({raw({0x5e}), field});
}
Bytes ref(int index) {
  return raw({0x64, index});
}
Bytes ref_null(int index) {
  return raw({0x63, index});
}
Bytes constant(const Bytes& type) {
  return concat({type, raw({0})});
}
Bytes variable(const Bytes& type) {
  return concat({type, raw({1})});
}

TypeId type_id(const Bytes& bytes, uint32_t index) {
  return decode(bytes).value().types[TypeIdx(index)];
}

TEST(TypeSection, ReadsEveryForm) {
  const Bytes bytes = types({func_type({kI32, raw({0x7b})}, {kI64, raw({0x70})}),
                             structure({constant(raw({0x78})), variable(raw({0x77}))}),
                             array(variable(raw({0x6e}))), sub({}, structure({})),
                             sub_final({raw({3})}, structure({constant(kI32)}))});
  const ModuleInfo module = decode(bytes).value();
  ASSERT_EQ(module.types.size(), 5u);
  const auto definition = [&](uint32_t i) -> const SubType& {
    return test_types()[module.types[TypeIdx(i)]].definition;
  };
  EXPECT_THAT(definition(0).composite.func.params, ElementsAre(ValType::i32, ValType::v128));
  EXPECT_THAT(definition(0).composite.func.results, ElementsAre(ValType::i64, ValType::funcref));
  EXPECT_TRUE(definition(0).is_final);
  EXPECT_EQ(definition(1).composite.kind, CompositeType::Kind::struct_);
  EXPECT_THAT(definition(1).composite.fields,
              ElementsAre(FieldType{ValType::i8, false}, FieldType{ValType::i16, true}));
  EXPECT_EQ(definition(2).composite.kind, CompositeType::Kind::array);
  EXPECT_FALSE(definition(3).is_final);
  EXPECT_TRUE(definition(4).is_final);
  EXPECT_EQ(definition(4).supertype, HeapType(module.types[TypeIdx(3)]));
}

TEST(TypeSection, ReadsEveryReferenceType) {
  const std::pair<int, AbstractHeapType> codes[] = {
      {0x70, AbstractHeapType::func},   {0x6f, AbstractHeapType::extern_},
      {0x6e, AbstractHeapType::any},    {0x6d, AbstractHeapType::eq},
      {0x6c, AbstractHeapType::i31},    {0x6b, AbstractHeapType::struct_},
      {0x6a, AbstractHeapType::array},  {0x69, AbstractHeapType::exn},
      {0x71, AbstractHeapType::none},   {0x72, AbstractHeapType::noextern},
      {0x73, AbstractHeapType::nofunc}, {0x74, AbstractHeapType::noexn},
  };
  for (const auto& [code, type] : codes) {
    const Bytes bytes = types({func_type({raw({code}), raw({0x63, code}), raw({0x64, code})}, {})});
    EXPECT_THAT(
        test_types().func_type(type_id(bytes, 0)).params,
        ElementsAre(ValType::ref(type, true), ValType::ref(type, true), ValType::ref(type, false)));
  }
}

TEST(TypeSection, RejectsOtherCodes) {
  EXPECT_THAT(decode(types({raw({0x61})})),
              Fails(malformed, kContents + 1, "malformed definition type"));
  EXPECT_THAT(decode(types({func_type({raw({0x40})}, {})})),
              Fails(malformed, kContents + 3, "malformed value type"));
  EXPECT_THAT(decode(types({func_type({raw({0x78})}, {})})),
              Fails(malformed, kContents + 3, "malformed value type"));
  EXPECT_THAT(decode(types({func_type({raw({0x64, 0x7f})}, {})})),
              Fails(malformed, kContents + 4, "malformed heap type"));
  EXPECT_THAT(decode(types({array(concat({kI32, raw({2})}))})),
              Fails(malformed, kContents + 3, "malformed mutability"));
}

TEST(TypeSection, GroupsAreEqualIfTheirMembersArePairwise) {
  const TypeId self = type_id(types({func_type({ref(0)}, {})}), 0);
  // Elsewhere in another module, after others, and as a group of one: the same type.
  EXPECT_EQ(type_id(types({array(constant(kI32)), func_type({ref(1)}, {})}), 1), self);
  EXPECT_EQ(type_id(types({rec({func_type({ref(0)}, {})})}), 0), self);
  EXPECT_EQ(type_id(types({rec({sub_final({}, func_type({ref(0)}, {}))})}), 0), self);
  // In a larger group, or not final: another one.
  EXPECT_NE(type_id(types({rec({func_type({ref(0)}, {}), func_type({}, {})})}), 0), self);
  EXPECT_NE(type_id(types({sub({}, func_type({ref(0)}, {}))}), 0), self);
  // Through an equal type outside of the group: another one.
  EXPECT_NE(type_id(types({func_type({ref(0)}, {}), func_type({ref(0)}, {})}), 1), self);
  EXPECT_EQ(type_id(types({func_type({ref(0)}, {}), func_type({ref(1)}, {})}), 1), self);
}

TEST(TypeSection, MembersOfAGroupReferToEachOther) {
  const ModuleInfo module =
      decode(types({rec({func_type({ref_null(1)}, {}), structure({constant(ref(0))})})})).value();
  const TypeId first = module.types[TypeIdx(0)];
  const TypeId second = module.types[TypeIdx(1)];
  EXPECT_EQ(test_types().func_type(first).params[0], ValType::ref(second, true));
  EXPECT_EQ(test_types()[second].definition.composite.fields[0].storage,
            ValType::ref(first, false));
}

TEST(TypeSection, RejectsReferencesPastTheGroup) {
  EXPECT_THAT(decode(types({func_type({ref(1)}, {}), func_type({}, {})})),
              Fails(invalid, kContents + 4, "unknown type 1"));
  EXPECT_THAT(decode(types({rec({func_type({ref(1)}, {})}), rec({func_type({}, {})})})),
              Fails(invalid, kContents + 6, "unknown type 1"));
  EXPECT_THAT(decode(types({sub({raw({1})}, func_type({}, {}))})),
              Fails(invalid, kContents + 3, "unknown type 1"));
}

TEST(TypeSection, RejectsSupertypesThatComeLater) {
  EXPECT_THAT(
      decode(types({rec({sub({raw({1})}, func_type({}, {})), sub({}, func_type({}, {}))})})),
      Fails(invalid, kContents + 5, "forward use of type 1"));
  EXPECT_THAT(decode(types({rec({sub({raw({0})}, func_type({}, {}))})})),
              Fails(invalid, kContents + 5, "forward use of type 0"));
  EXPECT_THAT(
      decode(types({rec({sub({}, func_type({}, {})), sub({raw({0})}, func_type({}, {}))})})),
      Succeeds());
}

TEST(TypeSection, RejectsFinalAndSeveralSupertypes) {
  EXPECT_THAT(decode(types({func_type({}, {}), sub({raw({0})}, func_type({}, {}))})),
              Fails(invalid, kContents + 4, "sub type 1 has a final super type"));
  EXPECT_THAT(decode(types({sub({}, array(constant(kI32))), sub({}, array(constant(kI32))),
                            sub({raw({0}), raw({1})}, array(constant(kI32)))})),
              Fails(invalid, kContents + 14, "sub type with more than one super type"));
}

// Whether `derived` may be declared below `base`, both after $0 = (sub (struct)), $1 = (sub $0
// (struct i32)).
bool may_derive(const Bytes& base, const Bytes& derived) {
  const Result<ModuleInfo> result =
      decode(types({sub({}, structure({})), sub({raw({0})}, structure({constant(kI32)})),
                    sub({}, base), sub({raw({2})}, derived)}));
  EXPECT_TRUE(result.ok() || result.error().message.starts_with("sub type 3 does not match"))
      << result.error().message;
  return result.ok();
}

TEST(TypeSection, SubtypesMatchTheirSupertypes) {
  const Bytes ref0 = ref(0);
  const Bytes ref1 = ref(1);
  EXPECT_TRUE(may_derive(func_type({kI32}, {}), func_type({kI32}, {})));
  EXPECT_TRUE(may_derive(func_type({ref1}, {ref0}), func_type({ref0}, {ref1})));
  EXPECT_FALSE(may_derive(func_type({ref0}, {}), func_type({ref1}, {})));
  EXPECT_FALSE(may_derive(func_type({}, {ref1}), func_type({}, {ref0})));
  EXPECT_FALSE(may_derive(func_type({kI32}, {}), func_type({}, {})));
  EXPECT_FALSE(may_derive(func_type({}, {}), func_type({}, {kI32})));
  EXPECT_TRUE(may_derive(structure({}), structure({variable(kI64)})));
  EXPECT_FALSE(may_derive(structure({constant(kI64)}), structure({})));
  EXPECT_TRUE(may_derive(structure({constant(ref0)}), structure({constant(ref1), constant(kI32)})));
  EXPECT_FALSE(may_derive(structure({variable(ref0)}), structure({variable(ref1)})));
  EXPECT_TRUE(may_derive(structure({variable(ref0)}), structure({variable(ref0)})));
  EXPECT_FALSE(may_derive(structure({constant(ref0)}), structure({variable(ref0)})));
  EXPECT_FALSE(may_derive(structure({constant(raw({0x78}))}), structure({constant(raw({0x77}))})));
  EXPECT_FALSE(may_derive(structure({constant(kI32)}), structure({constant(raw({0x78}))})));
  EXPECT_TRUE(may_derive(array(constant(ref_null(0))), array(constant(ref1))));
  EXPECT_FALSE(may_derive(array(constant(ref0)), array(constant(ref_null(0)))));
  EXPECT_FALSE(may_derive(array(constant(kI32)), structure({constant(kI32)})));
  EXPECT_FALSE(may_derive(structure({}), func_type({}, {})));
}

TEST(TypeSection, CanBeLimitedToEarlierVersions) {
  const Bytes results = types({func_type({}, {kI32, kI32})});
  EXPECT_THAT(decode(results, Features::wasm2()), Succeeds());
  EXPECT_THAT(decode(results, Features::wasm1()),
              Fails(invalid, kContents + 1, "invalid result arity"));
  const Bytes structs = types({structure({})});
  EXPECT_THAT(
      decode(structs, Features::wasm2()),
      Fails(malformed, kContents + 1, "malformed definition type (feature gc is disabled)"));
  const Bytes vectors = types({func_type({raw({0x7b})}, {})});
  EXPECT_THAT(decode(vectors, Features().without(Feature::simd)),
              Fails(malformed, kContents + 3, "malformed value type (feature simd is disabled)"));
}

TEST(TypeSection, LimitsCounts) {
  const auto check = [](const Bytes& bytes) {
    TypeRegistry registry;
    return ByteReader(bytes, 0).ok() ? SectionDecoder(*std::make_unique<ModuleInfo>(), registry, {})
                                           .decode(SectionId::type, bytes, 0)
                                     : Result<>();
  };
  const Bytes many_params(1001, 0x7f);
  EXPECT_THAT(check(concat({raw({1, 0x60}), code(1001u), many_params, raw({0})})),
              Fails(limit_exceeded, 2, "1001 parameters or results of a function, at most 1000"));
  EXPECT_THAT(check(concat({raw({1, 0x60}), code(1000u), Bytes(1000, 0x7f), raw({0})})),
              Succeeds());
  EXPECT_THAT(check(concat({raw({1, 0x5f}), code(10'001u), repeat(10'001, raw({0x7f, 0}))})),
              Fails(limit_exceeded, 2, "10001 fields in a struct, at most 10000"));
  EXPECT_THAT(check(concat({code(1'000'001u), repeat(1'000'001, func_type({}, {}))})),
              Fails(limit_exceeded, 0, "1000001 types, at most 1000000"));
}

// Imports, and the types of what is imported.

Bytes import(const Bytes& description) {
  return module(
      {void_type_section(), section(2, vec({concat({name("m"), name("n"), description})}))});
}
constexpr size_t kImportKind = 14 + 2 + 5;

TEST(ImportSection, ReadsEveryKind) {
  const Bytes bytes =
      module({void_type_section(),
              section(2, vec({concat({name("a"), name("f"), raw({0, 0})}),
                              concat({name("a"), name("t"), raw({1, 0x6f, 1, 2, 3})}),
                              concat({name("b"), name("m"), raw({2, 3, 1, 5})}),
                              concat({name("b"), name("g"), raw({3, 0x7e, 1})}),
                              concat({name("b"), name("e"), raw({4, 0, 0})}),
                              concat({name("b"), name("f"), raw({0, 0})})})),
              section(7, vec({concat({name("x"), raw({0, 1})})}))});
  const ModuleInfo module = decode(bytes).value();
  ASSERT_EQ(module.imports.size(), 6u);
  EXPECT_EQ(module.num_imported_funcs, 2u);
  EXPECT_EQ(module.imports[5].index, 1u);
  EXPECT_EQ(module.imports[5].module, "b");
  EXPECT_EQ(module.imports[1].wasm_offset, kImportKind - 4 + 6);
  EXPECT_TRUE(module.is_imported(FuncIdx(1)));
  const TableType& table = module.tables[TableIdx(0)].type;
  EXPECT_EQ(table.element, ValType::externref);
  EXPECT_EQ(table.limits, (Limits{2, 3}));
  EXPECT_TRUE(module.memories[MemoryIdx(0)].type.is_shared);
  EXPECT_TRUE(module.globals[GlobalIdx(0)].type.is_mutable);
  EXPECT_EQ(module.tags[TagIdx(0)].type.type, module.types[TypeIdx(0)]);
  EXPECT_EQ(module.func_name(FuncIdx(1)), "x");
  EXPECT_EQ(module.func_name(FuncIdx(0)), "");
}

TEST(ImportSection, BlamesTheKindByte) {
  EXPECT_THAT(decode(import(raw({5, 0}))), Fails(malformed, kImportKind, "malformed import kind"));
}

TEST(ImportSection, RejectsUnknownAndWrongTypes) {
  EXPECT_THAT(decode(import(raw({0, 1}))), Fails(invalid, kImportKind + 1, "unknown type 1"));
  EXPECT_THAT(decode(import(raw({4, 0, 1}))), Fails(invalid, kImportKind + 2, "unknown type 1"));
  EXPECT_THAT(decode(import(raw({4, 1, 0}))),
              Fails(malformed, kImportKind + 1, "zero byte expected"));
  EXPECT_THAT(decode(import(raw({1, 0x7f, 0, 0}))),
              Fails(malformed, kImportKind + 1, "malformed reference type"));
  EXPECT_THAT(decode(import(raw({3, 0x7f, 2}))),
              Fails(malformed, kImportKind + 2, "malformed mutability"));
  EXPECT_THAT(decode(module({section(1, vec({structure({})})), section(3, raw({1, 0}))})),
              Fails(invalid, 16, "unknown type"));
  EXPECT_THAT(
      decode(module({section(1, vec({func_type({}, {kI32})})), section(13, raw({1, 0, 0}))})),
      Fails(invalid, 18, "non-empty tag result type"));
}

TEST(ImportSection, NamesAreUtf8) {
  EXPECT_THAT(decode(module({section(2, raw({1, 1, 0xff, 0, 3, 0x7f, 0}))})),
              Fails(malformed, kContents + 1, "malformed UTF-8 encoding"));
  EXPECT_THAT(decode(module({section(2, raw({1, 0, 2, 0xc3, 0x28, 3, 0x7f, 0}))})),
              Fails(malformed, kContents + 2, "malformed UTF-8 encoding"));
}

TEST(ImportSection, CanBeLimitedToEarlierVersions) {
  EXPECT_THAT(decode(import(raw({3, 0x7f, 1})), Features::wasm1()),
              Fails(invalid, kImportKind + 1, "mutable globals cannot be imported"));
  EXPECT_THAT(
      decode(import(raw({4, 0, 0})), Features::wasm2()),
      Fails(malformed, kImportKind, "malformed import kind (feature exceptions is disabled)"));
}

Result<ModuleInfo> memory(const Bytes& type, Features features = Features()) {
  return decode(module({section(5, vec({type}))}), features);
}
Result<ModuleInfo> table(const Bytes& type, Features features = Features()) {
  return decode(module({section(4, vec({type}))}), features);
}

TEST(MemoryType, ReadsLimitsOfEveryKind) {
  const auto type = [](std::initializer_list<int> bytes) {
    return memory(raw(bytes)).value().memories[MemoryIdx(0)].type;
  };
  EXPECT_EQ(type({0, 7}).limits, (Limits{7, std::nullopt}));
  EXPECT_EQ(type({1, 7, 9}).limits, (Limits{7, 9}));
  EXPECT_TRUE(type({3, 7, 9}).is_shared);
  EXPECT_EQ(type({4, 7}).address_type, AddressType::i64);
  EXPECT_EQ(type({7, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40}).limits.max, uint64_t{1} << 48);
  EXPECT_EQ(type({8, 7, 0}).page_size_log2, 0);
  EXPECT_EQ(type({9, 7, 9, 16}).page_size_log2, 16);
  EXPECT_EQ(type({9, 7, 9, 16}).limits.max, 9u);
}

TEST(MemoryType, RejectsFlagsItDoesNotKnow) {
  for (int flags = 0x10; flags < 0x100; ++flags) {
    EXPECT_THAT(memory(raw({flags, 0, 0, 0})),
                Fails(malformed, kContents + 1, "malformed limits flags"));
  }
  EXPECT_THAT(memory(raw({2, 1})),
              Fails(invalid, kContents + 1, "shared memory must have maximum"));
}

TEST(MemoryType, ChecksItsLimits) {
  const char* const size = "memory size must be at most";
  EXPECT_THAT(memory(code(raw({1}), 65536u, 65536u)), Succeeds());
  EXPECT_THAT(memory(code(raw({0}), 65537u)), Fails(invalid, kContents + 1, size));
  EXPECT_THAT(memory(code(raw({1}), 0u, 65537u)), Fails(invalid, kContents + 1, size));
  EXPECT_THAT(memory(code(raw({0}), uint64_t{1} << 32)), Fails(invalid, kContents + 1, size));
  EXPECT_THAT(memory(code(raw({4}), uint64_t{1} << 48)), Succeeds());
  EXPECT_THAT(memory(code(raw({4}), (uint64_t{1} << 48) + 1)), Fails(invalid, kContents + 1, size));
  EXPECT_THAT(memory(code(raw({8}), 0xffffffffu, 0u)), Succeeds());
  EXPECT_THAT(memory(code(raw({8}), uint64_t{1} << 32, 0u)), Fails(invalid, kContents + 1, size));
  EXPECT_THAT(memory(code(raw({12}), UINT64_MAX, 0u)), Succeeds());
  EXPECT_THAT(memory(code(raw({1}), 2u, 1u)),
              Fails(invalid, kContents + 1, "size minimum must not be greater than maximum"));
}

TEST(MemoryType, ChecksItsPageSize) {
  for (const int log2 : {1, 2, 15, 17, 63}) {
    EXPECT_THAT(memory(raw({8, 0, log2})),
                Fails(invalid, kContents + 3, "invalid custom page size"));
  }
  EXPECT_THAT(memory(raw({8, 0, 64})), Fails(malformed, kContents + 3, "invalid custom page size"));
}

TEST(MemoryType, CanBeLimitedToEarlierVersions) {
  for (const int flags : {3, 4, 9}) {
    EXPECT_THAT(memory(raw({flags, 0, 0, 0}), Features::wasm2()),
                Fails(malformed, kContents + 1, "malformed limits flags"));
  }
  EXPECT_THAT(memory(raw({0, 0x80, 0x80, 0x80, 0x80, 0x10}), Features::wasm2()),
              Fails(malformed, kContents + 6, "integer too large"));
  const Bytes two = module({section(5, vec({raw({0, 0}), raw({0, 0})}))});
  EXPECT_THAT(decode(two), Succeeds());
  EXPECT_THAT(decode(two, Features::wasm2()), Fails(invalid, kContents + 3, "multiple memories"));
}

TEST(TableType, ChecksFlagsAndLimits) {
  EXPECT_THAT(table(raw({0x70, 1, 1, 2})), Succeeds());
  EXPECT_THAT(table(code(raw({0x70, 0}), 0xffffffffu)), Succeeds());
  EXPECT_THAT(table(code(raw({0x70, 0}), uint64_t{1} << 32)),
              Fails(invalid, kContents + 2, "table size"));
  EXPECT_THAT(table(code(raw({0x70, 5}), 1u, UINT64_MAX)), Succeeds());
  EXPECT_THAT(table(raw({0x70, 1, 2, 1})), Fails(invalid, kContents + 2, "size minimum"));
  for (const int flags : {2, 3, 8, 0x10, 0x80}) {
    EXPECT_THAT(table(raw({0x70, flags, 0, 0})),
                Fails(malformed, kContents + 2, "malformed limits flags"));
  }
  const Bytes two = module({section(4, vec({raw({0x70, 0, 0}), raw({0x70, 0, 0})}))});
  EXPECT_THAT(decode(two, Features::wasm1()), Fails(invalid, kContents + 4, "multiple tables"));
}

TEST(TableSection, ReadsInitialValues) {
  const ModuleInfo module = table(raw({0x40, 0, 0x6f, 0, 1, 0xd0, 0x6f, 0x0b})).value();
  ASSERT_TRUE(module.tables[TableIdx(0)].init.has_value());
  EXPECT_EQ(module.tables[TableIdx(0)].init->kind, ConstExpr::Kind::ref_null);
  EXPECT_THAT(table(raw({0x40, 1, 0x6f, 0, 1, 0xd0, 0x6f, 0x0b})),
              Fails(malformed, kContents + 2, "zero byte expected"));
  EXPECT_THAT(table(raw({0x64, 0x70, 0, 1})), Fails(invalid, kContents + 1, "type mismatch"));
  EXPECT_THAT(table(raw({0x40, 0, 0x64, 0x70, 0, 1, 0xd0, 0x70, 0x0b})),
              Fails(invalid, kContents + 9, "type mismatch"));
}

// Exports and start.

Bytes with_functions(const Bytes& rest) {
  return module({section(1, vec({func_type({}, {}), func_type({kI32}, {}), func_type({}, {kI32})})),
                 section(2, vec({concat({name(""), name(""), raw({0, 0})}),
                                 concat({name(""), name(""), raw({0, 1})}),
                                 concat({name(""), name(""), raw({0, 2})})})),
                 rest});
}
constexpr size_t kRest = 8 + 2 + 12 + 2 + 13;

TEST(ExportSection, NamesThingsThatExist) {
  const auto check = [](int kind, int index) {
    return decode(module({section(7, vec({concat({name("x"), raw({kind, index})})}))}));
  };
  const char* const texts[] = {"unknown function 0", "unknown table 0", "unknown memory 0",
                               "unknown global 0", "unknown tag 0"};
  for (int kind = 0; kind < 5; ++kind) {
    EXPECT_THAT(check(kind, 0), Fails(invalid, kContents + 4, texts[kind]));
  }
  EXPECT_THAT(check(5, 0), Fails(malformed, kContents + 3, "malformed export kind"));
}

TEST(ExportSection, DeclaresFunctions) {
  const ModuleInfo module =
      decode(with_functions(section(7, vec({concat({name("x"), raw({0, 2})})})))).value();
  EXPECT_FALSE(module.funcs[FuncIdx(1)].is_declared);
  EXPECT_TRUE(module.funcs[FuncIdx(2)].is_declared);
}

TEST(ExportSection, NamesAreDifferent) {
  const auto exports = [](std::initializer_list<const char*> names) {
    Bytes items = raw({static_cast<int>(names.size())});
    for (const char* text : names) items = concat({items, name(text), raw({0, 0})});
    return decode(with_functions(section(7, items)));
  };
  EXPECT_THAT(exports({"a", "b", "", "ab"}), Succeeds());
  EXPECT_THAT(exports({"a", "b", "c", "b", "a"}),
              Fails(invalid, kRest + 3 + 12, "duplicate export name \"b\""));
  EXPECT_THAT(exports({"", ""}), Fails(invalid, kRest + 3 + 3, "duplicate export name \"\""));
}

TEST(StartSection, NamesAFunctionWithoutParametersAndResults) {
  EXPECT_EQ(decode(with_functions(section(8, raw({0})))).value().start, FuncIdx(0));
  EXPECT_THAT(decode(with_functions(section(8, raw({1})))),
              Fails(invalid, kRest + 2, "start function 1"));
  EXPECT_THAT(decode(with_functions(section(8, raw({2})))),
              Fails(invalid, kRest + 2, "start function"));
  EXPECT_THAT(decode(with_functions(section(8, raw({3})))),
              Fails(invalid, kRest + 2, "unknown function 3"));
}

// Segments. Function 0 to 2, table 0 of funcref, 1 of externref, 2 of funcref with 64-bit
// addresses.
Bytes with_segment(const Bytes& segment) {
  return with_functions(
      concat({section(4, vec({raw({0x70, 0, 9}), raw({0x6f, 0, 9}), raw({0x70, 4, 9})})),
              section(9, vec({segment}))}));
}
constexpr size_t kSegment = kRest + 12 + 2 + 1;

ElemSegment segment(const Bytes& bytes, std::vector<bool> declared) {
  ModuleInfo module = decode(with_segment(bytes)).value();
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(module.funcs[FuncIdx(i)].is_declared, declared[i]) << i;
  }
  return module.elems[ElemIdx(0)];
}

TEST(ElementSection, ReadsAllEightKinds) {
  const Bytes at5 = raw({0x41, 5, 0x0b});
  const Bytes funcs = vec({raw({2}), raw({0})});
  const Bytes exprs = vec({raw({0xd2, 2, 0x0b}), raw({0xd0, 0x70, 0x0b})});
  const std::vector<bool> two = {true, false, true};
  const std::vector<bool> one = {false, false, true};
  const ValType ref_func = ValType::ref(AbstractHeapType::func, false);

  const auto check_funcs = [&](const ElemSegment& s, SegmentMode mode) {
    EXPECT_EQ(s.mode, mode);
    EXPECT_EQ(s.type, ref_func);
    EXPECT_THAT(s.funcs, ElementsAre(FuncIdx(2), FuncIdx(0)));
    EXPECT_TRUE(s.exprs.empty());
    EXPECT_EQ(s.size(), 2u);
  };
  check_funcs(segment(concat({raw({0}), at5, funcs}), two), SegmentMode::active);
  check_funcs(segment(concat({raw({1, 0}), funcs}), two), SegmentMode::passive);
  check_funcs(segment(concat({raw({2, 0}), at5, raw({0}), funcs}), two), SegmentMode::active);
  check_funcs(segment(concat({raw({3, 0}), funcs}), two), SegmentMode::declarative);

  const auto check_exprs = [&](const ElemSegment& s, SegmentMode mode) {
    EXPECT_EQ(s.mode, mode);
    EXPECT_EQ(s.type, ValType::funcref);
    EXPECT_TRUE(s.funcs.empty());
    ASSERT_EQ(s.exprs.size(), 2u);
    EXPECT_EQ(s.exprs[0].kind, ConstExpr::Kind::ref_func);
    EXPECT_EQ(s.exprs[0].index, 2u);
    EXPECT_EQ(s.exprs[1].kind, ConstExpr::Kind::ref_null);
  };
  check_exprs(segment(concat({raw({4}), at5, exprs}), one), SegmentMode::active);
  check_exprs(segment(concat({raw({5, 0x70}), exprs}), one), SegmentMode::passive);
  const ElemSegment in_table2 = segment(concat({raw({6, 2, 0x42, 5, 0x0b, 0x70}), exprs}), one);
  check_exprs(in_table2, SegmentMode::active);
  EXPECT_EQ(in_table2.table, TableIdx(2));
  EXPECT_EQ(in_table2.offset.kind, ConstExpr::Kind::i64);
  EXPECT_EQ(in_table2.offset.bits, 5u);
  check_exprs(segment(concat({raw({7, 0x70}), exprs}), one), SegmentMode::declarative);
}

TEST(ElementSection, KeepsExpressionsThatAreAllFunctionsAsFunctions) {
  const Bytes exprs = vec({raw({0xd2, 2, 0x0b}), raw({0xd2, 1, 0x0b})});
  const ElemSegment s = segment(concat({raw({5, 0x70}), exprs}), {false, true, true});
  EXPECT_THAT(s.funcs, ElementsAre(FuncIdx(2), FuncIdx(1)));
  EXPECT_EQ(s.type, ValType::funcref);
}

TEST(ElementSection, RejectsWhatDoesNotFit) {
  EXPECT_THAT(decode(with_segment(raw({8, 0}))),
              Fails(malformed, kSegment, "malformed elements segment kind"));
  EXPECT_THAT(decode(with_segment(raw({1, 1, 0}))),
              Fails(malformed, kSegment + 1, "malformed element kind"));
  EXPECT_THAT(decode(with_segment(raw({1, 0, 1, 3}))),
              Fails(invalid, kSegment + 3, "unknown function 3"));
  EXPECT_THAT(decode(with_segment(raw({6, 3, 0x41, 0, 0x0b, 0x70, 0}))),
              Fails(invalid, kSegment + 1, "unknown table 3"));
  EXPECT_THAT(decode(with_segment(raw({6, 1, 0x41, 0, 0x0b, 0x70, 0}))),
              Fails(invalid, kSegment + 5, "type mismatch"));
  EXPECT_THAT(decode(with_segment(raw({0, 0x42, 0, 0x0b, 0}))),
              Fails(invalid, kSegment + 3, "type mismatch"));
  EXPECT_THAT(decode(with_segment(raw({5, 0x70, 1, 0xd0, 0x6f, 0x0b}))),
              Fails(invalid, kSegment + 5, "type mismatch"));
  EXPECT_THAT(decode(module({section(9, vec({raw({0, 0x41, 0, 0x0b, 0})}))})),
              Fails(invalid, kContents + 1, "unknown table 0"));
}

TEST(DataSection, ReadsAllThreeKinds) {
  const Bytes two_memories = section(5, vec({raw({0, 1}), raw({4, 1})}));
  const ModuleInfo info =
      decode(module({two_memories,
                     section(11, vec({raw({0, 0x41, 7, 0x0b, 2, 'a', 'b'}), raw({1, 1, 'c'}),
                                      raw({2, 1, 0x42, 8, 0x0b, 0})}))}))
          .value();
  ASSERT_EQ(info.datas.size(), 3u);
  EXPECT_EQ(info.datas[DataIdx(0)].offset.bits, 7u);
  EXPECT_THAT(info.datas[DataIdx(0)].bytes, ElementsAre('a', 'b'));
  EXPECT_EQ(info.datas[DataIdx(1)].mode, SegmentMode::passive);
  EXPECT_EQ(info.datas[DataIdx(2)].memory, MemoryIdx(1));
}

TEST(DataSection, RejectsWhatDoesNotFit) {
  const auto data = [](std::initializer_list<int> bytes) {
    return decode(module({section(5, vec({raw({0, 1})})), section(11, vec({raw(bytes)}))}));
  };
  constexpr size_t kData = 13 + 3;
  EXPECT_THAT(data({3, 0}), Fails(malformed, kData, "malformed data segment kind"));
  EXPECT_THAT(data({2, 1, 0x41, 0, 0x0b, 0}), Fails(invalid, kData + 1, "unknown memory 1"));
  EXPECT_THAT(data({0, 0x42, 0, 0x0b, 0}), Fails(invalid, kData + 3, "type mismatch"));
  EXPECT_THAT(data({1, 2, 'x'}), Fails(malformed, kData + 1, "length out of bounds"));
  EXPECT_THAT(decode(module({section(11, vec({raw({0, 0x41, 0, 0x0b, 0})}))})),
              Fails(invalid, kContents + 1, "unknown memory 0"));
  EXPECT_THAT(decode(module({section(11, vec({raw({1, 0})}))}), Features::wasm1()),
              Fails(malformed, kContents + 1, "malformed data segment kind"));
}

}  // namespace
}  // namespace swoop
