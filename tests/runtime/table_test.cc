#include "runtime/table.h"

#include <gtest/gtest.h>

namespace swoop {
namespace {

TableType table_type(ValType element, uint64_t min, std::optional<uint64_t> max = std::nullopt) {
  TableType type;
  type.element = element;
  type.limits = {min, max};
  return type;
}

class TableTest : public testing::Test {
 protected:
  std::unique_ptr<Table> make(const TableType& type, uint64_t init = 0, uint64_t limit = 1000) {
    Result<std::unique_ptr<Table>> table = Table::create(types_, type, init, limit, budget_);
    return table.ok() ? std::move(table).value() : nullptr;
  }

  TypeRegistry types_;
  Budget budget_{2000};
};

TEST_F(TableTest, NullEntriesOfFunctionsHaveNoType) {
  const auto table = make(table_type(ValType::funcref, 3));
  VmSpan mirror;
  table->add_mirror(&mirror);
  const auto* const entries = static_cast<const VmFuncRef*>(mirror.base);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(entries[i].type_id, kNullTypeId);
    EXPECT_EQ(entries[i].code, nullptr);
    EXPECT_EQ(entries[i].self, nullptr);
  }
  EXPECT_EQ(mirror.size, 3u);
}

TEST_F(TableTest, EntriesOfFunctionsHoldTheWholeReference) {
  VmFuncRef function;
  function.code = &function;
  function.type_id = 5;
  function.self = &function;
  const auto table = make(table_type(ValType::funcref, 3));
  table->set(1, reinterpret_cast<uintptr_t>(&function));
  VmSpan mirror;
  table->add_mirror(&mirror);
  EXPECT_EQ(static_cast<const VmFuncRef*>(mirror.base)[1].type_id, 5u);
  EXPECT_EQ(static_cast<const VmFuncRef*>(mirror.base)[1].code, &function);
  EXPECT_EQ(table->get(1), reinterpret_cast<uintptr_t>(&function));
  EXPECT_EQ(table->get(0), 0u);
  table->set(1, 0);
  EXPECT_EQ(table->get(1), 0u);
}

TEST_F(TableTest, HasNoMoreElementsThanItsAddressesReach) {
  Budget budget(UINT64_MAX);
  TableType type = table_type(ValType::externref, 1);
  const auto of_32 = Table::create(types_, type, 0, UINT64_MAX / 2, budget).value();
  EXPECT_TRUE(of_32->may_grow(UINT32_MAX - 1));
  EXPECT_FALSE(of_32->may_grow(UINT32_MAX));
  type.address_type = AddressType::i64;
  const auto of_64 = Table::create(types_, type, 0, UINT64_MAX / 2, budget).value();
  EXPECT_TRUE(of_64->may_grow(UINT32_MAX));
}

TEST_F(TableTest, OtherReferencesTakeOneWord) {
  const auto table = make(table_type(ValType::externref, 4), 77);
  EXPECT_FALSE(table->holds_functions());
  VmSpan mirror;
  table->add_mirror(&mirror);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(static_cast<const uint64_t*>(mirror.base)[i], 77u);
}

TEST_F(TableTest, ConcreteFunctionTypesAreFunctions) {
  const TypeId id = types_.intern(FuncType{}).value();
  EXPECT_TRUE(make(table_type(ValType::ref(id, true), 1))->holds_functions());
  EXPECT_TRUE(make(table_type(ValType::ref(AbstractHeapType::nofunc, true), 1))->holds_functions());
  EXPECT_FALSE(make(table_type(ValType::ref(AbstractHeapType::any, true), 1))->holds_functions());
}

TEST_F(TableTest, GrowsUpToItsMaximumAndUpdatesMirrors) {
  const auto table = make(table_type(ValType::externref, 1, 10), 1);
  VmSpan mirror;
  table->add_mirror(&mirror);
  EXPECT_EQ(table->grow(10, 2), std::nullopt);
  EXPECT_EQ(table->grow(UINT64_MAX, 2), std::nullopt);
  EXPECT_EQ(table->grow(3, 2), 1u);
  EXPECT_EQ(table->grow(6, 3), 4u);
  EXPECT_EQ(mirror.size, 10u);
  const auto* const entries = static_cast<const uint64_t*>(mirror.base);
  const uint64_t expected[] = {1, 2, 2, 2, 3, 3, 3, 3, 3, 3};
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(entries[i], expected[i]);
  EXPECT_EQ(table->grow(1, 0), std::nullopt);
  EXPECT_EQ(table->grow(0, 0), 10u);
}

TEST_F(TableTest, GrowingOneByOneIsLinear) {
  budget_.give_back(1'000'000);
  const auto table = make(table_type(ValType::funcref, 0), 0, 1'000'000);
  for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(table->grow(1, 0).has_value());
  EXPECT_EQ(table->grow(1, 0), std::nullopt);
}

TEST_F(TableTest, TheBudgetOfTheStoreIsSharedAndGivenBack) {
  auto first = make(table_type(ValType::externref, 1000));
  const auto second = make(table_type(ValType::externref, 900));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(make(table_type(ValType::externref, 101)), nullptr);
  EXPECT_EQ(second->grow(101, 0), std::nullopt);
  EXPECT_EQ(second->grow(100, 0), 900u);
  first.reset();
  EXPECT_NE(make(table_type(ValType::externref, 1000)), nullptr);
}

TEST_F(TableTest, RefusesMoreThanTheEngineAllows) {
  const Result<std::unique_ptr<Table>> table =
      Table::create(types_, table_type(ValType::externref, 1001), 0, 1000, budget_);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().kind, ErrorKind::limit_exceeded);
}

TEST_F(TableTest, CopiesWithinItself) {
  const auto table = make(table_type(ValType::externref, 6));
  for (uint64_t i = 0; i < 6; ++i) table->set(i, i + 1);
  Table::copy(*table, 1, *table, 0, 5);
  const uint64_t expected[] = {1, 1, 2, 3, 4, 5};
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(table->get(i), expected[i]);
}

TEST_F(TableTest, ContainsDoesNotWrap) {
  const auto table = make(table_type(ValType::externref, 6));
  EXPECT_TRUE(table->contains(6, 0));
  EXPECT_FALSE(table->contains(7, 0));
  EXPECT_FALSE(table->contains(1, UINT64_MAX));
  EXPECT_FALSE(table->contains(UINT64_MAX, 2));
}

}  // namespace
}  // namespace swoop
