#include "jit/a64/thunks.h"

#include "base/check.h"
#include "jit/a64/abi.h"
#include "jit/a64/assembler.h"
#include "jit/crossing_check.h"
#include "jit/thunk_places.h"

#include <algorithm>
#include <cstddef>

namespace swoop::jit::a64 {
namespace {

constexpr Width w64 = Width::w64;
constexpr Gp kContext = Gp::x28;
constexpr Gp kMemoryBase = Gp::x27;
constexpr Gp kFuel = Gp::x26;
constexpr Gp kScratch = Gp::x16;
constexpr Gp kOtherScratch = Gp::x17;
constexpr Vec kFpScratch = Vec::v31;
// C's temporaries that pass no arguments, neither in its convention nor in ours.
constexpr Gp kCode = Gp::x9;
constexpr Gp kValues = Gp::x10;

constexpr int32_t kCallerArea = 16;  // from x29, over its saved value and the return address
constexpr int32_t kFpOffset = offsetof(EntryFrame, frame);
// Below the EntryFrame: the array of Values, if the form has one.
constexpr int32_t kValuesSlot = -kFpOffset - 16;

// Debug builds note below x29 what C preserves but the frame's: x19-x28 and d8-d15. A multiple of
// 16.
constexpr int32_t kNoteBytes = kChecksCrossings ? 144 : 0;

Mem entry_slot(size_t field_offset) {
  return {Gp::x29, static_cast<int32_t>(field_offset) - kFpOffset};
}
Mem preserved_slot(size_t index) {
  return entry_slot(offsetof(EntryFrame, preserved) + 8 * index);
}
constexpr size_t kFirstFloatPreserved = 10;

/// Of one thunk or several. Each begins with a landing pad, as it is called indirectly.
class Code {
 public:
  explicit Code(const Target& target) : signs_(target.sign_return_addresses) {}

  void push_frame() {
    a.reserve(512);
    a.hint(signs_ ? Hint::paciasp : Hint::bti_c);
    a.stp(w64, Gp::x29, Gp::x30, MemPre{Gp::sp, -16});
    a.mov_sp(Gp::x29, Gp::sp);
  }
  void pop_frame_and_return() {
    a.mov_sp(Gp::sp, Gp::x29);
    a.ldp(w64, Gp::x29, Gp::x30, MemPost{Gp::sp, 16});
    if (signs_) a.hint(Hint::autiasp);
    a.ret();
  }
  std::vector<uint8_t> take() {
    CHECK(a.in_reach());
    const std::span<const uint8_t> code = a.code();
    return {code.begin(), code.end()};
  }
  Assembler a;

