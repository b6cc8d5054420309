// The thunks alone: functions by the wasm convention are assembled here by hand.
#include "jit/thunks.h"

#include "platform/code_memory.h"
#include "tests/jit/host_assembler.h"
#include "tests/support/machine_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <random>
#include <span>
#include <tuple>

namespace swoop::jit {
namespace {

using host_isa::EntryFrame;
using host_isa::make_core_thunks;
using host_isa::make_entry_thunk;
using host_isa::make_host_thunk;
using Asm = HostAssembler;

class ThunksTest;
ThunksTest* g_test = nullptr;

BuiltinResult sum_builtin(VmContext*, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e) {
  return builtin_value(a + 2 * b + 3 * c + 4 * d + 5 * e);
}
BuiltinResult trapping_builtin(VmContext*) {
  return builtin_trap(TrapCode::null_reference);
}

constexpr uint64_t kExceptionAddress = 0x1230;
BuiltinResult throwing_builtin(VmContext*) {
  return {kExceptionAddress, kRaiseException};
}

class ThunksTest : public testing::Test {
 protected:
  ThunksTest() {
    g_test = this;
    std::array<const void*, kNumBuiltins> builtins;
    builtins.fill(reinterpret_cast<const void*>(&sum_builtin));
    builtins[1] = reinterpret_cast<const void*>(&trapping_builtin);
    builtins[3] = reinterpret_cast<const void*>(&throwing_builtin);
    const CoreThunks core = make_core_thunks(
        {[](VmStore* store) { g_test->on_trap(store, ~uint64_t{0}); },
         [](VmStore* store, uint64_t code, uint64_t value, UnwindRegisters* registers) {
           g_test->on_trap(store, code);
           return g_test->on_raise_(value, *registers);
         }},
        builtins);
    core_ = publish(core.code);
    landing_ = core_ + core.trap_landing;
    raise_ = core_ + core.raise;
    for (size_t i = 0; i < kNumBuiltins; ++i) builtins_[i] = core_ + core.builtins[i];

    context_.store = &store_;
    context_.builtins = builtins_.data();
    context_.memory0_base = reinterpret_cast<uint8_t*>(0x1234'0000);
    host_.prefix.store = &store_;
    const ArrayHostCode run_body = [](VmHostFunction* self, VmContext* caller,
                                      Value* values) -> NativeResult<void> {
      EXPECT_EQ(self, &g_test->host_);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) % 16, 0u);
      g_test->caller_ = caller;
      const uint64_t status = g_test->host_body_(values);
      clobber_what_cpp_may();
      return {status};
    };
    host_.call = reinterpret_cast<const void*>(run_body);
  }

  const uint8_t* publish(const std::vector<uint8_t>& code) {
    platform::CodeMemory memory = platform::CodeMemory::allocate(code.size()).value();
    std::memcpy(memory.writable().data(), code.data(), code.size());
    CHECK(memory.seal());
    code_.push_back(std::move(memory));
    return code_.back().data();
  }

  const uint8_t* assemble(const std::function<void(Asm&)>& body) {
    Asm a;
    body(a);
    return publish(a.take());
  }

  ArrayEntryThunk entry(const FuncType& type) {
    return reinterpret_cast<ArrayEntryThunk>(
        reinterpret_cast<uintptr_t>(publish(make_entry_thunk(type, CallForm::array))));
  }

  template <class Thunk>
  Thunk native_entry(const FuncType& type) {
    return reinterpret_cast<Thunk>(
        reinterpret_cast<uintptr_t>(publish(make_entry_thunk(type, CallForm::native))));
  }

  VmFuncRef callee(const void* code, VmContext& context) { return {code, &context}; }
  uint64_t call(ArrayEntryThunk thunk, const void* code, VmContext& context, Value* values) {
    VmFuncRef ref = callee(code, context);
    return thunk(&ref, values).status;
  }

