// Constant expressions that make objects, and the objects they make.
#include "runtime/const_eval.h"

#include "runtime/linker.h"
#include "tests/runtime/assembled_module.h"
#include "tests/support/code.h"

#include <gtest/gtest.h>

#include <cstring>

namespace swoop {
namespace {

using enum Opcode;

// One type after the other in the module, each a final group of its own.
class ConstEvalTest : public testing::Test {
 protected:
  explicit ConstEvalTest(const EngineConfig& config = {})
      : engine_(make_engine(config)), store_(engine_), module_(engine_) {}

  uint32_t add_type(const CompositeType& composite) {
    SubType type;
    type.composite = composite;
    module_.info.types.push_back(engine_->types().intern({&type, 1}).value());
    return static_cast<uint32_t>(module_.info.types.size()) - 1;
  }
  uint32_t add_struct(std::vector<ValType> fields) {
    CompositeType type;
    type.kind = CompositeType::Kind::struct_;
    for (const ValType field : fields) type.fields.push_back({field, true});
    return add_type(type);
  }
  uint32_t add_array(ValType element) {
    CompositeType type;
    type.kind = CompositeType::Kind::array;
    type.fields = {{element, true}};
    return add_type(type);
  }

  /// An immutable global `name` with this initial value; `code` without `end`.
  void add_global(const char* name, const std::vector<uint8_t>& expression,
                  ValType type = ValType::ref(AbstractHeapType::any, true)) {
    ConstExpr expr;
    expr.kind = ConstExpr::Kind::bytes;
    expr.code = code(expression, end);
    module_.info.globals.push_back({{type, false}, expr});
    module_.add_export(name, ExternKind::global,
                       static_cast<uint32_t>(module_.info.globals.size()) - 1);
  }
  Instance& instantiate() {
    const Instantiation outcome = store_.instantiate(module_.build(), {});
    if (outcome.error) ADD_FAILURE() << outcome.error->message;
    CHECK(outcome.instance != nullptr);
    return *outcome.instance;
  }
  static uint64_t reference(const Instance& instance, const char* name) {
    return instance.global(name)->get().low;
  }
  const VmObject* object(const Instance& instance, const char* name, uint32_t type) {
    const uint64_t word = reference(instance, name);
    CHECK(is_object(word));
    const auto* const found = reinterpret_cast<const VmObject*>(word);
    EXPECT_EQ(found->type_id, static_cast<uint32_t>(module_.info.types[TypeIdx(type)]));
    return found;
  }
  template <class T>
  static T field(const VmObject* object, size_t offset) {
    T value;
    std::memcpy(&value, reinterpret_cast<const uint8_t*>(object) + offset, sizeof value);
    return value;
  }

