#include "jit/x64/thunks.h"

#include "base/check.h"
#include "jit/crossing_check.h"
#include "jit/thunk_places.h"
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

// What C preserves but the frame's: debug builds note it in frames below rbp, and below the area
// above if there is one; a multiple of 16.
constexpr uint8_t kPreservedByC[] = {3, 12, 13, 14, 15};
constexpr int32_t kNoteBytes = kChecksCrossings ? 48 : 0;
static_assert(!kChecksCrossings || 8 * std::size(kPreservedByC) <= kNoteBytes);

constexpr uint8_t kScratch = 10;
constexpr uint8_t kFuel = 13;
// The C ABI's: rdi rsi rdx rcx r8 r9. Its floating-point ones are those of wasm.
constexpr std::array<uint8_t, 6> kCGpArgs = {7, 6, 2, 1, 8, 9};
constexpr int32_t kCallerArea = 16;  // from rbp, over its saved value and the return address

constexpr int32_t kFpOffset = offsetof(EntryFrame, frame);
x86::Mem entry_slot(size_t field_offset) {
  return qword_ptr(x86::rbp, static_cast<int32_t>(field_offset) - kFpOffset);
}
// Below the EntryFrame: the array of Values, if the form has one.
constexpr int32_t kValuesSlot = -kFpOffset - 8;

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

// The thunk's own frame is enough to find that of its wasm caller. Leaves the VmStore in r10; uses
// r11.
void record_exit(x86::Assembler& a) {
  a.mov(x86::r10, qword_ptr(x86::r15, kVmStore));
  a.mov(x86::r11, qword_ptr(x86::r10, kVmStoreEntrySp));
  a.mov(qword_ptr(x86::r11, offsetof(EntryFrame, exit)), x86::rbp);
}

void jump_to(x86::Assembler& a, const void* target) {
  a.mov(x86::rax, Imm(reinterpret_cast<uintptr_t>(target)));
  a.jmp(x86::rax);
}

void call_cpp(x86::Assembler& a, const void* function) {
  a.mov(x86::rax, Imm(reinterpret_cast<uintptr_t>(function)));
  a.call(x86::rax);
}

// Emits a call in a frame of `frame_bytes`, by `emit_call`. Debug builds note before it, above
// rbp - `note_depth`, what it shall preserve, and call `lost` if it has not. Uses r10 after it.
template <class Call>
void checked_call(x86::Assembler& a, int32_t frame_bytes, int32_t note_depth, void (*lost)(),
                  Call&& emit_call) {
  if constexpr (!kChecksCrossings) return emit_call();
  const auto for_each_noted = [&](auto&& each) {
    int32_t at = -note_depth;
    for (const uint8_t reg : kPreservedByC) {
      each(qword_ptr(x86::rbp, at), gp(reg));
      at += 8;
    }
  };
  const Label differs = a.newLabel();
  const Label kept = a.newLabel();
  for_each_noted([&](const x86::Mem& note, const x86::Gp& reg) { a.mov(note, reg); });
  emit_call();
  a.lea(x86::r10, ptr(x86::rsp, frame_bytes));
  a.cmp(x86::rbp, x86::r10);
  a.jne(differs);
  for_each_noted([&](const x86::Mem& note, const x86::Gp& reg) {
    a.cmp(reg, note);
    a.jne(differs);
  });
  a.jmp(kept);
  a.bind(differs);
  a.and_(x86::rsp, -16);
  call_cpp(a, reinterpret_cast<const void*>(lost));
  a.bind(kept);
}

