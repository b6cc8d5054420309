// Each limit of a store is the reason for one refusal, which names it, and for no other.
#include "runtime/store_limits.h"

#include "runtime/linker.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace swoop {
namespace {

constexpr uint64_t kPage = 65536;

class StoreLimitsTest : public testing::TestWithParam<jit::BoundsMode> {
 protected:
  static std::shared_ptr<Engine> make_engine() {
    EngineConfig config;
    config.target.bounds = GetParam();
    config.max_table_elements = 1000;
    return Engine::create(config).value();
  }
  std::shared_ptr<const Module> compile(const char* text) {
    return Module::compile(engine_, wat(text)).value();
  }
  static std::string refusal(Store& store, const std::shared_ptr<const Module>& module) {
    const Instantiation outcome = Linker(store).instantiate(module);
    if (!outcome.error) return outcome.instance != nullptr ? "made" : "trap";
    EXPECT_EQ(outcome.error->kind, ErrorKind::limit_exceeded);
    return outcome.error->message;
  }
  template <class T>
  static std::string refusal(const Result<T>& made) {
    if (made.ok()) return "made";
    EXPECT_EQ(made.error().kind, ErrorKind::limit_exceeded);
    return made.error().message;
  }
  static int32_t call(const Instance& instance, const char* name, uint64_t argument) {
    return static_cast<int32_t>(
        instance.func(name).call(std::vector{Value{argument, 0}}).values[0].low);
  }
  static MemoryType pages(uint64_t count) {
    MemoryType type;
    type.limits.min = count;
    return type;
  }
  static TableType elements(uint64_t count) {
    TableType type;
    type.element = ValType::funcref;
    type.limits.min = count;
    return type;
  }

  std::shared_ptr<Engine> engine_ = make_engine();
};

TEST_P(StoreLimitsTest, OfBytesHoldForAllMemoriesTogether) {
  StoreLimits limits;
  limits.memory_bytes = 5 * kPage;
  Store store(engine_, limits);
  EXPECT_EQ(refusal(store.make_memory(pages(2))), "made");
  const std::shared_ptr<const Module> module = compile(R"((module (memory 1 100)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))))");
  const Instance* const instance = Linker(store).instantiate(module).instance;
  ASSERT_NE(instance, nullptr);
  EXPECT_EQ(call(*instance, "grow", 3), -1);
  EXPECT_EQ(call(*instance, "grow", 1), 1);
  const std::string named = "the store's limit of 327680 memory_bytes is exceeded";
  EXPECT_EQ(refusal(store.make_memory(pages(2))), named);
  EXPECT_EQ(refusal(store.make_memory(pages(1))), "made");
  EXPECT_EQ(refusal(store, module), named);
  EXPECT_EQ(call(*instance, "grow", 1), -1);
  EXPECT_EQ(call(*instance, "grow", 0), 2);
  Store other(engine_, limits);
  EXPECT_EQ(refusal(other.make_memory(pages(5))), "made") << "each store has its own";
}

TEST_P(StoreLimitsTest, OfElementsHoldForAllTablesTogether) {
  StoreLimits limits;
  limits.table_elements = 20;
  Store store(engine_, limits);
  EXPECT_EQ(refusal(store.make_table(elements(8), 0)), "made");
  const std::shared_ptr<const Module> module = compile(R"((module (table 5 funcref)
    (func (export "grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))))");
  const Instance* const instance = Linker(store).instantiate(module).instance;
  ASSERT_NE(instance, nullptr);
  EXPECT_EQ(call(*instance, "grow", 8), -1);
  EXPECT_EQ(call(*instance, "grow", 7), 5);
  const std::string named = "the store's limit of 20 table_elements is exceeded";
  EXPECT_EQ(refusal(store.make_table(elements(1), 0)), named);
  EXPECT_EQ(refusal(store, module), named);
}

TEST_P(StoreLimitsTest, OfTheEngineStay) {
  Store store(engine_);
  EXPECT_EQ(refusal(store.make_table(elements(1001), 0)),
            "table of 1001 elements is larger than the engine's limit of 1000");
  EXPECT_EQ(refusal(store.make_table(elements(1000), 0)), "made");
  EXPECT_EQ(refusal(store.make_table(elements(1000), 0)), "made");
  EXPECT_EQ(refusal(store.make_table(elements(1), 0)),
            "the store's limit of 2000 table_elements is exceeded");
}

TEST_P(StoreLimitsTest, CountInstancesMemoriesAndTables) {
  StoreLimits limits;
  limits.instances = 2;
  Store instances(engine_, limits);
  const std::shared_ptr<const Module> module = compile("(module (memory 1) (table 1 funcref))");
  EXPECT_EQ(refusal(instances, module), "made");
  EXPECT_EQ(refusal(instances, module), "made");
  EXPECT_EQ(refusal(instances, module), "the store's limit of 2 instances is exceeded");

  limits = {};
  limits.memories = 2;
  Store memories(engine_, limits);
  EXPECT_EQ(refusal(memories.make_memory(pages(0))), "made");
  EXPECT_EQ(refusal(memories, module), "made");
  EXPECT_EQ(refusal(memories.make_memory(pages(0))), "the store's limit of 2 memories is exceeded");
  EXPECT_EQ(refusal(memories, module), "the store's limit of 2 memories is exceeded");
  EXPECT_EQ(refusal(memories.make_table(elements(1), 0)), "made");

  limits = {};
  limits.tables = 1;
  Store tables(engine_, limits);
  EXPECT_EQ(refusal(tables, module), "made");
  EXPECT_EQ(refusal(tables, module), "the store's limit of 1 tables is exceeded");
  EXPECT_EQ(refusal(tables.make_memory(pages(1))), "made");
}

// What is refused for another reason takes nothing of the budget.
TEST_P(StoreLimitsTest, AreNotUsedUpByWhatIsRefused) {
  StoreLimits limits;
  limits.memory_bytes = 3 * kPage;
  limits.memories = 1;
  limits.tables = 1;
  Store store(engine_, limits);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(refusal(store.make_memory(pages(4))), "made");
    EXPECT_NE(refusal(store.make_table(elements(1001), 0)), "made");
  }
  MemoryType type = pages(1);
  type.limits.max = 2;
  Memory* const memory = store.make_memory(type).value();
  EXPECT_FALSE(memory->grow(2));
  EXPECT_FALSE(memory->grow(uint64_t{1} << 60));
  EXPECT_EQ(memory->grow(1), 1u);
  EXPECT_EQ(refusal(store.make_table(elements(1), 0)), "made");
}

INSTANTIATE_TEST_SUITE_P(Bounds, StoreLimitsTest,
                         testing::Values(jit::BoundsMode::guard, jit::BoundsMode::explicit_),
                         [](const auto& of) {
                           return of.param == jit::BoundsMode::guard ? "guard" : "explicit";
                         });

}  // namespace
}  // namespace swoop