  void on_trap(VmStore* store, uint64_t code) {
    EXPECT_EQ(store, &store_);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) % 16, 0u);
    traps_.push_back(code);
  }

  const uint8_t* core_ = nullptr;
  const uint8_t* landing_ = nullptr;
  const uint8_t* raise_ = nullptr;
  std::array<const void*, kNumBuiltins> builtins_ = {};
  std::vector<platform::CodeMemory> code_;
  VmStore store_;
  VmContext context_;
  VmHostFunction host_;
  std::function<uint64_t(Value*)> host_body_;
  VmContext* caller_ = nullptr;
  std::vector<uint64_t> traps_;
  std::function<uint64_t(uint64_t value, UnwindRegisters&)> on_raise_ =
      [](uint64_t, UnwindRegisters&) -> uint64_t { return 0; };
};

// As `call`, and tells whether C++ finds its registers as they were.
bool keeps_cpp_registers(ArrayEntryThunk thunk, VmFuncRef callee, Value* values, uint64_t* status) {
  return swoop::keeps_cpp_registers(reinterpret_cast<const void*>(thunk), &callee, values, status);
}

TEST_F(ThunksTest, PassesArgumentsAndResultsOfEverySignature) {
  std::mt19937_64 random(1);
  constexpr ValType kTypes[] = {ValType::i32,  ValType::i64,     ValType::f32,      ValType::f64,
                                ValType::v128, ValType::funcref, ValType::externref};
  for (int round = 0; round < 400; ++round) {
    FuncType type;
    const size_t limit = round % 10 == 9 ? 1000 : 24;
    for (size_t n = random() % (limit + 1); n > 0; --n) type.params.push_back(kTypes[random() % 7]);
    for (size_t n = random() % (limit + 1); n > 0; --n)
      type.results.push_back(kTypes[random() % 7]);
    const auto clean = [](ValType t, Value v) {
      if (t == ValType::i32 || t == ValType::f32) v.low &= 0xffff'ffff;
      if (t != ValType::v128) v.high = 0;
      return v;
    };
    std::vector<Value> arguments(type.params.size());
    std::vector<Value> results(type.results.size());
    for (Value& value : arguments) value = {random(), random()};
    for (Value& value : results) value = {random(), random()};

    host_body_ = [&](Value* values) -> uint64_t {
      for (size_t i = 0; i < arguments.size(); ++i) {
        EXPECT_EQ(values[i], clean(type.params[i], arguments[i])) << "parameter " << i;
      }
      std::copy(results.begin(), results.end(), values);
      return 0;
    };
    const uint8_t* const code = publish(make_host_thunk(type, CallForm::array, raise_));
    std::vector<Value> values(std::max(arguments.size(), results.size()));
    std::copy(arguments.begin(), arguments.end(), values.begin());
    uint64_t status = 7;
    ASSERT_TRUE(
        keeps_cpp_registers(entry(type), callee(code, host_.prefix), values.data(), &status));
    ASSERT_EQ(status, 0u);
    for (size_t i = 0; i < results.size(); ++i) {
      ASSERT_EQ(values[i], clean(type.results[i], results[i])) << "result " << i;
    }
    ASSERT_EQ(store_.entry_sp, nullptr);
    ASSERT_EQ(caller_, nullptr) << "C++ called";
    code_.resize(1);
  }
}