// Unlinks the entry frame that rbp points to from the VmStore in rcx and returns to C++. Keeps the
// registers of results and status: rax rdx xmm0. Wasm has preserved rbx r12 r13.
void leave_entry_frame(x86::Assembler& a) {
  a.mov(x86::r10, entry_slot(offsetof(EntryFrame, outer)));
  a.mov(qword_ptr(x86::rcx, kVmStoreEntrySp), x86::r10);
  a.mov(x86::r15, entry_slot(offsetof(EntryFrame, preserved)));
  a.mov(x86::r14, entry_slot(offsetof(EntryFrame, preserved) + 8));
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
  a.mov(x86::rbp, register_slot(kFrameRegisters.frame_pointer));
  a.mov(gp(kScratch), register_slot(offsetof(UnwindRegisters, pc) / 8));
  a.mov(x86::rsp, register_slot(kFrameRegisters.stack_pointer));
  a.jmp(gp(kScratch));
}

// Abandons every frame down to the innermost entry thunk of the VmStore in rbx. Whatever form the
// thunk has, the status is 1 where its caller looks.
void unwind_to_entry(x86::Assembler& a) {
  a.mov(x86::rsp, qword_ptr(x86::rbx, kVmStoreEntrySp));
  a.lea(x86::rbp, ptr(x86::rsp, kFpOffset));
  a.mov(x86::rcx, x86::rbx);
  a.mov(x86::r13, entry_slot(offsetof(EntryFrame, preserved) + 16));
  a.mov(x86::r12, entry_slot(offsetof(EntryFrame, preserved) + 24));
  a.mov(x86::rbx, entry_slot(offsetof(EntryFrame, preserved) + 32));
  a.mov(x86::eax, 1);
  a.mov(x86::edx, 1);
  leave_entry_frame(a);
}

using Places = jit::Places<x86::Mem>;

x86::Mem place_in_memory(const Places& places, size_t index) {
  x86::Mem memory = places.memory;
  memory.addOffset(places.locations[index].stack_offset);
  return memory;
}

void move_gp_register(x86::Assembler& a, const GpMove& move, Side to) {
  if (move.is_narrow && (move.to != move.from || to == Side::wasm))
    a.mov(gp(move.to).r32(), gp(move.from).r32());
  else if (move.to != move.from)
    a.mov(gp(move.to), gp(move.from));
}

// Moves every value from where it is to where it is wanted. Uses r10 and xmm15.
void move_values(x86::Assembler& a, std::span<const ValType> types, const Places& from,
                 const Places& to) {
  using Kind = ValueLocation::Kind;
  for (size_t i = 0; i < types.size(); ++i) {
    if (to.locations[i].kind != Kind::stack) continue;
    const ValueLocation& source = from.locations[i];
    x86::Mem target = place_in_memory(to, i);
    if (types[i].is_vec()) {
      if (source.kind == Kind::stack) a.movups(x86::xmm15, place_in_memory(from, i));
      a.movups(target, source.kind == Kind::stack ? x86::xmm15 : x86::xmm(source.reg));
      continue;
    }
    target.setSize(8);
    if (source.kind == Kind::fp && !is_narrow(types[i])) {
      a.movsd(target, x86::xmm(source.reg));
    } else if (source.kind == Kind::gp && !is_narrow(types[i])) {
      a.mov(target, gp(source.reg));
    } else {
      const x86::Gp scratch = is_narrow(types[i]) ? gp(kScratch).r32() : gp(kScratch);
      if (source.kind == Kind::stack) a.mov(scratch, place_in_memory(from, i));
      if (source.kind == Kind::gp) a.mov(scratch, gp(source.reg).r32());
      if (source.kind == Kind::fp) a.movd(scratch, x86::xmm(source.reg));
      a.mov(target, gp(kScratch));
    }
    if (to.side == Side::values) {
      target.addOffset(8);
      a.mov(target, 0);
    }
  }
  for_each_gp_move(types, from, to, kScratch,
                   [&](const GpMove& move) { move_gp_register(a, move, to.side); });
  for (size_t i = 0; i < types.size(); ++i) {
    const ValueLocation& source = from.locations[i];
    const ValueLocation& target = to.locations[i];
    if (source.kind != Kind::stack) {
      DCHECK((target.kind != Kind::fp || target.reg == source.reg) && "both conventions agree");
      continue;
    }
    const x86::Mem memory = place_in_memory(from, i);
    if (target.kind == Kind::gp) {
      a.mov(is_narrow(types[i]) ? gp(target.reg).r32() : gp(target.reg), memory);
    } else if (target.kind == Kind::fp && types[i].is_vec()) {
      a.movups(x86::xmm(target.reg), memory);
    } else if (target.kind == Kind::fp && is_narrow(types[i])) {
      a.movss(x86::xmm(target.reg), memory);
    } else if (target.kind == Kind::fp) {
      a.movsd(x86::xmm(target.reg), memory);
    }
  }
}

