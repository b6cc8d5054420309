// The thunks alone: functions by the wasm convention are assembled here by hand.
#include "jit/x64/thunks.h"

#include "platform/code_memory.h"

#include <asmjit/x86.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <random>

#if defined(__x86_64__)

namespace swoop::jit::x64 {
namespace {

namespace x86 = asmjit::x86;
using asmjit::x86::ptr;
using asmjit::x86::qword_ptr;

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

void clobber_what_c_may() {
  asm volatile(
      "mov $-1, %%rax\n mov %%rax, %%rcx\n mov %%rax, %%rdx\n mov %%rax, %%rsi\n"
      "mov %%rax, %%rdi\n mov %%rax, %%r8\n mov %%rax, %%r9\n mov %%rax, %%r10\n"
      "mov %%rax, %%r11\n"
      "pcmpeqd %%xmm0, %%xmm0\n pcmpeqd %%xmm7, %%xmm7\n pcmpeqd %%xmm8, %%xmm8\n"
      "pcmpeqd %%xmm9, %%xmm9\n pcmpeqd %%xmm10, %%xmm10\n pcmpeqd %%xmm11, %%xmm11\n"
      "pcmpeqd %%xmm12, %%xmm12\n pcmpeqd %%xmm13, %%xmm13\n pcmpeqd %%xmm14, %%xmm14\n"
      "pcmpeqd %%xmm15, %%xmm15\n"
      :
      :
      : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm7", "xmm8", "xmm9",
        "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
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
      clobber_what_c_may();
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

  const uint8_t* assemble(const std::function<void(x86::Assembler&)>& body) {
    asmjit::CodeHolder holder;
    holder.init(asmjit::Environment(asmjit::Arch::kX64));
    x86::Assembler a(&holder);
    body(a);
    holder.flatten();
    std::vector<uint8_t> bytes(holder.codeSize());
    holder.copyFlattenedData(bytes.data(), bytes.size());
    return publish(bytes);
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

// Runs `call` with a canary in every register that C++ relies on, and tells whether all of them
// came back.
bool keeps_cpp_registers(ArrayEntryThunk thunk, VmFuncRef callee, Value* values, uint64_t* status) {
  uint64_t wrong = 0;
  uint64_t result = 0;
  struct {
    ArrayEntryThunk thunk;
    VmFuncRef* callee;
    Value* values;
  } call = {thunk, &callee, values};
  asm volatile(
      "lea -128(%%rsp), %%rsp\n"  // past the red zone
      "push %%rbx\n push %%r12\n push %%r13\n push %%r14\n push %%r15\n push %%rbp\n"
      "mov %%rsp, %%rbp\n sub $256, %%rsp\n and $-16, %%rsp\n push %%rbp\n push %%rbp\n"
      "mov $0x51, %%ebx\n mov $0x52, %%r12d\n mov $0x53, %%r13d\n mov $0x54, %%r14d\n"
      "mov $0x55, %%r15d\n"
      "mov 8(%[call]), %%rdi\n mov 16(%[call]), %%rsi\n"
      "call *(%[call])\n"
      "xor $0x51, %%rbx\n xor $0x52, %%r12\n xor $0x53, %%r13\n xor $0x54, %%r14\n"
      "xor $0x55, %%r15\n"
      "or %%r12, %%rbx\n or %%r13, %%rbx\n or %%r14, %%rbx\n or %%r15, %%rbx\n"
      "mov (%%rsp), %%rcx\n xor %%rbp, %%rcx\n or %%rbx, %%rcx\n"
      "mov (%%rsp), %%rsp\n"
      "pop %%rbp\n pop %%r15\n pop %%r14\n pop %%r13\n pop %%r12\n pop %%rbx\n"
      "lea 128(%%rsp), %%rsp\n"
      : "=&a"(result), "=&c"(wrong)
      : [call] "0"(&call)
      : "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
        "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
        "xmm15", "cc", "memory");
  *status = result;
  return wrong == 0;
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
  const uint8_t* const code = assemble([](x86::Assembler& a) {
    a.mov(x86::rax, x86::r15);
    a.mov(x86::rcx, x86::r14);
    a.ret();
  });
  Value values[2];
  EXPECT_EQ(call(entry(type), code, context_, values), 0u);
  EXPECT_EQ(values[0].low, reinterpret_cast<uintptr_t>(&context_));
  EXPECT_EQ(values[1].low, 0x1234'0000u);
}

TEST_F(ThunksTest, CleansI32Results) {
  const uint8_t* const code = assemble([](x86::Assembler& a) {
    a.mov(x86::rax, asmjit::Imm(0x1111'2222'3333'4444));
    a.ret();
  });
  Value value = {1, 2};
  EXPECT_EQ(call(entry({{}, {ValType::i32}}), code, context_, &value), 0u);
  EXPECT_EQ(value, (Value{0x3333'4444, 0}));
}

// C does not say what the upper half of a register holds whose argument or result has 32 bits.
TEST_F(ThunksTest, CleansI32ArgumentsOfNativeCalls) {
  constexpr uint64_t kDirty = 0x1111'1111'0000'0001;
  const uint8_t* const code = assemble([](x86::Assembler& a) {
    for (const x86::Gp& reg : {x86::rcx, x86::rdx, x86::rsi, x86::rdi}) a.add(x86::rax, reg);
    for (int32_t i = 1; i <= 3; ++i) a.add(x86::rax, qword_ptr(x86::rsp, 8 * i));
    a.ret();
  });
  VmFuncRef ref = callee(code, context_);
  const std::vector<ValType> eight(8, ValType::i32);
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
  const uint8_t* const returns = assemble([](x86::Assembler& a) {
    for (const x86::Gp& reg : {x86::rax, x86::rcx, x86::rdx, x86::rsi, x86::rdi, x86::r10})
      a.mov(reg, -1);
    a.ret();
  });
  const uint8_t* const traps = assemble([&](x86::Assembler& a) {
    a.push(x86::rbp);
    a.mov(x86::rbp, x86::rsp);
    for (const x86::Gp& reg : {x86::rbx, x86::r12, x86::r13}) a.mov(reg, -1);
    a.mov(x86::r10, qword_ptr(x86::r15, kVmBuiltins));
    a.call(qword_ptr(x86::r10, 8));
    a.ud2();
  });
  uint64_t status = 7;
  EXPECT_TRUE(keeps_cpp_registers(thunk, callee(returns, context_), nullptr, &status));
  EXPECT_EQ(status, 0u);
  EXPECT_TRUE(keeps_cpp_registers(thunk, callee(traps, context_), nullptr, &status));
  EXPECT_EQ(status, 1u);
  EXPECT_EQ(store_.entry_sp, nullptr);
}

// A wasm function of type () -> i64 that fills every register which wasm preserves, runs `call`,
// and returns how many came back. Its frame is as the compiler's.
void emit_canary_check(x86::Assembler& a, const std::function<void()>& call) {
  constexpr uint8_t kGp[] = {3, 8, 9, 11, 12, 13};
  a.push(x86::rbp);
  a.mov(x86::rbp, x86::rsp);
  a.push(x86::r15);
  for (const uint8_t reg : kGp) a.push(x86::gpq(reg));
  a.sub(x86::rsp, 8);
  for (const uint8_t reg : kGp) a.mov(x86::gpq(reg), 0x1000 + reg);
  for (uint8_t reg = 8; reg <= 14; ++reg) {
    a.mov(x86::eax, 0x2000 + reg);
    a.movq(x86::xmm(reg), x86::rax);
  }
  call();
  a.xor_(x86::eax, x86::eax);
  const auto count_if_equal = [&a](const x86::Gp& value, uint32_t expected) {
    a.xor_(x86::edx, x86::edx);
    a.cmp(value, expected);
    a.sete(x86::dl);
    a.add(x86::rax, x86::rdx);
  };
  for (const uint8_t reg : kGp) count_if_equal(x86::gpq(reg), 0x1000u + reg);
  for (uint8_t reg = 8; reg <= 14; ++reg) {
    a.movq(x86::rcx, x86::xmm(reg));
    count_if_equal(x86::rcx, 0x2000u + reg);
  }
  a.xor_(x86::edx, x86::edx);
  a.cmp(x86::r15, qword_ptr(x86::rbp, -8));
  a.sete(x86::dl);
  a.add(x86::rax, x86::rdx);
  a.add(x86::rsp, 8);
  for (size_t i = std::size(kGp); i-- > 0;) a.pop(x86::gpq(kGp[i]));
  a.leave();
  a.ret();
}
constexpr uint64_t kCanaries = 6 + 7 + 1;

TEST_F(ThunksTest, HostFunctionsPreserveWhatWasmPreserves) {
  // (self, caller, i32) lies in the registers of (self, caller, values).
  for (const CallForm form : {CallForm::array, CallForm::native}) {
    const uint8_t* const host_code = publish(make_host_thunk({{ValType::i32}, {}}, form, raise_));
    traps_.clear();
    int calls = 0;
    host_body_ = [&](Value*) -> uint64_t { return ++calls == 2; };
    const uint8_t* const code = assemble([&](x86::Assembler& a) {
      emit_canary_check(a, [&] {
        a.mov(x86::r15, asmjit::Imm(reinterpret_cast<uintptr_t>(&host_)));
        a.mov(x86::rax, asmjit::Imm(reinterpret_cast<uintptr_t>(host_code)));
        a.call(x86::rax);
        a.mov(x86::r15, qword_ptr(x86::rbp, -8));
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
  const uint8_t* const code = assemble([&](x86::Assembler& a) {
    emit_canary_check(a, [&] {
      a.mov(x86::r10, qword_ptr(x86::r15, kVmBuiltins));
      a.call(qword_ptr(x86::r10, 2 * 8));
    });
  });
  Value value;
  EXPECT_EQ(call(entry({{}, {ValType::i64}}), code, context_, &value), 0u);
  EXPECT_EQ(value.low, kCanaries);
}

TEST_F(ThunksTest, BuiltinsTakeFiveArguments) {
  const FuncType type = {std::vector<ValType>(5, ValType::i64), {ValType::i64}};
  const uint8_t* const code = assemble([&](x86::Assembler& a) {
    a.push(x86::rbp);
    a.mov(x86::rbp, x86::rsp);
    a.mov(x86::r10, qword_ptr(x86::r15, kVmBuiltins));
    a.call(qword_ptr(x86::r10));
    a.leave();
    a.ret();
  });
  Value values[5] = {Value::i64(1), Value::i64(10), Value::i64(100), Value::i64(1000),
                     Value::i64(10000)};
  EXPECT_EQ(call(entry(type), code, context_, values), 0u);
  EXPECT_EQ(values[0].low, 1u + 20 + 300 + 4000 + 50000);
}

TEST_F(ThunksTest, ABuiltinsTrapUnwindsToTheEntry) {
  const uint8_t* const code = assemble([&](x86::Assembler& a) {
    a.push(x86::rbp);
    a.mov(x86::rbp, x86::rsp);
    a.mov(x86::ebx, 1);
    a.mov(x86::r10, qword_ptr(x86::r15, kVmBuiltins));
    a.call(qword_ptr(x86::r10, 8));
    a.ud2();
  });
  uint64_t status = 0;
  EXPECT_TRUE(keeps_cpp_registers(entry({}), callee(code, context_), nullptr, &status));
  EXPECT_EQ(status, 1u);
  EXPECT_EQ(traps_, std::vector<uint64_t>{static_cast<uint64_t>(TrapCode::null_reference)});
}

TEST_F(ThunksTest, ABuiltinsExceptionEntersTheHandlerWithItsRegisters) {
  constexpr uint8_t kGp[] = {3, 8, 9, 11, 12, 13};
  constexpr uint8_t kFp[] = {8, 9, 10, 11, 12, 13, 14};
  constexpr uint8_t kKept[] = {3, 12, 13};  // for the caller, which C++ called
  constexpr uint8_t kStored[] = {0, 3, 4, 5, 8, 9, 11, 12, 13, 14, 15};
  uint64_t seen_gp[16] = {};
  uint64_t seen_fp[16] = {};
  const auto kept_slot = [](uint8_t reg) { return reg == 3 ? -8 : reg == 12 ? -16 : -24; };
  size_t handler_offset = 0;
  const uint8_t* const code = assemble([&](x86::Assembler& a) {
    a.push(x86::rbp);
    a.mov(x86::rbp, x86::rsp);
    a.sub(x86::rsp, 64);
    for (const uint8_t reg : kKept) a.mov(qword_ptr(x86::rbp, kept_slot(reg)), x86::gpq(reg));
    for (const uint8_t reg : kGp) a.mov(x86::gpq(reg), 100 + reg);
    for (const uint8_t reg : kFp) {
      a.mov(x86::eax, 200 + reg);
      a.movq(x86::xmm(reg), x86::rax);
    }
    a.mov(x86::r10, qword_ptr(x86::r15, kVmBuiltins));
    a.call(qword_ptr(x86::r10, 3 * 8));
    a.ud2();
    handler_offset = a.offset();
    a.mov(x86::r10, asmjit::Imm(reinterpret_cast<uintptr_t>(seen_fp)));
    a.movq(qword_ptr(x86::r10), x86::xmm0);
    for (const uint8_t reg : kFp) a.movq(qword_ptr(x86::r10, 8 * reg), x86::xmm(reg));
    a.mov(x86::r10, asmjit::Imm(reinterpret_cast<uintptr_t>(seen_gp)));
    for (const uint8_t reg : kStored) a.mov(qword_ptr(x86::r10, 8 * reg), x86::gpq(reg));
    for (const uint8_t reg : kKept) a.mov(x86::gpq(reg), qword_ptr(x86::rbp, kept_slot(reg)));
    a.leave();
    a.ret();
  });
  UnwindRegisters at_throw = {};
  UnwindRegisters at_handler = {};
  on_raise_ = [&](uint64_t value, UnwindRegisters& registers) -> uint64_t {
    EXPECT_EQ(value, kExceptionAddress);
    at_throw = registers;
    registers.pc = reinterpret_cast<uintptr_t>(code + handler_offset);
    const auto fp =
        reinterpret_cast<uintptr_t>(static_cast<const EntryFrame*>(store_.entry_sp)->exit->caller);
    for (unsigned reg = 0; reg < 16; ++reg) {
      if (reg != 15) registers.gp[reg] = 1000 + reg;
      registers.fp[reg] = 2000 + reg;
    }
    registers.gp[kFrameRegisters.frame_pointer] = fp;
    registers.gp[kFrameRegisters.stack_pointer] = fp - 64;
    at_handler = registers;
    clobber_what_c_may();
    return 1;
  };
  uint64_t status = 1;
  EXPECT_TRUE(keeps_cpp_registers(entry({}), callee(code, context_), nullptr, &status));
  EXPECT_EQ(status, 0u);
  EXPECT_EQ(traps_, std::vector<uint64_t>{kRaiseException});
  for (const uint8_t reg : kGp) {
    EXPECT_EQ(at_throw.gp[reg], 100u + reg);
    EXPECT_EQ(seen_gp[reg], 1000u + reg);
  }
  for (const uint8_t reg : kFp) {
    EXPECT_EQ(at_throw.fp[reg], 200u + reg);
    EXPECT_EQ(seen_fp[reg], 2000u + reg);
  }
  EXPECT_EQ(reinterpret_cast<VmContext*>(at_throw.gp[kFrameRegisters.context]), &context_);
  EXPECT_EQ(seen_gp[0], 1000u);
  EXPECT_EQ(seen_fp[0], 2000u);
  EXPECT_EQ(seen_gp[4], at_handler.gp[kFrameRegisters.stack_pointer]);
  EXPECT_EQ(seen_gp[5], at_handler.gp[kFrameRegisters.frame_pointer]);
  EXPECT_EQ(seen_gp[14], reinterpret_cast<uintptr_t>(context_.memory0_base));
  EXPECT_EQ(seen_gp[15], reinterpret_cast<uintptr_t>(&context_));
}

TEST_F(ThunksTest, TheLandingUnwindsToTheEntry) {
  const uint8_t* const code = assemble([&](x86::Assembler& a) {
    a.push(x86::rbp);
    a.mov(x86::rbp, x86::rsp);
    a.sub(x86::rsp, 4096);
    a.mov(x86::rdi, qword_ptr(x86::r15, kVmStore));
    a.mov(x86::rax, asmjit::Imm(reinterpret_cast<uintptr_t>(landing_)));
    a.jmp(x86::rax);
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
  const uint8_t* const calls_host = assemble([&](x86::Assembler& a) {
    a.push(x86::rbp);
    a.mov(x86::rbp, x86::rsp);
    a.push(x86::r15);
    a.push(x86::r15);
    a.mov(x86::r15, asmjit::Imm(reinterpret_cast<uintptr_t>(&host_)));
    a.mov(x86::rax, asmjit::Imm(reinterpret_cast<uintptr_t>(host_code)));
    a.call(x86::rax);
    a.leave();
    a.ret();
  });
  const uint8_t* const traps = assemble([&](x86::Assembler& a) {
    a.push(x86::rbp);
    a.mov(x86::rbp, x86::rsp);
    a.mov(x86::r10, qword_ptr(x86::r15, kVmBuiltins));
    a.call(qword_ptr(x86::r10, 8));
    a.ud2();
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

TEST_F(ThunksTest, EqualShapesNeedOneThunk) {
  EXPECT_EQ(thunk_shape({{ValType::i64}, {ValType::f64}}),
            thunk_shape({{ValType::externref}, {ValType::f64}}));
  EXPECT_NE(thunk_shape({{ValType::i32}, {}}), thunk_shape({{ValType::i64}, {}}));
  EXPECT_NE(thunk_shape({{ValType::i32}, {}}), thunk_shape({{}, {ValType::i32}}));
}

}  // namespace
}  // namespace swoop::jit::x64

#endif