TEST_F(ThunksTest, SetsTheContextAndTheMemoryBase) {
  const FuncType type = {{}, {ValType::i64, ValType::i64}};
  const uint8_t* const code = assemble([](Asm& a) {
    a.move(Asm::kArgs[0], Asm::kContext);
    a.move(Asm::kArgs[1], Asm::kMemoryBase);
    a.ret();
  });
  Value values[2];
  EXPECT_EQ(call(entry(type), code, context_, values), 0u);
  EXPECT_EQ(values[0].low, reinterpret_cast<uintptr_t>(&context_));
  EXPECT_EQ(values[1].low, 0x1234'0000u);
}

TEST_F(ThunksTest, CleansI32Results) {
  const uint8_t* const code = assemble([](Asm& a) {
    a.set(Asm::kArgs[0], 0x1111'2222'3333'4444);
    a.ret();
  });
  Value value = {1, 2};
  EXPECT_EQ(call(entry({{}, {ValType::i32}}), code, context_, &value), 0u);
  EXPECT_EQ(value, (Value{0x3333'4444, 0}));
}

// C does not say what the upper half of a register holds whose argument or result has 32 bits.
TEST_F(ThunksTest, CleansI32ArgumentsOfNativeCalls) {
  constexpr uint64_t kDirty = 0x1111'1111'0000'0001;
  const std::vector<ValType> eight(8, ValType::i32);
  const uint8_t* const code = assemble([&](Asm& a) {
    const CallLayout layout = host_isa::call_layout({eight, {ValType::i64}});
    for (const ValueLocation& location : std::span(layout.params).subspan(1)) {
      const bool in_register = location.kind == ValueLocation::Kind::gp;
      if (!in_register)
        a.load_stack_argument(Asm::kScratch, static_cast<int32_t>(location.stack_offset));
      a.add(Asm::kArgs[0], in_register ? location.reg : Asm::kScratch);
    }
    a.ret();
  });
  VmFuncRef ref = callee(code, context_);
  using Eight = NativeResult<uint64_t> (*)(VmFuncRef*, uint64_t, uint64_t, uint64_t, uint64_t,
                                           uint64_t, uint64_t, uint64_t, uint64_t);
  const NativeResult<uint64_t> result = native_entry<Eight>({eight, {ValType::i64}})(
      &ref, kDirty, kDirty, kDirty, kDirty, kDirty, kDirty, kDirty, kDirty);
  EXPECT_EQ(result.status, 0u);
  EXPECT_EQ(result.value, 8u);

  // With a pointer to results, one more argument comes by the stack.
  using EightToTwo = NativeResult<void> (*)(VmFuncRef*, Value*, uint64_t, uint64_t, uint64_t,
                                            uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
  Value values[2];
  const auto to_two = native_entry<EightToTwo>({eight, {ValType::i64, ValType::i64}});
  EXPECT_EQ(
      to_two(&ref, values, kDirty, kDirty, kDirty, kDirty, kDirty, kDirty, kDirty, kDirty).status,
      0u);
  EXPECT_EQ(values[0], Value::i64(8));
}

TEST_F(ThunksTest, CleansI32ResultsOfNativeCalls) {
  using Dirty = NativeResult<uint64_t> (*)(VmHostFunction*, VmContext*);
  const Dirty run_body = [](VmHostFunction*, VmContext*) {
    return NativeResult<uint64_t>{0x1111'2222'3333'4444, 0};
  };
  host_.call = reinterpret_cast<const void*>(run_body);
  const FuncType type = {{}, {ValType::i32}};
  const uint8_t* const host_code = publish(make_host_thunk(type, CallForm::native, raise_));
  Value value = {1, 2};  // the type i64 shows the whole register
  EXPECT_EQ(call(entry({{}, {ValType::i64}}), host_code, host_.prefix, &value), 0u);
  EXPECT_EQ(value, (Value{0x3333'4444, 0}));
}

TEST_F(ThunksTest, NativeEntriesKeepWhatCppReliesOn) {
  // (callee, i32) lies in the registers of (callee, values).
  const auto thunk = native_entry<ArrayEntryThunk>({{ValType::i32}, {}});
  const uint8_t* const returns = assemble([](Asm& a) {
    for (const Asm::Reg reg : Asm::kArgs) a.set(reg, ~uint64_t{0});
    a.set(Asm::kScratch, ~uint64_t{0});
    a.ret();
  });
  const uint8_t* const traps = assemble([&](Asm& a) {
    a.enter();
    for (const Asm::Reg reg : Asm::kPreserved) a.set(reg, ~uint64_t{0});
    for (const Asm::Reg reg : Asm::kPreservedFp) a.move_to_fp(reg, Asm::kPreserved[0]);
    a.call_builtin(1);
    a.illegal_instruction();
  });
  uint64_t status = 7;
  EXPECT_TRUE(keeps_cpp_registers(thunk, callee(returns, context_), nullptr, &status));
  EXPECT_EQ(status, 0u);
  EXPECT_TRUE(keeps_cpp_registers(thunk, callee(traps, context_), nullptr, &status));
  EXPECT_EQ(status, 1u);
  EXPECT_EQ(store_.entry_sp, nullptr);
}

// A frame as the compiler's, with the context and then all that wasm preserves for its caller.
constexpr int32_t kFrameBytes =
    static_cast<int32_t>(8 + 8 * Asm::kPreserved.size() + 8 * Asm::kPreservedFp.size() + 15) / 16 *
    16;
void enter_and_save(Asm& a) {
  int32_t offset = -8;
  a.enter(kFrameBytes);
  a.store(Asm::kFramePointer, offset, Asm::kContext);
  for (const Asm::Reg reg : Asm::kPreserved) a.store(Asm::kFramePointer, offset -= 8, reg);
  for (const Asm::Reg reg : Asm::kPreservedFp) a.store_fp(Asm::kFramePointer, offset -= 8, reg);
}
void restore_and_leave(Asm& a) {
  int32_t offset = -8;
  for (const Asm::Reg reg : Asm::kPreserved) a.load(reg, Asm::kFramePointer, offset -= 8);
  for (const Asm::Reg reg : Asm::kPreservedFp) a.load_fp(reg, Asm::kFramePointer, offset -= 8);
  a.leave();
}
void set_canaries(Asm& a, uint64_t gp, uint64_t fp) {
  for (const Asm::Reg reg : Asm::kPreserved) a.set(reg, gp + reg);
  for (const Asm::Reg reg : Asm::kPreservedFp) {
    a.set(Asm::kArgs[0], fp + reg);
    a.move_to_fp(reg, Asm::kArgs[0]);
  }
}

// A wasm function of type () -> i64 that fills every register which wasm preserves, runs `call`,
// and returns how many came back.
void emit_canary_check(Asm& a, const std::function<void()>& call) {
  const auto [sum, found, expected] = std::tuple(Asm::kArgs[0], Asm::kArgs[1], Asm::kScratch);
  enter_and_save(a);
  set_canaries(a, 0x1000, 0x2000);
  call();
  a.set(sum, 0);
  for (const Asm::Reg reg : Asm::kPreserved) {
    a.set(expected, 0x1000u + reg);
    a.count_if_equal(sum, reg, expected);
  }
  for (const Asm::Reg reg : Asm::kPreservedFp) {
    a.set(expected, 0x2000u + reg);
    a.move_from_fp(found, reg);
    a.count_if_equal(sum, found, expected);
  }
  a.load(expected, Asm::kFramePointer, -8);
  a.count_if_equal(sum, Asm::kContext, expected);
  restore_and_leave(a);
}
constexpr uint64_t kCanaries = Asm::kPreserved.size() + Asm::kPreservedFp.size() + 1;

TEST_F(ThunksTest, HostFunctionsPreserveWhatWasmPreserves) {
  // (self, caller, i32) lies in the registers of (self, caller, values).
  for (const CallForm form : {CallForm::array, CallForm::native}) {
    const uint8_t* const host_code = publish(make_host_thunk({{ValType::i32}, {}}, form, raise_));
    traps_.clear();
    int calls = 0;
    host_body_ = [&](Value*) -> uint64_t { return ++calls == 2; };
    const uint8_t* const code = assemble([&](Asm& a) {
      emit_canary_check(a, [&] {
        a.set(Asm::kContext, reinterpret_cast<uintptr_t>(&host_));
        a.call_at(host_code);
        a.load(Asm::kContext, Asm::kFramePointer, -8);
      });
    });
    const ArrayEntryThunk thunk = entry({{}, {ValType::i64}});
    Value value;
    EXPECT_EQ(call(thunk, code, context_, &value), 0u);
    EXPECT_EQ(value.low, kCanaries);
    EXPECT_EQ(caller_, &context_);

    uint64_t status = 0;
    EXPECT_TRUE(keeps_cpp_registers(thunk, callee(code, context_), &value, &status));
    EXPECT_EQ(status, 1u);
    EXPECT_EQ(traps_, std::vector<uint64_t>{static_cast<uint64_t>(TrapCode::host)});
    EXPECT_EQ(store_.entry_sp, nullptr);
  }
}

TEST_F(ThunksTest, BuiltinsPreserveWhatWasmPreserves) {
  const uint8_t* const code =
      assemble([&](Asm& a) { emit_canary_check(a, [&] { a.call_builtin(2); }); });
  Value value;
  EXPECT_EQ(call(entry({{}, {ValType::i64}}), code, context_, &value), 0u);
  EXPECT_EQ(value.low, kCanaries);
}

TEST_F(ThunksTest, BuiltinsTakeFiveArguments) {
  const FuncType type = {std::vector<ValType>(5, ValType::i64), {ValType::i64}};
  const uint8_t* const code = assemble([&](Asm& a) {
    a.enter();
    a.call_builtin(0);
    a.leave();
  });
  Value values[5] = {Value::i64(1), Value::i64(10), Value::i64(100), Value::i64(1000),
                     Value::i64(10000)};
  EXPECT_EQ(call(entry(type), code, context_, values), 0u);
  EXPECT_EQ(values[0].low, 1u + 20 + 300 + 4000 + 50000);
}

TEST_F(ThunksTest, ABuiltinsTrapUnwindsToTheEntry) {
  const uint8_t* const code = assemble([&](Asm& a) {
    a.enter();
    a.set(Asm::kPreserved[0], 1);
    a.call_builtin(1);
    a.illegal_instruction();
  });
  uint64_t status = 0;
  EXPECT_TRUE(keeps_cpp_registers(entry({}), callee(code, context_), nullptr, &status));
  EXPECT_EQ(status, 1u);
  EXPECT_EQ(traps_, std::vector<uint64_t>{static_cast<uint64_t>(TrapCode::null_reference)});
}

TEST_F(ThunksTest, ABuiltinsExceptionEntersTheHandlerWithItsRegisters) {
  uint64_t seen_gp[32] = {};
  uint64_t seen_fp[32] = {};
  size_t handler_offset = 0;
  const uint8_t* const code = assemble([&](Asm& a) {
    enter_and_save(a);
    set_canaries(a, 100, 200);
    a.call_builtin(3);
    a.illegal_instruction();
    handler_offset = a.offset();
    a.set(Asm::kScratch, reinterpret_cast<uintptr_t>(seen_fp));
    a.store_fp(Asm::kScratch, 0, 0);
    for (const Asm::Reg reg : Asm::kPreservedFp) a.store_fp(Asm::kScratch, 8 * reg, reg);
    a.set(Asm::kScratch, reinterpret_cast<uintptr_t>(seen_gp));
    for (const Asm::Reg reg :
         {Asm::Reg{0}, Asm::kStackPointer, Asm::kFramePointer, Asm::kContext, Asm::kMemoryBase})
      a.store(Asm::kScratch, 8 * reg, reg);
    for (const Asm::Reg reg : Asm::kPreserved) a.store(Asm::kScratch, 8 * reg, reg);
    restore_and_leave(a);
  });
  UnwindRegisters at_throw = {};
  UnwindRegisters at_handler = {};
  on_raise_ = [&](uint64_t value, UnwindRegisters& registers) -> uint64_t {
    EXPECT_EQ(value, kExceptionAddress);
    at_throw = registers;
    registers.pc = reinterpret_cast<uintptr_t>(code + handler_offset);
    const auto fp =
        reinterpret_cast<uintptr_t>(static_cast<const EntryFrame*>(store_.entry_sp)->exit->caller);
    for (unsigned reg = 0; reg < 32; ++reg) {
      if (reg != Asm::kContext) registers.gp[reg] = 1000 + reg;
      registers.fp[reg] = 2000 + reg;
    }
    registers.gp[Asm::kFramePointer] = fp;
    registers.gp[Asm::kStackPointer] = fp - kFrameBytes;
    at_handler = registers;
    clobber_what_cpp_may();
    return 1;
  };
  uint64_t status = 1;
  EXPECT_TRUE(keeps_cpp_registers(entry({}), callee(code, context_), nullptr, &status));
  EXPECT_EQ(status, 0u);
  EXPECT_EQ(traps_, std::vector<uint64_t>{kRaiseException});
  for (const Asm::Reg reg : Asm::kPreserved) {
    EXPECT_EQ(at_throw.gp[reg], 100u + reg);
    EXPECT_EQ(seen_gp[reg], 1000u + reg);
  }
  for (const Asm::Reg reg : Asm::kPreservedFp) {
    EXPECT_EQ(at_throw.fp[reg], 200u + reg);
    EXPECT_EQ(seen_fp[reg], 2000u + reg);
  }
  EXPECT_EQ(reinterpret_cast<VmContext*>(at_throw.gp[Asm::kContext]), &context_);
  EXPECT_EQ(seen_gp[0], 1000u);
  EXPECT_EQ(seen_fp[0], 2000u);
  EXPECT_EQ(seen_gp[Asm::kStackPointer], at_handler.gp[Asm::kStackPointer]);
  EXPECT_EQ(seen_gp[Asm::kFramePointer], at_handler.gp[Asm::kFramePointer]);
  EXPECT_EQ(seen_gp[Asm::kMemoryBase], reinterpret_cast<uintptr_t>(context_.memory0_base));
  EXPECT_EQ(seen_gp[Asm::kContext], reinterpret_cast<uintptr_t>(&context_));
}

TEST_F(ThunksTest, TheLandingUnwindsToTheEntry) {
  const uint8_t* const code = assemble([&](Asm& a) {
    a.enter(2048);
    a.load(host_isa::kLandingArgumentRegister, Asm::kContext, kVmStore);
    a.set(Asm::kScratch, reinterpret_cast<uintptr_t>(landing_));
    a.jump(Asm::kScratch);
  });
  uint64_t status = 0;
  EXPECT_TRUE(keeps_cpp_registers(entry({}), callee(code, context_), nullptr, &status));
  EXPECT_EQ(status, 1u);
  EXPECT_EQ(traps_.size(), 1u);
}

TEST_F(ThunksTest, EntriesNestAndATrapEndsTheInnermostOnly) {
  const FuncType type = {};
  const ArrayEntryThunk thunk = entry(type);
  const uint8_t* const host_code = publish(make_host_thunk(type, CallForm::array, raise_));
  const uint8_t* const calls_host = assemble([&](Asm& a) {
    a.enter(16);
    a.store(Asm::kFramePointer, -8, Asm::kContext);
    a.set(Asm::kContext, reinterpret_cast<uintptr_t>(&host_));
    a.call_at(host_code);
    a.load(Asm::kContext, Asm::kFramePointer, -8);
    a.leave();
  });
  const uint8_t* const traps = assemble([&](Asm& a) {
    a.enter();
    a.call_builtin(1);
    a.illegal_instruction();
  });
  int depth = 0;
  host_body_ = [&](Value*) -> uint64_t {
    const auto* const outer = static_cast<const EntryFrame*>(store_.entry_sp);
    EXPECT_EQ(outer->caller, nullptr);
    const VmFrame* const exit = outer->exit;
    const bool is_innermost = ++depth == 5;
    EXPECT_EQ(call(thunk, is_innermost ? traps : calls_host, context_, nullptr),
              is_innermost ? 1u : 0u);
    EXPECT_EQ(store_.entry_sp, outer);
    EXPECT_EQ(outer->exit, exit);
    return 0;
  };
  EXPECT_EQ(call(thunk, calls_host, context_, nullptr), 0u);
  EXPECT_EQ(depth, 5);
  EXPECT_EQ(traps_.size(), 1u);
  EXPECT_EQ(store_.entry_sp, nullptr);
}

TEST_F(ThunksTest, AHostFunctionNeedsRoomOnTheStack) {
  const FuncType type = {};
  store_.stack_limit = UINT64_MAX;
  host_body_ = [](Value*) -> uint64_t {
    ADD_FAILURE() << "called without room";
    return 0;
  };
  const uint8_t* const code = publish(make_host_thunk(type, CallForm::array, raise_));
  EXPECT_EQ(call(entry(type), code, host_.prefix, nullptr), 1u);
  EXPECT_EQ(traps_, std::vector<uint64_t>{static_cast<uint64_t>(TrapCode::call_stack_exhausted)});
}

// --- What debug builds notice: jit/crossing_check.h

#ifndef NDEBUG
using ThunksDeathTest = ThunksTest;
constexpr char kLostByWasm[] = "wasm returns with the callee-saved registers";
constexpr char kLostByCpp[] = "C\\+\\+ returns with the callee-saved registers";

// Calls `die` with functions of type () -> () that keep all of C's callee-saved registers but one.
void for_each_loss(const std::function<void(const std::function<void(Asm&)>& lose)>& die) {
  for (const Asm::Reg reg : Asm::kPreservedByC) {
    SCOPED_TRACE("general register " + std::to_string(reg));
    die([&](Asm& a) { a.add_one(reg); });
  }
  for (const Asm::Reg reg : Asm::kPreservedFpByC) {
    SCOPED_TRACE("floating-point register " + std::to_string(reg));
    die([&](Asm& a) {
      a.move_from_fp(Asm::kArgs[0], reg);
      a.add_one(Asm::kArgs[0]);
      a.move_to_fp(reg, Asm::kArgs[0]);
    });
  }
  SCOPED_TRACE("frame pointer");
  die([](Asm& a) { a.add_one(Asm::kFramePointer); });
}

TEST_F(ThunksDeathTest, AnEntryThatRestoresOtherRegistersEndsTheProcess) {
  // Wasm that overwrites what a trap will restore, and then traps.
  constexpr size_t kNumSaved = Asm::kPreservedByC.size() + Asm::kPreservedFpByC.size();
  for (const CallForm form : {CallForm::array, CallForm::native}) {
    const auto thunk = reinterpret_cast<ArrayEntryThunk>(
        reinterpret_cast<uintptr_t>(publish(make_entry_thunk({{ValType::i32}, {}}, form))));
    for (size_t i = 0; i <= kNumSaved; ++i) {
      SCOPED_TRACE(i);
      const size_t offset =
          i == kNumSaved ? offsetof(EntryFrame, frame) : offsetof(EntryFrame, preserved) + 8 * i;
      const uint8_t* const code = assemble([&](Asm& a) {
        const auto [entry_frame, value] = std::tuple(Asm::kArgs[0], Asm::kArgs[1]);
        a.enter();
        a.load(entry_frame, Asm::kContext, kVmStore);
        a.load(entry_frame, entry_frame, kVmStoreEntrySp);
        a.load(value, entry_frame, static_cast<int32_t>(offset));
        a.add_one(value);
        a.store(entry_frame, static_cast<int32_t>(offset), value);
        a.call_builtin(1);
        a.illegal_instruction();
      });
      Value value;
      EXPECT_DEATH((void)call(thunk, code, context_, &value), kLostByWasm);
    }
  }
}

TEST_F(ThunksDeathTest, WasmThatKeepsNoRegistersEndsTheProcess) {
  const uint8_t* const code = assemble([](Asm& a) {
    a.add_one(Asm::kPreserved.back());
    a.ret();
  });
  EXPECT_DEATH((void)call(entry({}), code, context_, nullptr), kLostByWasm);
}

TEST_F(ThunksDeathTest, AHostFunctionThatKeepsNoRegistersEndsTheProcess) {
  for (const CallForm form : {CallForm::array, CallForm::native}) {
    const uint8_t* const host_code = publish(make_host_thunk({}, form, raise_));
    for_each_loss([&](const std::function<void(Asm&)>& lose) {
      host_.call = assemble([&](Asm& a) {
        lose(a);
        a.set(0, 0);  // the status
        a.ret();
      });
      EXPECT_DEATH((void)call(entry({}), host_code, host_.prefix, nullptr), kLostByCpp);
    });
  }
}

TEST_F(ThunksDeathTest, ABuiltinThatKeepsNoRegistersEndsTheProcess) {
  for_each_loss([&](const std::function<void(Asm&)>& lose) {
    std::array<const void*, kNumBuiltins> builtins;
    builtins.fill(assemble([&](Asm& a) {
      lose(a);
      a.ret();
    }));
    const CoreThunks core = make_core_thunks({}, builtins);
    const void* const builtin = publish(core.code) + core.builtins[0];
    context_.builtins = &builtin;
    const uint8_t* const code = assemble([](Asm& a) {
      a.enter();
      a.call_builtin(0);
      a.leave();
    });
    EXPECT_DEATH((void)call(entry({}), code, context_, nullptr), kLostByCpp);
  });
}
#endif

TEST_F(ThunksTest, EqualShapesNeedOneThunk) {
  EXPECT_EQ(thunk_shape({{ValType::i64}, {ValType::f64}}),
            thunk_shape({{ValType::externref}, {ValType::f64}}));
  EXPECT_NE(thunk_shape({{ValType::i32}, {}}), thunk_shape({{ValType::i64}, {}}));
  EXPECT_NE(thunk_shape({{ValType::i32}, {}}), thunk_shape({{}, {ValType::i32}}));
}

}  // namespace
}  // namespace swoop::jit