bool returns_float(const FuncType& type) {
  return type.results[0].is_float_class();
}
Places cpp_results(const CppSide& cpp, const FuncType& type, x86::Mem values) {
  if (cpp.has_values || type.results.empty()) return in_array(type.results.size(), values);
  const auto kind = returns_float(type) ? ValueLocation::Kind::fp : ValueLocation::Kind::gp;
  return {Side::c, {{kind, 0, 0}}, values};
}
// The native form has its status after a result in a general register.
x86::Gp status_of(const CppSide& cpp, const FuncType& type) {
  const bool behind = !cpp.has_values && !type.results.empty() && !returns_float(type);
  return behind ? x86::rdx : x86::rax;
}

// Before an entry thunk in debug builds: calls it with the same arguments, `stack_bytes` of them on
// the stack.
void emit_guard(x86::Assembler& a, uint32_t stack_bytes) {
  const Label thunk = a.newLabel();
  const int32_t frame_bytes = kNoteBytes + static_cast<int32_t>(stack_bytes);
  a.push(x86::rbp);
  a.mov(x86::rbp, x86::rsp);
  a.sub(x86::rsp, frame_bytes);
  for (int32_t at = 0; at < static_cast<int32_t>(stack_bytes); at += 8) {
    a.mov(x86::r10, qword_ptr(x86::rbp, kCallerArea + at));
    a.mov(qword_ptr(x86::rsp, at), x86::r10);
  }
  checked_call(a, frame_bytes, kNoteBytes, lost_by_wasm, [&] { a.call(thunk); });
  a.leave();
  a.ret();
  a.bind(thunk);
}

void emit_builtin_thunk(x86::Assembler& a, const void* function, const Label& raise) {
  constexpr int32_t kFrameBytes = kSaveAreaBytes + kNoteBytes;
  const Label failed = a.newLabel();
  a.push(x86::rbp);
  a.mov(x86::rbp, x86::rsp);
  a.sub(x86::rsp, kFrameBytes);
  save_wasm_registers(a);
  record_exit(a);
  // rax rcx rdx rsi rdi -> rsi rdx rcx r8 r9, each target written after it was read.
  a.mov(x86::r8, x86::rsi);
  a.mov(x86::r9, x86::rdi);
  a.mov(x86::rsi, x86::rax);
  a.xchg(x86::rcx, x86::rdx);
  a.mov(x86::rdi, x86::r15);
  checked_call(a, kFrameBytes, kFrameBytes, lost_by_cpp, [&] { call_cpp(a, function); });
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

}  // namespace

