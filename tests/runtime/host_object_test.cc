#include "runtime/host_object.h"

#include "runtime/linker.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace swoop {
namespace {

struct Counted final : HostObject {
  explicit Counted(int& dropped) : HostObject(&Counted::drop), num_dropped(dropped) {}
  static void drop(HostObject* object) {
    auto* const counted = static_cast<Counted*>(object);
    ++counted->num_dropped;
    delete counted;
  }
  int& num_dropped;
};

class HostObjectTest : public testing::Test {
 protected:
  std::shared_ptr<Engine> engine_ = Engine::create().value();
  int num_dropped_ = 0;
};

TEST_F(HostObjectTest, EndsWithItsLastReference) {
  auto* const object = new Counted(num_dropped_);
  EXPECT_EQ(object->num_references(), 1u);
  object->retain();
  EXPECT_EQ(object->num_references(), 2u);
  object->release();
  EXPECT_EQ(num_dropped_, 0);
  object->release();
  EXPECT_EQ(num_dropped_, 1);
}

TEST_F(HostObjectTest, IsKeptOnceByEachStore) {
  auto* const object = new Counted(num_dropped_);
  {
    Store first(engine_);
    Store second(engine_);
    const Value value = first.retain_host_object(*object);
    EXPECT_EQ(object->num_references(), 2u);
    EXPECT_EQ(first.retain_host_object(*object).low, value.low) << "it lost its identity";
    EXPECT_EQ(object->num_references(), 2u);
    EXPECT_EQ(second.retain_host_object(*object).low, value.low);
    EXPECT_EQ(object->num_references(), 3u);
    object->release();
    EXPECT_EQ(num_dropped_, 0);
    EXPECT_EQ(first.find_host_object(value), object);
  }
  EXPECT_EQ(num_dropped_, 1);
}

TEST_F(HostObjectTest, IsFoundByItsReferenceAlone) {
  Store store(engine_);
  Store other(engine_);
  auto* const known = new Counted(num_dropped_);
  auto* const unknown = new Counted(num_dropped_);
  const Value value = store.retain_host_object(*known);
  EXPECT_EQ(store.find_host_object(value), known);
  EXPECT_EQ(other.find_host_object(value), nullptr) << "of another store";
  EXPECT_EQ(store.find_host_object(Value()), nullptr);
  EXPECT_EQ(store.find_host_object({host_reference(5), 0}), nullptr);
  EXPECT_EQ(store.find_host_object({i31_reference(5), 0}), nullptr);
  EXPECT_EQ(store.find_host_object(other.retain_host_object(*unknown)), nullptr);
  EXPECT_EQ(store.find_host_object({reinterpret_cast<uintptr_t>(known), 0}), nullptr)
      << "a pointer is no reference of the host";
  known->release();
  unknown->release();
}

TEST_F(HostObjectTest, StaysTheSameThroughWasm) {
  const std::shared_ptr<const Module> module = Module::compile(engine_, wat(R"((module
    (import "host" "seen" (func $seen (param externref)))
    (table $t 4 externref) (global $g (mut externref) (ref.null extern))
    (func (export "keep") (param externref)
      (table.set $t (i32.const 2) (local.get 0)) (global.set $g (local.get 0)))
    (func (export "give") (result externref externref) (call $seen (global.get $g))
      (table.get $t (i32.const 2)) (global.get $g))))"))
                                                   .value();
  auto* const object = new Counted(num_dropped_);
  {
    Store store(engine_);
    std::vector<HostObject*> seen;
    Linker linker(store);
    const FuncType type{{ValType::externref}, {}};
    ASSERT_TRUE(linker.define_func("host", "seen", type, [&](Caller&, std::span<Value> values) {
      seen.push_back(store.find_host_object(values[0]));
      return HostResult();
    }));
    const Instance* const instance = linker.instantiate(module).instance;
    ASSERT_NE(instance, nullptr);
    const Value value = store.retain_host_object(*object);
    object->release();
    ASSERT_TRUE(instance->func("keep").call(std::vector{value}).ok());
    const CallResult given = instance->func("give").call({});
    ASSERT_TRUE(given.ok());
    EXPECT_EQ(store.find_host_object(given.values[0]), object);
    EXPECT_EQ(store.find_host_object(given.values[1]), object);
    EXPECT_EQ(seen, std::vector<HostObject*>{object});
    EXPECT_EQ(object->num_references(), 1u) << "the store alone has it";
  }
  EXPECT_EQ(num_dropped_, 1);
}

TEST_F(HostObjectTest, IsSharedByThreads) {
  auto* const object = new Counted(num_dropped_);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, object] {
      for (int i = 0; i < 100; ++i) {
        Store store(engine_);
        EXPECT_EQ(store.find_host_object(store.retain_host_object(*object)), object);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(object->num_references(), 1u);
  object->release();
  EXPECT_EQ(num_dropped_, 1);
}

}  // namespace
}  // namespace swoop
