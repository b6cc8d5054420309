#include "wasm/type_registry.h"

#include "wasm/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace swoop {
namespace {

using Heap = AbstractHeapType;

ValType rec(uint32_t position) {
  return ValType::ref(HeapType::rec_relative(position), true);
}
ValType ref(TypeId id, bool nullable = false) {
  return ValType::ref(HeapType(id), nullable);
}
ValType ref(Heap type, bool nullable = false) {
  return ValType::ref(type, nullable);
}

SubType func(std::vector<ValType> params, std::vector<ValType> results = {}) {
  SubType type;
  type.composite.func = {std::move(params), std::move(results)};
  return type;
}
SubType structure(std::vector<FieldType> fields) {
  SubType type;
  type.composite.kind = CompositeType::Kind::struct_;
  type.composite.fields = std::move(fields);
  return type;
}
SubType array(FieldType field) {
  SubType type = structure({field});
  type.composite.kind = CompositeType::Kind::array;
  return type;
}
SubType open(SubType type) {
  type.is_final = false;
  return type;
}
SubType below(HeapType super, SubType type) {
  type.supertype = super;
  return open(std::move(type));
}

class TypeRegistryTest : public testing::Test {
 protected:
  TypeId intern(std::vector<SubType> group) { return types.intern(group).value(); }
  TypeId intern(SubType type) { return intern(std::vector{std::move(type)}); }
  static TypeId next(TypeId id, uint32_t n = 1) { return TypeId(static_cast<uint32_t>(id) + n); }

  TypeRegistry types;
};

TEST_F(TypeRegistryTest, GivesEqualGroupsTheSameIds) {
  const TypeId a = intern(func({ValType::i32}, {ValType::i64}));
  EXPECT_EQ(intern(func({ValType::i32}, {ValType::i64})), a);
  EXPECT_EQ(types.intern(FuncType{{ValType::i32}, {ValType::i64}}).value(), a);
  EXPECT_NE(intern(func({ValType::i32, ValType::i64})), a);
  EXPECT_NE(intern(func({}, {ValType::i32, ValType::i64})), a);
  EXPECT_NE(intern(open(func({ValType::i32}, {ValType::i64}))), a);
  EXPECT_NE(intern(structure({{ValType::i32, false}})), intern(structure({{ValType::i32, true}})));
  EXPECT_NE(intern(structure({{ValType::i8, false}})), intern(array({ValType::i8, false})));
  EXPECT_NE(intern({func({}), func({})}), intern(func({})));
}

TEST_F(TypeRegistryTest, ComparesRecursiveGroupsByPosition) {
  const TypeId pair = intern({func({rec(0)}), func({rec(0), rec(1)})});
  EXPECT_EQ(intern({func({rec(0)}), func({rec(0), rec(1)})}), pair);
  EXPECT_NE(intern({func({rec(1)}), func({rec(0), rec(1)})}), pair);
  EXPECT_EQ(types.func_type(next(pair)).params[1], ref(next(pair), true));

  // The same graph written with a reference to the group from outside is another type.
  const TypeId self = intern(func({rec(0)}));
  const TypeId outside = intern(func({ref(self, true)}));
  EXPECT_NE(outside, self);
  EXPECT_EQ(intern(func({ref(self, true)})), outside);
  EXPECT_EQ(types.func_type(outside).params[0], types.func_type(self).params[0]);
}

TEST_F(TypeRegistryTest, KeepsReferencesWhileItGrows) {
  const TypeId first = intern(func({ValType::f64}));
  const FuncType* const address = &types.func_type(first);
  std::vector<ValType> params;
  std::vector<TypeId> ids;
  for (int i = 0; i < 1000; ++i) {
    params.push_back(ValType::i32);
    ids.push_back(intern(func(params)));
  }
  EXPECT_EQ(&types.func_type(first), address);
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(types.func_type(ids[i]).params.size(), i + 1);
}

TEST_F(TypeRegistryTest, FollowsDeclaredSupertypesOnly) {
  const TypeId a = intern(open(structure({{ValType::i32, false}})));
  const TypeId b = intern(below(a, structure({{ValType::i32, false}})));
  const TypeId c = intern(below(b, structure({{ValType::i32, false}})));
  const TypeId sibling =
      intern(below(a, structure({{ValType::i32, false}, {ValType::i64, false}})));
  EXPECT_THAT(types[c].supertypes, testing::ElementsAre(a, b, c));
  EXPECT_TRUE(types.is_subtype(c, a));
  EXPECT_TRUE(types.is_subtype(c, b));
  EXPECT_TRUE(types.is_subtype(c, c));
  EXPECT_FALSE(types.is_subtype(a, c));
  EXPECT_FALSE(types.is_subtype(sibling, b));
  EXPECT_FALSE(types.is_subtype(c, sibling));

  const TypeId group = intern({open(func({})), below(HeapType::rec_relative(0), func({}))});
  EXPECT_TRUE(types.is_subtype(next(group), group));
  EXPECT_FALSE(types.is_subtype(group, next(group)));
}

TEST_F(TypeRegistryTest, LimitsTheDepthOfSubtyping) {
  TypeId type = intern(open(func({})));
  for (uint32_t i = 0; i < limits::kMaxSubtypingDepth; ++i) type = intern(below(type, func({})));
  EXPECT_EQ(types[type].supertypes.size(), limits::kMaxSubtypingDepth + 1);
  const SubType too_deep[] = {below(type, func({}))};
  const auto result = types.intern(too_deep);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::limit_exceeded);
  EXPECT_TRUE(types.intern(FuncType{{ValType::v128}, {}}).ok());
}