CoreThunks make_core_thunks(const TrapCallbacks& callbacks,
                            std::span<const void* const, kNumBuiltins> builtins, const Target&) {
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

std::vector<uint8_t> make_entry_thunk(const FuncType& type, CallForm form, const Target& target) {
  const CallLayout layout = call_layout(type);
  const CppSide cpp(type, form, 1, kCGpArgs, kFpArgs);
  const x86::Mem values = ptr(x86::r9);  // carries an argument in the native form, a result in none
  Code code;
  x86::Assembler& a = code.a;

  if constexpr (kChecksCrossings) emit_guard(a, cpp.layout.stack_bytes);
  a.push(x86::rbp);
  a.mov(x86::rbp, x86::rsp);
  a.push(0);
  for (const x86::Gp& reg : {x86::rbx, x86::r12, x86::r13, x86::r14, x86::r15}) a.push(reg);
  a.mov(x86::r15, qword_ptr(x86::rdi, offsetof(VmFuncRef, context)));
  a.mov(x86::r11, qword_ptr(x86::rdi, offsetof(VmFuncRef, code)));
  a.mov(x86::r10, qword_ptr(x86::r15, kVmStore));
  a.mov(x86::r14, qword_ptr(x86::r15, kVmMemory0Base));
  a.push(qword_ptr(x86::r10, kVmStoreEntrySp));
  a.push(x86::rax);
  a.mov(qword_ptr(x86::r10, kVmStoreEntrySp), x86::rsp);
  if (cpp.has_values) {
    a.push(gp(cpp.values_reg));
    a.push(gp(cpp.values_reg));
  }
  if (cpp.is_array) a.mov(x86::r9, gp(cpp.values_reg));
  if (layout.stack_bytes != 0) a.sub(x86::rsp, layout.stack_bytes);
  move_values(a, type.params, cpp.params(type, values, ptr(x86::rbp, kCallerArea)),
              {Side::wasm, layout.params, ptr(x86::rsp)});
  if (target.fuel) a.mov(gp(kFuel), qword_ptr(x86::r15, kVmFuel));
  a.call(x86::r11);

  if (cpp.has_values) a.mov(x86::r9, qword_ptr(x86::rbp, kValuesSlot));
  move_values(a, type.results, {Side::wasm, layout.results, ptr(x86::rsp)},
              cpp_results(cpp, type, values));
  const x86::Gp status = status_of(cpp, type);
  a.xor_(status.r32(), status.r32());
  a.mov(x86::rcx, qword_ptr(x86::r15, kVmStore));
  if (target.fuel) a.mov(gp(kFuel), entry_slot(offsetof(EntryFrame, preserved) + 16));
  leave_entry_frame(a);
  return code.take();
}

std::vector<uint8_t> make_host_thunk(const FuncType& type, CallForm form, const void* raise,
                                     const Target&) {
  const CallLayout layout = call_layout(type);
  const CppSide cpp(type, form, 2, kCGpArgs, kFpArgs);
  const x86::Gp status = status_of(cpp, type);
  const auto stack_bytes = static_cast<int32_t>(cpp.layout.stack_bytes);
  const auto values_bytes = static_cast<int32_t>(cpp.num_values * sizeof(Value));
  const int32_t frame_bytes = kSaveAreaBytes + kNoteBytes + stack_bytes + values_bytes;
  const x86::Mem values = ptr(x86::rsp, stack_bytes);
  Code code;
  x86::Assembler& a = code.a;
  const Label failed = a.newLabel();
  const Label overflow = a.newLabel();

  a.push(x86::rbp);
  a.mov(x86::rbp, x86::rsp);
  a.sub(x86::rsp, frame_bytes);
  // At most 24 KiB below the limit: within the room kept there, and nothing was written yet but our
  // save area.
  save_wasm_registers(a);
  record_exit(a);
  a.cmp(x86::rsp, qword_ptr(x86::r10, kVmStoreStackLimit));
  a.jbe(overflow);
  move_values(a, type.params, {Side::wasm, layout.params, ptr(x86::rbp, kCallerArea)},
              cpp.params(type, values, ptr(x86::rsp)));
  if (cpp.has_values) a.lea(gp(cpp.values_reg), values);
  a.mov(x86::rsi, qword_ptr(x86::rbp));
  a.mov(x86::rsi, qword_ptr(x86::rsi, -8));
  a.mov(x86::rdi, x86::r15);
  checked_call(a, frame_bytes, kSaveAreaBytes + kNoteBytes, lost_by_cpp,
               [&] { a.call(qword_ptr(x86::r15, kVmHostFunctionCall)); });
  a.test(status, status);
  a.jnz(failed);
  move_values(a, type.results, cpp_results(cpp, type, values),
              {Side::wasm, layout.results, ptr(x86::rbp, kCallerArea)});
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

}  // namespace swoop::jit::x64