  std::shared_ptr<Engine> engine_;
  Store store_;
  AssembledModule module_;
};

constexpr ValType kAnyRef = ValType::ref(AbstractHeapType::any, true);

TEST_F(ConstEvalTest, I31sAreTaggedWords) {
  add_global("zero", code(i32_const, 0, ref_i31));
  add_global("minus_one", code(i32_const, -1, ref_i31));
  add_global("sum", code(i32_const, 40, i32_const, 2, i32_add, ref_i31));
  add_global("out", code(i32_const, 5, ref_i31, extern_convert_any), ValType::externref);
  add_global("back", code(i32_const, 5, ref_i31, extern_convert_any, any_convert_extern));
  add_global("null", code(ref_null, kExternByte, any_convert_extern));
  const Instance& instance = instantiate();
  EXPECT_EQ(reference(instance, "zero"), i31_reference(0));
  EXPECT_EQ(reference(instance, "minus_one"), i31_reference(0x7fffffff));
  EXPECT_EQ(reference(instance, "sum"), i31_reference(42));
  EXPECT_EQ(reference(instance, "out"), reference(instance, "back"));
  EXPECT_EQ(reference(instance, "null"), 0u);
}

TEST_F(ConstEvalTest, StructsHoldTheirFieldsInOrder) {
  const uint32_t type = add_struct({ValType::i8, ValType::i16, ValType::i32, ValType::i8,
                                    ValType::i64, ValType::f32, kAnyRef, ValType::f64});
  std::vector<uint8_t> make =
      code(i32_const, 0x1ff, i32_const, -2, i32_const, -3, i32_const, 4, i64_const, int64_t{-5},
           f32_const, std::vector<uint8_t>{0, 0, 0xc0, 0x3f}, i32_const, 6, ref_i31, f64_const,
           std::vector<uint8_t>{0, 0, 0, 0, 0, 0, 4, 0x40}, struct_new, type);
  add_global("full", make);
  add_global("default", code(struct_new_default, type));
  add_global("again", make);
  const Instance& instance = instantiate();

  const StructLayout layout = make_struct_layout(
      engine_->types()[module_.info.types[TypeIdx(type)]].definition.composite.fields);
  EXPECT_EQ(layout.offsets, (std::vector<uint32_t>{8, 10, 12, 16, 24, 32, 40, 48}));
  EXPECT_EQ(layout.size_bytes, 56u);
  const VmObject* const full = object(instance, "full", type);
  EXPECT_EQ(field<uint8_t>(full, 8), 0xff);
  EXPECT_EQ(field<int16_t>(full, 10), -2);
  EXPECT_EQ(field<int32_t>(full, 12), -3);
  EXPECT_EQ(field<int32_t>(full, 16), 4);  // with zeros behind it
  EXPECT_EQ(field<int64_t>(full, 24), -5);
  EXPECT_EQ(field<float>(full, 32), 1.5f);
  EXPECT_EQ(field<uint64_t>(full, 40), i31_reference(6));
  EXPECT_EQ(field<double>(full, 48), 2.5);
  const VmObject* const zero = object(instance, "default", type);
  for (size_t at = 8; at < 56; ++at) EXPECT_EQ(field<uint8_t>(zero, at), 0) << at;
  EXPECT_NE(object(instance, "again", type), full);
}

TEST_F(ConstEvalTest, ASubtypesFieldsBeginWithItsSupertypes) {
  const std::vector<FieldType> super = {
      {ValType::i8, true}, {ValType::i64, true}, {ValType::i8, true}};
  std::vector<FieldType> sub = super;
  sub.push_back({ValType::i16, true});
  sub.push_back({ValType::v128, true});
  std::vector<uint32_t> offsets = make_struct_layout(sub).offsets;
  EXPECT_EQ(offsets, (std::vector<uint32_t>{8, 16, 24, 26, 32}));
  offsets.resize(super.size());
  EXPECT_EQ(offsets, make_struct_layout(super).offsets);
  EXPECT_EQ(make_struct_layout({}).size_bytes, sizeof(VmObject));
}

TEST_F(ConstEvalTest, ArraysHoldTheirElements) {
  const uint32_t bytes = add_array(ValType::i8);
  const uint32_t longs = add_array(ValType::i64);
  const uint32_t references = add_array(kAnyRef);
  add_global("new", code(i32_const, 0x17f, i32_const, 5, array_new, bytes));
  add_global("default", code(i32_const, 3, array_new_default, longs));
  add_global("fixed", code(i64_const, int64_t{1}, i64_const, int64_t{-2}, i64_const, int64_t{3},
                           array_new_fixed, longs, 3u));
  add_global("empty", code(array_new_fixed, longs, 0u));
  add_global("nested", code(i32_const, 1, array_new_default, bytes, ref_null, kNoneByte, global_get,
                            0u, array_new_fixed, references, 3u));
  const Instance& instance = instantiate();

  const VmObject* const made = object(instance, "new", bytes);
  EXPECT_EQ(made->length, 5u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(field<uint8_t>(made, 8 + i), 0x7f);
  EXPECT_EQ(field<uint8_t>(made, 13), 0);
  const VmObject* const zero = object(instance, "default", longs);
  EXPECT_EQ(zero->length, 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(field<int64_t>(zero, 8 + 8 * i), 0);
  const VmObject* const fixed = object(instance, "fixed", longs);
  EXPECT_EQ(fixed->length, 3u);
  EXPECT_EQ(field<int64_t>(fixed, 8), 1);
  EXPECT_EQ(field<int64_t>(fixed, 16), -2);
  EXPECT_EQ(field<int64_t>(fixed, 24), 3);
  EXPECT_EQ(object(instance, "empty", longs)->length, 0u);
  const VmObject* const nested = object(instance, "nested", references);
  EXPECT_TRUE(is_object(field<uint64_t>(nested, 8)));
  EXPECT_EQ(field<uint64_t>(nested, 16), 0u);
  EXPECT_EQ(field<uint64_t>(nested, 24), reinterpret_cast<uintptr_t>(made));
}

TEST_F(ConstEvalTest, TablesAndSegmentsHoldObjects) {
  const uint32_t type = add_array(ValType::i32);
  ConstExpr expr;
  expr.kind = ConstExpr::Kind::bytes;
  expr.code = code(i32_const, 2, array_new_default, type, end);
  TableDecl table;
  table.type.element = ValType::ref(AbstractHeapType::array, true);
  table.type.limits.min = 4;
  table.init = expr;
  module_.info.tables.push_back(table);
  module_.add_export("t", ExternKind::table, 0);
  ElemSegment segment;
  segment.type = table.type.element;
  segment.offset.bits = 2;
  segment.exprs = {expr, expr};
  module_.info.elems.push_back(segment);
  const Table& made = *instantiate().table("t");
  EXPECT_TRUE(is_object(made.get(0)));
  EXPECT_EQ(made.get(0), made.get(1));  // one evaluation fills the table
  EXPECT_TRUE(is_object(made.get(2)));
  EXPECT_TRUE(is_object(made.get(3)));
  EXPECT_NE(made.get(2), made.get(3));
  EXPECT_NE(made.get(2), made.get(0));
}

TEST_F(ConstEvalTest, ObjectsOfAllSizesLieApart) {
  Heap heap(1 << 24);
  std::vector<std::pair<VmObject*, uint32_t>> all;
  for (uint32_t length = 1; length < 100'000; length = length * 3 / 2 + 1) {
    for (int i = 0; i < 5; ++i) {
      VmObject* const made = heap.make_array(TypeId{length}, ValType::i8, length).value();
      EXPECT_EQ(reinterpret_cast<uintptr_t>(made) % kVmObjectAlignment, 0u);
      for (uint32_t at = 0; at < length; ++at) {
        ASSERT_EQ(field<uint8_t>(made, kVmObjectFields + at), 0);
      }
      std::memset(reinterpret_cast<uint8_t*>(made) + kVmObjectFields, static_cast<int>(all.size()),
                  length);
      all.emplace_back(made, length);
    }
  }
  for (size_t i = 0; i < all.size(); ++i) {
    const auto [made, length] = all[i];
    EXPECT_EQ(made->type_id, length);
    EXPECT_EQ(made->length, length);
    for (uint32_t at = 0; at < length; ++at) {
      ASSERT_EQ(field<uint8_t>(made, kVmObjectFields + at), static_cast<uint8_t>(i));
    }
  }
}

class SmallHeapTest : public ConstEvalTest {
 protected:
  SmallHeapTest() : ConstEvalTest(config()) {}
  static EngineConfig config() {
    EngineConfig config;
    config.max_heap_bytes = 1000;
    return config;
  }
};

TEST_F(SmallHeapTest, RefusesMoreThanTheEngineAllows) {
  const uint32_t type = add_array(ValType::v128);
  add_global("g", code(i32_const, -1, array_new_default, type));  // 64 GiB
  const Instantiation outcome = store_.instantiate(module_.build(), {});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::limit_exceeded);
  EXPECT_EQ(outcome.error->message, "objects take more memory than this engine allows");
  EXPECT_EQ(outcome.instance, nullptr);
}

TEST_F(SmallHeapTest, AllObjectsOfAStoreCount) {
  Heap& heap = store_.heap();
  EXPECT_TRUE(heap.make_array(TypeId{0}, ValType::i8, 491).ok());   // 504 bytes
  EXPECT_FALSE(heap.make_array(TypeId{0}, ValType::i8, 489).ok());  // 504 bytes
  EXPECT_TRUE(heap.make_array(TypeId{0}, ValType::i8, 488).ok());   // 496 bytes
  EXPECT_FALSE(heap.make_struct(TypeId{0}, StructLayout()).ok());
}

}  // namespace
}  // namespace swoop