 private:
  bool signs_;
};

Gp gp(uint8_t number) {
  return static_cast<Gp>(number);
}
Vec vec(uint8_t number) {
  return static_cast<Vec>(number);
}

void grow_stack(Assembler& a, size_t bytes) {
  DCHECK(bytes % 16 == 0);
  if (bytes == 0) return;
  a.mov_ri(w64, kScratch, static_cast<int64_t>(bytes));
  a.arith_rrx(Arith::sub, w64, Gp::sp, Gp::sp, kScratch, Extend::uxtx);
}

void load_address(Assembler& a, Gp d, const void* target) {
  a.mov_ri(w64, d, static_cast<int64_t>(reinterpret_cast<uintptr_t>(target)));
}
void call_cpp(Assembler& a, const void* function) {
  load_address(a, kScratch, function);
  a.blr(kScratch);
}

// The thunk's own frame is enough to find that of its wasm caller. Leaves the VmStore in kScratch.
void record_exit(Assembler& a) {
  a.load(LoadKind::u64, kScratch, Mem{kContext, kVmStore});
  a.load(LoadKind::u64, kOtherScratch, Mem{kScratch, kVmStoreEntrySp});
  a.store(3, Mem{kOtherScratch, offsetof(EntryFrame, exit)}, Gp::x29);
}

// Unlinks the entry frame that x29 points to from the VmStore in kOtherScratch and returns to C++.
// Keeps the registers of results and status: x0 x1. Wasm has preserved x19-x26 and d8-d15.
void leave_entry_frame(Code& code) {
  Assembler& a = code.a;
  a.load(LoadKind::u64, kScratch, entry_slot(offsetof(EntryFrame, outer)));
  a.store(3, Mem{kOtherScratch, kVmStoreEntrySp}, kScratch);
  a.ldp(w64, Gp::x27, Gp::x28, preserved_slot(0));
  code.pop_frame_and_return();
}

template <class F>
void for_each_preserved_pair(F&& each) {
  for (uint8_t i = 0; i < 8; i += 2) each(i);
}

// Emits a call in a frame of `frame_bytes`, by `emit_call`. Debug builds note before it what it
// shall preserve, and call `lost` if it has not. Uses both scratch registers after it.
template <class Call>
void checked_call(Assembler& a, size_t frame_bytes, void (*lost)(), Call&& emit_call) {
  if constexpr (!kChecksCrossings) return emit_call();
  constexpr uint8_t kNumGp = 10;
  constexpr uint8_t kNumFp = 8;
  static_assert(!kChecksCrossings || 8 * (kNumGp + kNumFp) <= kNoteBytes);
  const auto note = [](int32_t index) { return Mem{Gp::x29, 8 * index - kNoteBytes}; };
  a.reserve(512);
  for (uint8_t i = 0; i < kNumGp; i += 2) a.stp(w64, gp(19 + i), gp(20 + i), note(i));
  for_each_preserved_pair(
      [&](uint8_t i) { a.stp(FloatWidth::f64, vec(8 + i), vec(9 + i), note(kNumGp + i)); });
  emit_call();
  a.reserve(512);
  PatchChain differs;
  PatchChain kept;
  a.mov_ri(w64, kScratch, static_cast<int64_t>(frame_bytes));
  a.arith_rrx(Arith::add, w64, kScratch, Gp::sp, kScratch, Extend::uxtx);
  a.cmp_rr(w64, kScratch, Gp::x29);
  a.b_cond(CondCode::ne, differs);
  for (uint8_t i = 0; i < kNumGp + kNumFp; ++i) {
    a.load(LoadKind::u64, kScratch, note(i));
    if (i >= kNumGp) a.fmov_gv(w64, kOtherScratch, vec(8 + i - kNumGp));
    a.cmp_rr(w64, kScratch, i < kNumGp ? gp(19 + i) : kOtherScratch);
    a.b_cond(CondCode::ne, differs);
  }
  a.b(kept);
  a.bind(differs);
  call_cpp(a, reinterpret_cast<const void*>(lost));
  a.bind(kept);
}

// Builds UnwindRegisters at sp, of the wasm caller of the thunk whose frame is in x29.
constexpr size_t kUnwindBytes = (sizeof(UnwindRegisters) + 15) / 16 * 16;
Mem gp_slot(unsigned number) {
  return {Gp::sp, static_cast<int32_t>(8 * number)};
}
Mem fp_slot(unsigned number) {
  return {Gp::sp, static_cast<int32_t>(offsetof(UnwindRegisters, fp) + 8 * number)};
}
void save_unwind_registers(Assembler& a) {
  grow_stack(a, kUnwindBytes);
  for_each_preserved_pair([&](uint8_t i) {
    a.stp(w64, gp(19 + i), gp(20 + i), gp_slot(19 + i));
    a.stp(FloatWidth::f64, vec(8 + i), vec(9 + i), fp_slot(8 + i));
  });
  a.store(3, gp_slot(kFrameRegisters.context), kContext);
}

// Continues with the UnwindRegisters at sp. They lie below the stack pointer of the handler, so
// that one is set last: from then on a signal may overwrite them.
void enter_handler(Assembler& a) {
  for_each_preserved_pair([&](uint8_t i) {
    a.ldp(w64, gp(19 + i), gp(20 + i), gp_slot(19 + i));
    a.ldp(FloatWidth::f64, vec(8 + i), vec(9 + i), fp_slot(8 + i));
  });
  a.load(LoadKind::u64, kContext, gp_slot(kFrameRegisters.context));
  a.load(LoadKind::u64, kMemoryBase, Mem{kContext, kVmMemory0Base});
  a.load(LoadKind::u64, Gp::x0, gp_slot(0));
  a.load_float(FloatWidth::f64, Vec::v0, fp_slot(0));
  a.load(LoadKind::u64, Gp::x29, gp_slot(kFrameRegisters.frame_pointer));
  a.load(LoadKind::u64, kScratch, Mem{Gp::sp, offsetof(UnwindRegisters, pc)});
  a.load(LoadKind::u64, kOtherScratch, gp_slot(kFrameRegisters.stack_pointer));
  a.mov_sp(Gp::sp, kOtherScratch);
  a.ret(kScratch);  // lands anywhere: a handler has no landing pad
}

// Abandons every frame down to the innermost entry thunk of the VmStore in x19. Whatever form the
// thunk has, the status is 1 where its caller looks.
void unwind_to_entry(Code& code) {
  Assembler& a = code.a;
  a.load(LoadKind::u64, kScratch, Mem{Gp::x19, kVmStoreEntrySp});
  a.mov_sp(Gp::sp, kScratch);
  a.arith_rri(Arith::add, w64, Gp::x29, kScratch, kFpOffset);
  a.mov_rr(w64, kOtherScratch, Gp::x19);
  for_each_preserved_pair([&](uint8_t i) {
    a.ldp(w64, gp(19 + i), gp(20 + i), preserved_slot(2 + i));
    a.ldp(FloatWidth::f64, vec(8 + i), vec(9 + i), preserved_slot(kFirstFloatPreserved + i));
  });
  a.movz(w64, Gp::x0, 1);
  a.movz(w64, Gp::x1, 1);
  leave_entry_frame(code);
}

using Places = jit::Places<Mem>;

Width width_of(ValType type) {
  return is_narrow(type) ? Width::w32 : Width::w64;
}
FloatWidth float_width_of(ValType type) {
  return is_narrow(type) ? FloatWidth::f32 : FloatWidth::f64;
}
LoadKind load_kind(ValType type) {
  return is_narrow(type) ? LoadKind::u32 : LoadKind::u64;
}

Mem place_in_memory(const Places& places, size_t index, int32_t addition = 0) {
  const auto offset = static_cast<int32_t>(places.locations[index].stack_offset);
  return {places.memory.base, places.memory.offset + offset + addition};
}

void move_gp_register(Assembler& a, const GpMove& move, Side to) {
  a.reserve();
  if (move.is_narrow && (move.to != move.from || to == Side::wasm))
    a.mov_rr(Width::w32, gp(move.to), gp(move.from));
  else if (move.to != move.from)
    a.mov_rr(w64, gp(move.to), gp(move.from));
}

// Moves every value from where it is to where it is wanted. Uses both scratch registers, and v31.
void move_values(Assembler& a, std::span<const ValType> types, const Places& from,
                 const Places& to) {
  using Kind = ValueLocation::Kind;
  for (size_t i = 0; i < types.size(); ++i) {
    if (to.locations[i].kind != Kind::stack) continue;
    a.reserve();
    const ValueLocation& source = from.locations[i];
    if (types[i].is_vec()) {
      const bool in_memory = source.kind == Kind::stack;
      if (in_memory) a.load_v128(kFpScratch, place_in_memory(from, i));
      a.store_v128(place_in_memory(to, i), in_memory ? kFpScratch : vec(source.reg));
      continue;
    }
    Gp value = kScratch;
    if (source.kind == Kind::stack) {
      // Results behind a thousand vectors lie farther off than a load of 32 bits reaches.
      a.load(LoadKind::u64, kScratch, place_in_memory(from, i));
      if (is_narrow(types[i])) a.mov_rr(Width::w32, kScratch, kScratch);
    } else if (source.kind == Kind::fp) {
      a.fmov_gv(width_of(types[i]), kScratch, vec(source.reg));
    } else if (is_narrow(types[i])) {
      a.mov_rr(Width::w32, kScratch, gp(source.reg));
    } else {
      value = gp(source.reg);
    }
    a.store(3, place_in_memory(to, i), value);
    if (to.side == Side::values) a.store(3, place_in_memory(to, i, 8), Gp::zr);
  }
  for_each_gp_move(types, from, to, static_cast<uint8_t>(kScratch),
                   [&](const GpMove& move) { move_gp_register(a, move, to.side); });
  for (size_t i = 0; i < types.size(); ++i) {
    a.reserve();
    const ValueLocation& source = from.locations[i];
    const ValueLocation& target = to.locations[i];
    if (source.kind == Kind::fp && target.kind == Kind::gp) {
      a.fmov_gv(width_of(types[i]), gp(target.reg), vec(source.reg));
    } else if (source.kind == Kind::gp && target.kind == Kind::fp) {
      a.fmov_vg(width_of(types[i]), vec(target.reg), gp(source.reg));
    } else if (source.kind != Kind::stack) {
      DCHECK((target.kind != Kind::fp || target.reg == source.reg) && "both conventions agree");
    } else if (target.kind == Kind::gp) {
      a.load(load_kind(types[i]), gp(target.reg), place_in_memory(from, i));
    } else if (target.kind == Kind::fp && types[i].is_vec()) {
      a.load_v128(vec(target.reg), place_in_memory(from, i));
    } else if (target.kind == Kind::fp) {
      a.load_float(float_width_of(types[i]), vec(target.reg), place_in_memory(from, i));
    }
  }
}

// A struct of a value and a status comes in two general registers, the value even if it is a float.
Places cpp_results(const CppSide& cpp, const FuncType& type, Mem values) {
  if (cpp.has_values || type.results.empty()) return in_array(type.results.size(), values);
  return {Side::c, {{ValueLocation::Kind::gp, 0, 0}}, values};
}
Gp status_of(const CppSide& cpp, const FuncType& type) {
  return cpp.has_values || type.results.empty() ? Gp::x0 : Gp::x1;
}

// Before an entry thunk in debug builds: calls it with the same arguments, `stack_bytes` of them on
// the stack.
void emit_guard(Code& code, uint32_t stack_bytes) {
  Assembler& a = code.a;
  code.push_frame();
  grow_stack(a, kNoteBytes + stack_bytes);
  for (uint32_t at = 0; at < stack_bytes; at += 8) {
    a.reserve();
    a.load(LoadKind::u64, kScratch, Mem{Gp::x29, kCallerArea + static_cast<int32_t>(at)});
    a.store(3, Mem{Gp::sp, static_cast<int32_t>(at)}, kScratch);
  }
  uint32_t call = 0;
  checked_call(a, kNoteBytes + stack_bytes, lost_by_wasm, [&] { call = a.bl(); });
  code.pop_frame_and_return();
  a.patch_to_here(call);
}

void emit_builtin_thunk(Code& code, const void* function, uint32_t raise) {
  Assembler& a = code.a;
  code.push_frame();
  grow_stack(a, kNoteBytes);
  record_exit(a);
  for (uint8_t i = 5; i > 0; --i) a.mov_rr(w64, gp(i), gp(i - 1));
  a.mov_rr(w64, Gp::x0, kContext);
  checked_call(a, kNoteBytes, lost_by_cpp, [&] { call_cpp(a, function); });
  PatchChain failed;
  a.cbnz(w64, Gp::x1, failed);
  code.pop_frame_and_return();
  a.bind(failed);
  a.mov_rr(w64, Gp::x2, Gp::x0);
  a.b_back(raise);
}

}  // namespace

CoreThunks make_core_thunks(const TrapCallbacks& callbacks,
                            std::span<const void* const, kNumBuiltins> builtins,
                            const Target& target) {
  Code code(target);
  Assembler& a = code.a;
  CoreThunks core;

  a.reserve(1024);
  core.trap_landing = a.offset();
  // In code without landing pads, what faults may be where an indirect branch has just landed.
  a.hint(Hint::bti_jc);
  a.mov_rr(w64, Gp::x19, Gp::x0);
  call_cpp(a, reinterpret_cast<const void*>(callbacks.fault));
  unwind_to_entry(code);

  // In: x28 the context of a thunk's wasm caller or host function, x1 the trap code, x2 the value
  // with it, x29 the thunk's frame, x19-x26 and d8-d15 as at its entry.
  core.raise = a.offset();
  a.hint(Hint::bti_c);
  save_unwind_registers(a);
  a.load(LoadKind::u64, Gp::x0, Mem{kContext, kVmStore});
  a.mov_sp(Gp::x3, Gp::sp);
  a.mov_rr(w64, Gp::x19, Gp::x0);
  call_cpp(a, reinterpret_cast<const void*>(callbacks.raise));
  PatchChain handler;
  a.cbnz(w64, Gp::x0, handler);
  unwind_to_entry(code);
  a.bind(handler);
  enter_handler(a);

  for (size_t i = 0; i < kNumBuiltins; ++i) {
    a.reserve(512);
    a.align(16);
    core.builtins[i] = a.offset();
    emit_builtin_thunk(code, builtins[i], core.raise);
  }
  core.code = code.take();
  return core;
}

std::vector<uint8_t> make_entry_thunk(const FuncType& type, CallForm form, const Target& target) {
  const CallLayout layout = call_layout(type);
  const CppSide cpp(type, form, 1, kGpArgs, kFpArgs);
  const Mem values{kValues, 0};
  Code code(target);
  Assembler& a = code.a;

  if constexpr (kChecksCrossings) emit_guard(code, cpp.layout.stack_bytes);
  code.push_frame();
  a.arith_rri(Arith::sub, w64, Gp::sp, Gp::sp, kFpOffset);
  a.stp(w64, Gp::x27, Gp::x28, preserved_slot(0));
  for_each_preserved_pair([&](uint8_t i) {
    a.stp(w64, gp(19 + i), gp(20 + i), preserved_slot(2 + i));
    a.stp(FloatWidth::f64, vec(8 + i), vec(9 + i), preserved_slot(kFirstFloatPreserved + i));
  });
  a.store(3, entry_slot(offsetof(EntryFrame, caller)), Gp::zr);
  a.load(LoadKind::u64, kContext, Mem{Gp::x0, offsetof(VmFuncRef, context)});
  a.load(LoadKind::u64, kCode, Mem{Gp::x0, offsetof(VmFuncRef, code)});
  a.load(LoadKind::u64, kOtherScratch, Mem{kContext, kVmStore});
  a.load(LoadKind::u64, kMemoryBase, Mem{kContext, kVmMemory0Base});
  a.load(LoadKind::u64, kScratch, Mem{kOtherScratch, kVmStoreEntrySp});
  a.store(3, entry_slot(offsetof(EntryFrame, outer)), kScratch);
  a.mov_sp(kScratch, Gp::sp);
  a.store(3, Mem{kOtherScratch, kVmStoreEntrySp}, kScratch);
  if (cpp.has_values) {
    a.store(3, MemPre{Gp::sp, -16}, gp(cpp.values_reg));
    a.mov_rr(w64, kValues, gp(cpp.values_reg));
  }
  grow_stack(a, layout.stack_bytes);
  move_values(a, type.params, cpp.params(type, values, {Gp::x29, kCallerArea}),
              {Side::wasm, layout.params, {Gp::sp, 0}});
  a.reserve();
  if (target.fuel) a.load(LoadKind::u64, kFuel, Mem{kContext, kVmFuel});
  a.blr(kCode);

  if (cpp.has_values) a.load(LoadKind::u64, kValues, Mem{Gp::x29, kValuesSlot});
  move_values(a, type.results, {Side::wasm, layout.results, {Gp::sp, 0}},
              cpp_results(cpp, type, values));
  a.reserve();
  a.movz(w64, status_of(cpp, type), 0);
  a.load(LoadKind::u64, kOtherScratch, Mem{kContext, kVmStore});
  if (target.fuel) a.load(LoadKind::u64, kFuel, preserved_slot(9));
  leave_entry_frame(code);
  return code.take();
}

std::vector<uint8_t> make_host_thunk(const FuncType& type, CallForm form, const void* raise,
                                     const Target& target) {
  const CallLayout layout = call_layout(type);
  const CppSide cpp(type, form, 2, kGpArgs, kFpArgs);
  const Mem values{kValues, 0};
  Code code(target);
  Assembler& a = code.a;

  code.push_frame();
  // At most 24 KiB below the limit: within the room kept there, and nothing was written yet.
  const size_t frame_bytes = kNoteBytes + cpp.layout.stack_bytes + cpp.num_values * sizeof(Value);
  grow_stack(a, frame_bytes);
  record_exit(a);
  a.load(LoadKind::u64, kOtherScratch, Mem{kScratch, kVmStoreStackLimit});
  a.cmp_rx(w64, Gp::sp, kOtherScratch, Extend::uxtx);
  PatchChain overflow;
  a.b_cond(CondCode::ls, overflow);
  const auto find_values = [&] {  // above the arguments on the stack
    if (!cpp.has_values) return;
    a.mov_ri(w64, kScratch, cpp.layout.stack_bytes);
    a.arith_rrx(Arith::add, w64, kValues, Gp::sp, kScratch, Extend::uxtx);
  };
  find_values();
  move_values(a, type.params, {Side::wasm, layout.params, {Gp::x29, kCallerArea}},
              cpp.params(type, values, {Gp::sp, 0}));
  a.reserve();
  if (cpp.has_values) a.mov_rr(w64, gp(cpp.values_reg), kValues);
  a.load(LoadKind::u64, Gp::x1, Mem{Gp::x29, 0});
  a.load(LoadKind::u64, Gp::x1, Mem{Gp::x1, -8});
  a.mov_rr(w64, Gp::x0, kContext);
  a.load(LoadKind::u64, kScratch, Mem{kContext, kVmHostFunctionCall});
  checked_call(a, frame_bytes, lost_by_cpp, [&] { a.blr(kScratch); });
  PatchChain failed;
  a.cbnz(w64, status_of(cpp, type), failed);
  find_values();
  move_values(a, type.results, cpp_results(cpp, type, values),
              {Side::wasm, layout.results, {Gp::x29, kCallerArea}});
  a.reserve();
  code.pop_frame_and_return();

  const auto fail = [&](PatchChain& chain, TrapCode trap) {
    a.reserve();
    a.bind(chain);
    a.movz(w64, Gp::x1, static_cast<uint16_t>(trap));
    a.movz(w64, Gp::x2, 0);
    load_address(a, kScratch, raise);
    a.br(kScratch);
  };
  fail(overflow, TrapCode::call_stack_exhausted);
  fail(failed, TrapCode::host);
  return code.take();
}

}  // namespace swoop::jit::a64
