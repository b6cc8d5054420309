// Instances that lie where others were, and references of functions that are made on demand.
#include "runtime/instance_block.h"

#include "runtime/linker.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <string>

namespace swoop {
namespace {

class InstanceBlockTest : public testing::Test {
 protected:
  std::shared_ptr<const Module> compile(std::string_view text) const {
    Result<std::shared_ptr<const Module>> module = Module::compile(engine_, wat(text));
    if (!module.ok()) ADD_FAILURE() << module.error().message;
    CHECK(module.ok());
    return *module;
  }
  static int32_t call(const Instance& instance, std::string_view name) {
    const CallResult result = instance.func(name).call({});
    CHECK(result.ok());
    return static_cast<int32_t>(result.values[0].low);
  }

  std::shared_ptr<Engine> engine_ = Engine::create().value();
};

TEST_F(InstanceBlockTest, ARecycledOneBelongsToItsNewInstance) {
  const auto module = compile(R"((module
    (import "env" "f" (func $imported (result i32)))
    (type $t (func (result i32)))
    (table 3 funcref)
    (elem (i32.const 0) func $imported $own)
    (global $g (mut i32) (i32.const 5))
    (func $own (result i32)
      (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))
    (func (export "table") (result i32)
      (i32.add (i32.mul (i32.const 1000) (call_indirect (type $t) (i32.const 0)))
               (call_indirect (type $t) (i32.const 1))))
    (func (export "direct") (result i32) (call $imported))
    (func (export "reference") (result i32)
      (table.set (i32.const 2) (ref.func $imported)) (call_indirect (type $t) (i32.const 2)))
    (func (export "own") (result i32)
      (table.set (i32.const 2) (ref.func $own)) (call_indirect (type $t) (i32.const 2)))))");
  const FuncType type{{}, {ValType::i32}};
  VmContext* place = nullptr;
  for (int32_t i = 1; i <= 3; ++i) {
    Store store(engine_);
    Linker linker(store);
    ASSERT_TRUE(linker
                    .define_func("env", "f", type,
                                 [i](Caller&, std::span<Value> values) {
                                   values[0] = Value::i32(i);
                                   return HostResult();
                                 })
                    .ok());
    const Instance& instance = *linker.instantiate(module).instance;
    if (place == nullptr) place = instance.context();
    EXPECT_EQ(instance.context(), place) << "it was not recycled";
    EXPECT_EQ(call(instance, "table"), i * 1000 + 6);
    EXPECT_EQ(call(instance, "direct"), i);
    EXPECT_EQ(call(instance, "reference"), i);
    EXPECT_EQ(call(instance, "own"), 7);
  }
}

TEST_F(InstanceBlockTest, EveryFunctionHasOneReference) {
  const auto module = compile(R"((module
    (func (export "a") (result i32) (i32.const 1)) (func (result i32) (i32.const 2))))");
  Store store(engine_);
  const Instance& instance = *Linker(store).instantiate(module).instance;
  VmFuncRef* const undeclared = instance.func_ref(FuncIdx(1));
  EXPECT_EQ(instance.func_ref(FuncIdx(1)), undeclared);
  EXPECT_NE(instance.func_ref(FuncIdx(0)), undeclared);
  EXPECT_EQ(store.func(undeclared).call({}).values[0].low, 2u);
  EXPECT_EQ(instance.func("a"), store.func(instance.func_ref(FuncIdx(0))));
}

TEST_F(InstanceBlockTest, ManyFunctionsAreReferredToAsWell) {
  constexpr uint32_t kFuncs = 50'000;
  std::string text = "(module (table 1 funcref) (elem (i32.const 0) func 49999)";
  for (uint32_t i = 0; i < kFuncs; ++i) text += "(func (result i32) (i32.const 7))";
  text += "(func (export \"call\") (result i32) (call_indirect (result i32) (i32.const 0))))";
  const auto module = compile(text);
  EXPECT_EQ(module->declared_funcs().size(), 2u);
  for (int i = 0; i < 3; ++i) {
    Store store(engine_);
    const Instance& instance = *Linker(store).instantiate(module).instance;
    EXPECT_EQ(call(instance, "call"), 7);
    EXPECT_EQ(store.func(instance.func_ref(FuncIdx(123))).call({}).values[0].low, 7u);
  }
}

TEST_F(InstanceBlockTest, LivingInstancesHaveTheirOwn) {
  const auto module = compile(R"((module (global (mut i32) (i32.const 0))
    (func (export "next") (result i32)
      (global.set 0 (i32.add (global.get 0) (i32.const 1))) (global.get 0))))");
  Store store(engine_);
  Linker linker(store);
  const Instance& first = *linker.instantiate(module).instance;
  EXPECT_EQ(call(first, "next"), 1);
  const Instance& second = *linker.instantiate(module).instance;
  EXPECT_EQ(call(second, "next"), 1);
  EXPECT_EQ(call(first, "next"), 2);
}

}  // namespace
}  // namespace swoop