// Spec: valid/matching#heap-types, the whole relation.
TEST_F(TypeRegistryTest, OrdersHeapTypes) {
  const HeapType func_type = intern(func({}));
  const HeapType struct_type = intern(structure({}));
  const HeapType array_type = intern(array({ValType::i32, true}));
  const std::vector<std::pair<HeapType, std::vector<HeapType>>> supers = {
      {Heap::any, {}},
      {Heap::eq, {Heap::any}},
      {Heap::i31, {Heap::eq, Heap::any}},
      {Heap::struct_, {Heap::eq, Heap::any}},
      {Heap::array, {Heap::eq, Heap::any}},
      {struct_type, {Heap::struct_, Heap::eq, Heap::any}},
      {array_type, {Heap::array, Heap::eq, Heap::any}},
      {Heap::none,
       {struct_type, array_type, Heap::i31, Heap::struct_, Heap::array, Heap::eq, Heap::any}},
      {Heap::func, {}},
      {func_type, {Heap::func}},
      {Heap::nofunc, {func_type, Heap::func}},
      {Heap::extern_, {}},
      {Heap::noextern, {Heap::extern_}},
      {Heap::exn, {}},
      {Heap::noexn, {Heap::exn}},
  };
  for (const auto& [sub, above] : supers) {
    for (const auto& [super, unused] : supers) {
      const bool expected = sub == super || std::ranges::count(above, super) != 0;
      EXPECT_EQ(types.is_subtype(sub, super), expected)
          << types.to_string(ValType::ref(sub, false))
          << " <: " << types.to_string(ValType::ref(super, false));
    }
    EXPECT_TRUE(types.is_subtype(HeapType(Heap::bot), sub));
    EXPECT_FALSE(types.is_subtype(sub, HeapType(Heap::bot)));
  }
}

TEST_F(TypeRegistryTest, OrdersValueTypes) {
  EXPECT_TRUE(types.is_subtype(ref(Heap::func), ValType::funcref));
  EXPECT_FALSE(types.is_subtype(ValType::funcref, ref(Heap::func)));
  EXPECT_TRUE(types.is_subtype(ref(Heap::none, true), ref(Heap::any, true)));
  EXPECT_FALSE(types.is_subtype(ValType::funcref, ValType::externref));
  EXPECT_FALSE(types.is_subtype(ValType::i32, ValType::i64));
  EXPECT_FALSE(types.is_subtype(ValType::i32, ValType::funcref));
  EXPECT_FALSE(types.is_subtype(ValType::funcref, ValType::i32));
  EXPECT_TRUE(types.is_subtype(ValType::bot, ValType::v128));
  EXPECT_TRUE(types.is_subtype(ValType::bot, ref(Heap::i31)));
}

TEST_F(TypeRegistryTest, SpellsTypesAsTheTextFormat) {
  EXPECT_EQ(types.to_string(ValType::v128), "v128");
  EXPECT_EQ(types.to_string(ValType::i16), "i16");
  EXPECT_EQ(types.to_string(ValType::funcref), "funcref");
  EXPECT_EQ(types.to_string(ref(Heap::none, true)), "nullref");
  EXPECT_EQ(types.to_string(ref(Heap::struct_)), "(ref struct)");
  EXPECT_EQ(types.to_string(ref(TypeId(7), true)), "(ref null 7)");
  EXPECT_EQ(types.to_string(ref(TypeId(7))), "(ref 7)");
}

TEST_F(TypeRegistryTest, ServesThreadsThatReadWhileOthersIntern) {
  constexpr int kThreads = 4;
  constexpr uint32_t kTypes = 300;
  std::vector<std::vector<TypeId>> ids(kThreads);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::vector<ValType> params;
      for (uint32_t i = 0; i < kTypes; ++i) {
        params.push_back(ValType::i64);
        const TypeId id = types.intern(FuncType{params, {}}).value();
        ids[static_cast<size_t>(t)].push_back(id);
        if (types.func_type(id).params.size() != i + 1) ++wrong;
        if (!types.is_subtype(HeapType(id), HeapType(Heap::func))) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  for (const auto& other : ids) EXPECT_EQ(other, ids[0]);
}

}  // namespace
}  // namespace swoop
