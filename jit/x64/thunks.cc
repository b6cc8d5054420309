#include "jit/x64/thunks.h"

#include "base/check.h"
#include "jit/x64/abi.h"

#include <asmjit/x86.h>

#include <algorithm>
#include <cstddef>

namespace swoop::jit::x64 {
namespace {

namespace x86 = asmjit::x86;
using asmjit::Imm;
using asmjit::Label;
using asmjit::x86::ptr;
using asmjit::x86::qword_ptr;

// The registers that wasm preserves and C does not, saved by every thunk that calls C++.
constexpr uint8_t kSavedGp[] = {8, 9, 11};
constexpr uint8_t kSavedFp[] = {8, 9, 10, 11, 12, 13, 14};
// Below rbp: one unused word, the registers above; a multiple of 16.
constexpr int32_t kSaveAreaBytes = 96;
static_assert(8 * (1 + std::size(kSavedGp) + std::size(kSavedFp)) <= kSaveAreaBytes);

constexpr uint8_t kScratch = 10;
constexpr int32_t kFpOffset = offsetof(EntryFrame, fp);
constexpr int32_t entry_slot(size_t field_offset) {
  return static_cast<int32_t>(field_offset) - kFpOffset;  // from rbp
}

class Code {
 public:
  Code() {
    CHECK(holder_.init(asmjit::Environment(asmjit::Arch::kX64)) == asmjit::kErrorOk);
    CHECK(holder_.attach(&a) == asmjit::kErrorOk);
  }

  uint32_t offset() const { return static_cast<uint32_t>(a.offset()); }

  std::vector<uint8_t> take() {
    CHECK(holder_.flatten() == asmjit::kErrorOk);
    std::vector<uint8_t> bytes(holder_.codeSize());
    CHECK(holder_.copyFlattenedData(bytes.data(), bytes.size()) == asmjit::kErrorOk);
    return bytes;
  }

 private:
  asmjit::CodeHolder holder_;

 public:
  x86::Assembler a;
};

x86::Gp gp(uint8_t number) {
  return x86::gpq(number);
}

void save_wasm_registers(x86::Assembler& a) {
  int32_t at = -8;
  for (const uint8_t reg : kSavedGp) a.mov(qword_ptr(x86::rbp, at -= 8), gp(reg));
  for (const uint8_t reg : kSavedFp) a.movsd(qword_ptr(x86::rbp, at -= 8), x86::xmm(reg));
}

void restore_wasm_registers(x86::Assembler& a) {
  int32_t at = -8;
  for (const uint8_t reg : kSavedGp) a.mov(gp(reg), qword_ptr(x86::rbp, at -= 8));
  for (const uint8_t reg : kSavedFp) a.movsd(x86::xmm(reg), qword_ptr(x86::rbp, at -= 8));
}

// Leaves the VmStore in r8 and the frame of the wasm caller in r9. Uses r11.
void record_wasm_caller(x86::Assembler& a) {
  a.mov(x86::r8, qword_ptr(x86::r15, kVmStore));
  a.mov(x86::r9, qword_ptr(x86::rbp));
  a.mov(x86::r11, qword_ptr(x86::rbp, 8));
  a.mov(qword_ptr(x86::r8, kVmStoreLastWasmFp), x86::r9);
  a.mov(qword_ptr(x86::r8, kVmStoreLastWasmPc), x86::r11);
}

void jump_to(x86::Assembler& a, const void* target) {
  a.mov(x86::rax, Imm(reinterpret_cast<uintptr_t>(target)));
  a.jmp(x86::rax);
}

void call_cpp(x86::Assembler& a, const void* function) {
  a.mov(x86::rax, Imm(reinterpret_cast<uintptr_t>(function)));
  a.call(x86::rax);
}

// Unlinks the entry frame that rbp points to and returns to C++ with the status in eax.
void leave_entry_frame(x86::Assembler& a) {
  const auto slot = [](size_t field) { return qword_ptr(x86::rbp, entry_slot(field)); };
  a.mov(x86::rcx, slot(offsetof(EntryFrame, store)));
  a.mov(x86::rdx, slot(offsetof(EntryFrame, outer_entry_sp)));
  a.mov(qword_ptr(x86::rcx, kVmStoreEntrySp), x86::rdx);
  a.mov(x86::rdx, slot(offsetof(EntryFrame, outer_last_wasm_fp)));
  a.mov(qword_ptr(x86::rcx, kVmStoreLastWasmFp), x86::rdx);
  a.mov(x86::rdx, slot(offsetof(EntryFrame, outer_last_wasm_pc)));
  a.mov(qword_ptr(x86::rcx, kVmStoreLastWasmPc), x86::rdx);
  const size_t preserved = offsetof(EntryFrame, preserved);
  a.mov(x86::r15, slot(preserved));
  a.mov(x86::r14, slot(preserved + 8));
  a.mov(x86::r13, slot(preserved + 16));
  a.mov(x86::r12, slot(preserved + 24));
  a.mov(x86::rbx, slot(preserved + 32));
  a.leave();
  a.ret();
}

x86::Mem register_slot(size_t index) {
  return qword_ptr(x86::rsp, static_cast<int32_t>(8 * index));
}

// The registers that wasm preserves and kSavedGp has not, of the wasm caller of a thunk.
constexpr uint8_t kOtherSavedGp[] = {3, 12, 13, 15};
constexpr size_t kFpIndex = offsetof(UnwindRegisters, fp) / 8;
constexpr int32_t kUnwindBytes = (sizeof(UnwindRegisters) + 15) / 16 * 16;

// Builds UnwindRegisters at rsp, of the wasm caller of the thunk whose frame is in rbp.
void save_unwind_registers(x86::Assembler& a) {
  a.sub(x86::rsp, kUnwindBytes);
  restore_wasm_registers(a);
  for (const uint8_t reg : kOtherSavedGp) a.mov(register_slot(reg), gp(reg));
  for (const uint8_t reg : kSavedGp) a.mov(register_slot(reg), gp(reg));
  for (const uint8_t reg : kSavedFp) a.movsd(register_slot(kFpIndex + reg), x86::xmm(reg));
}

// Continues with the UnwindRegisters at rsp. They lie below the stack pointer of the handler, so
// that one is loaded last: from then on a signal may overwrite them.
void enter_handler(x86::Assembler& a) {
  for (const uint8_t reg : kOtherSavedGp) a.mov(gp(reg), register_slot(reg));
  for (const uint8_t reg : kSavedGp) a.mov(gp(reg), register_slot(reg));
  for (const uint8_t reg : kSavedFp) a.movsd(x86::xmm(reg), register_slot(kFpIndex + reg));
  a.mov(x86::r14, qword_ptr(x86::r15, kVmMemory0Base));
  a.mov(x86::rax, register_slot(0));
  a.movsd(x86::xmm0, register_slot(kFpIndex));
  a.mov(x86::rbp, register_slot(kFramePointerRegister));
  a.mov(gp(kScratch), register_slot(offsetof(UnwindRegisters, pc) / 8));
  a.mov(x86::rsp, register_slot(kStackPointerRegister));
  a.jmp(gp(kScratch));
}

// Abandons every frame down to the innermost entry thunk of the VmStore in rbx.
void unwind_to_entry(x86::Assembler& a) {
  a.mov(x86::rsp, qword_ptr(x86::rbx, kVmStoreEntrySp));
  a.lea(x86::rbp, ptr(x86::rsp, kFpOffset));
  a.mov(x86::eax, 1);
  leave_entry_frame(a);
}

// values[index] -> where a call expects it. `stack` addresses stack_offset 0. Uses r10 and xmm15.
void load_value(x86::Assembler& a, ValType type, const ValueLocation& to, x86::Gp values,
                size_t index, x86::Mem stack) {
  const x86::Mem from = ptr(values, static_cast<int32_t>(index * sizeof(Value)));
  stack.addOffset(to.stack_offset);
  const bool is_narrow = type == ValType::i32 || type == ValType::f32;
  switch (to.kind) {
    case ValueLocation::Kind::gp:
      if (is_narrow) {
        a.mov(gp(to.reg).r32(), from);  // also clears what an embedder left in the upper half
      } else {
        a.mov(gp(to.reg), from);
      }
      break;
    case ValueLocation::Kind::fp:
      if (type.is_vec()) {
        a.movups(x86::xmm(to.reg), from);
      } else if (is_narrow) {
        a.movss(x86::xmm(to.reg), from);
      } else {
        a.movsd(x86::xmm(to.reg), from);
      }
      break;
    case ValueLocation::Kind::stack:
      if (type.is_vec()) {
        a.movups(x86::xmm15, from);
        a.movups(stack, x86::xmm15);
      } else {
        a.mov(is_narrow ? gp(kScratch).r32() : gp(kScratch), from);
        a.mov(stack, x86::r10);
      }
      break;
  }
}

// The reverse: into values[index], with every byte of the Value defined.
void store_value(x86::Assembler& a, ValType type, const ValueLocation& from, x86::Gp values,
                 size_t index, x86::Mem stack) {
  const x86::Mem low = qword_ptr(values, static_cast<int32_t>(index * sizeof(Value)));
  const x86::Mem high = qword_ptr(values, static_cast<int32_t>(index * sizeof(Value) + 8));
  stack.addOffset(from.stack_offset);
  const bool is_narrow = type == ValType::i32 || type == ValType::f32;
  switch (from.kind) {
    case ValueLocation::Kind::gp:
      if (is_narrow) a.mov(gp(from.reg).r32(), gp(from.reg).r32());  // clears a dirty upper half
      a.mov(low, gp(from.reg));
      break;
    case ValueLocation::Kind::fp:
      if (type.is_vec()) {
        a.movups(ptr(values, static_cast<int32_t>(index * sizeof(Value))), x86::xmm(from.reg));
        return;
      }
      if (is_narrow) {
        a.movd(x86::r10d, x86::xmm(from.reg));
        a.mov(low, x86::r10);
      } else {
        a.movsd(low, x86::xmm(from.reg));
      }
      break;
    case ValueLocation::Kind::stack:
      if (type.is_vec()) {
        a.movups(x86::xmm15, stack);
        a.movups(ptr(values, static_cast<int32_t>(index * sizeof(Value))), x86::xmm15);
        return;
      }
      a.mov(is_narrow ? gp(kScratch).r32() : gp(kScratch), stack);
      a.mov(low, x86::r10);
      break;
  }
  a.mov(high, 0);
}

void emit_builtin_thunk(x86::Assembler& a, const void* function, const Label& raise) {
  const Label failed = a.newLabel();
  a.push(x86::rbp);
  a.mov(x86::rbp, x86::rsp);
  a.sub(x86::rsp, kSaveAreaBytes);
  save_wasm_registers(a);
  record_wasm_caller(a);
  // rax rcx rdx rsi rdi -> rsi rdx rcx r8 r9, each target written after it was read.
  a.mov(x86::r8, x86::rsi);
  a.mov(x86::r9, x86::rdi);
  a.mov(x86::rsi, x86::rax);
  a.xchg(x86::rcx, x86::rdx);
  a.mov(x86::rdi, x86::r15);
  call_cpp(a, function);
  a.test(x86::rdx, x86::rdx);
  a.jnz(failed);
  restore_wasm_registers(a);
  a.leave();
  a.ret();
  a.bind(failed);
  a.mov(x86::rsi, x86::rdx);
  a.mov(x86::rdx, x86::rax);
  a.jmp(raise);
}

char shape_of(ValType type) {
  if (type.is_ref()) return 'l';
  switch (type.kind()) {
    case ValType::Kind::i32: return 'i';
    case ValType::Kind::f32: return 'f';
    case ValType::Kind::f64: return 'd';
    case ValType::Kind::v128: return 's';
    default: return 'l';
  }
}

}  // namespace

CoreThunks make_core_thunks(const TrapCallbacks& callbacks,
                            std::span<const void* const, kNumBuiltins> builtins) {
  Code code;
  x86::Assembler& a = code.a;
  CoreThunks core;

  core.trap_landing = code.offset();
  a.mov(x86::rbx, x86::rdi);
  call_cpp(a, reinterpret_cast<const void*>(callbacks.fault));
  unwind_to_entry(a);

  // In: r15 the context of a thunk's wasm caller or host function, rsi the trap code, rdx the value
  // with it, rbp the thunk's frame, rbx r12 r13 as at its entry, rsp aligned.
  const Label raise = a.newLabel();
  const Label handler = a.newLabel();
  a.bind(raise);
  core.raise = code.offset();
  save_unwind_registers(a);
  a.mov(x86::rdi, qword_ptr(x86::r15, kVmStore));
  a.mov(x86::rcx, x86::rsp);
  a.mov(x86::rbx, x86::rdi);
  call_cpp(a, reinterpret_cast<const void*>(callbacks.raise));
  a.test(x86::rax, x86::rax);
  a.jnz(handler);
  unwind_to_entry(a);
  a.bind(handler);
  enter_handler(a);

  for (size_t i = 0; i < kNumBuiltins; ++i) {
    a.align(asmjit::AlignMode::kCode, 16);
    core.builtins[i] = code.offset();
    emit_builtin_thunk(a, builtins[i], raise);
  }
  core.code = code.take();
  return core;
}

std::vector<uint8_t> make_entry_thunk(const FuncType& type) {
  const CallLayout layout = call_layout(type);
  Code code;
  x86::Assembler& a = code.a;

  a.push(x86::rbp);
  a.mov(x86::rbp, x86::rsp);
  a.push(0);
  for (const x86::Gp& reg : {x86::rbx, x86::r12, x86::r13, x86::r14, x86::r15, x86::rdx}) {
    a.push(reg);
  }
  a.mov(x86::rax, qword_ptr(x86::rdi, kVmStore));
  a.push(qword_ptr(x86::rax, kVmStoreEntrySp));
  a.push(qword_ptr(x86::rax, kVmStoreLastWasmFp));
  a.push(qword_ptr(x86::rax, kVmStoreLastWasmPc));
  a.push(x86::rax);
  a.push(x86::rax);
  a.mov(qword_ptr(x86::rax, kVmStoreEntrySp), x86::rsp);

  a.mov(x86::r15, x86::rdi);
  a.mov(x86::r14, qword_ptr(x86::rdi, kVmMemory0Base));
  // Neither r11 nor r12 carries an argument; r12 survives until the call.
  a.mov(x86::r12, x86::rsi);
  a.mov(x86::r11, x86::rdx);
  if (layout.stack_bytes != 0) a.sub(x86::rsp, layout.stack_bytes);
  for (size_t i = 0; i < type.params.size(); ++i) {
    load_value(a, type.params[i], layout.params[i], x86::r11, i, ptr(x86::rsp));
  }
  a.call(x86::r12);
  a.mov(x86::r11, qword_ptr(x86::rbp, entry_slot(offsetof(EntryFrame, values))));
  for (size_t i = 0; i < type.results.size(); ++i) {
    store_value(a, type.results[i], layout.results[i], x86::r11, i, ptr(x86::rsp));
  }
  a.xor_(x86::eax, x86::eax);
  leave_entry_frame(a);
  return code.take();
}

std::vector<uint8_t> make_host_thunk(const FuncType& type, const void* raise) {
  const CallLayout layout = call_layout(type);
  const size_t num_values = std::max(type.params.size(), type.results.size());
  const auto frame_bytes = kSaveAreaBytes + static_cast<int32_t>(num_values * sizeof(Value));
  constexpr int32_t kCallerArea = 16;  // from rbp, over its saved value and the return address
  Code code;
  x86::Assembler& a = code.a;
  const Label failed = a.newLabel();
  const Label overflow = a.newLabel();

  a.push(x86::rbp);
  a.mov(x86::rbp, x86::rsp);
  a.sub(x86::rsp, frame_bytes);
  // At most 16 KiB below the limit: within the room kept there, and nothing was written yet but our
  // save area.
  save_wasm_registers(a);
  record_wasm_caller(a);
  a.cmp(x86::rsp, qword_ptr(x86::r8, kVmStoreStackLimit));
  a.jbe(overflow);
  for (size_t i = 0; i < type.params.size(); ++i) {
    store_value(a, type.params[i], layout.params[i], x86::rsp, i, ptr(x86::rbp, kCallerArea));
  }
  a.mov(x86::rdi, x86::r15);
  a.mov(x86::rsi, qword_ptr(x86::r9, -8));
  a.mov(x86::rdx, x86::rsp);
  a.call(qword_ptr(x86::r15, kVmHostFunctionCall));
  a.test(x86::rax, x86::rax);
  a.jnz(failed);
  for (size_t i = 0; i < type.results.size(); ++i) {
    load_value(a, type.results[i], layout.results[i], x86::rsp, i, ptr(x86::rbp, kCallerArea));
  }
  restore_wasm_registers(a);
  a.leave();
  a.ret();

  a.bind(overflow);
  a.xor_(x86::edx, x86::edx);
  a.mov(x86::esi, static_cast<uint32_t>(TrapCode::call_stack_exhausted));
  jump_to(a, raise);
  a.bind(failed);
  a.xor_(x86::edx, x86::edx);
  a.mov(x86::esi, static_cast<uint32_t>(TrapCode::host));
  jump_to(a, raise);
  return code.take();
}

std::string thunk_shape(const FuncType& type) {
  std::string shape;
  shape.reserve(type.params.size() + type.results.size() + 1);
  for (const ValType param : type.params) shape += shape_of(param);
  shape += '>';
  for (const ValType result : type.results) shape += shape_of(result);
  return shape;
}

}  // namespace swoop::jit::x64
