// Functions assembled by hand for the machine that the tests run on, by the wasm calling convention
// (jit/<isa>/abi.h): the same operations for each machine, so that tests of what calls them do not
// depend on it. asmjit makes the code, as nothing that is tested should.
#pragma once

#include "base/check.h"
#include "jit/host_thunks.h"
#include "vm/builtins.h"
#include "vm/context.h"

#if defined(__aarch64__)
#include "jit/a64/abi.h"

#include <asmjit/arm/a64assembler.h>
#else
#include "jit/x64/abi.h"

#include <asmjit/x86.h>
#endif

#include <array>
#include <cstdint>
#include <vector>

namespace swoop {

namespace host_isa = jit::host_isa;

/// Registers are named by their number in machine code. Those for a first, second... argument are
/// also those of results.
class HostAssembler {
 public:
  using Reg = uint8_t;
  static constexpr auto& kArgs = host_isa::kGpArgs;
  static constexpr Reg kContext = host_isa::kFrameRegisters.context;
  static constexpr Reg kStackPointer = host_isa::kFrameRegisters.stack_pointer;
  static constexpr Reg kFramePointer = host_isa::kFrameRegisters.frame_pointer;
#if defined(__aarch64__)
  static constexpr Reg kMemoryBase = 27;
  static constexpr Reg kScratch = 16;
  static constexpr std::array<Reg, 8> kPreserved = {19, 20, 21, 22, 23, 24, 25, 26};
  static constexpr std::array<Reg, 8> kPreservedFp = {8, 9, 10, 11, 12, 13, 14, 15};
  static constexpr std::array<Reg, 10> kPreservedByC = {19, 20, 21, 22, 23, 24, 25, 26, 27, 28};
  static constexpr std::array<Reg, 8> kPreservedFpByC = kPreservedFp;
#else
  static constexpr Reg kMemoryBase = 14;
  static constexpr Reg kScratch = 10;
  static constexpr std::array<Reg, 6> kPreserved = {3, 8, 9, 11, 12, 13};
  static constexpr std::array<Reg, 7> kPreservedFp = {8, 9, 10, 11, 12, 13, 14};
  static constexpr std::array<Reg, 5> kPreservedByC = {3, 12, 13, 14, 15};
  static constexpr std::array<Reg, 0> kPreservedFpByC = {};
#endif

  HostAssembler() {
    CHECK(holder_.init(asmjit::Environment::host()) == asmjit::kErrorOk);
    CHECK(holder_.attach(&a) == asmjit::kErrorOk);
  }

  std::vector<uint8_t> take() {
    CHECK(holder_.flatten() == asmjit::kErrorOk);
    std::vector<uint8_t> bytes(holder_.codeSize());
    CHECK(holder_.copyFlattenedData(bytes.data(), bytes.size()) == asmjit::kErrorOk);
    return bytes;
  }

  size_t offset() const {
    return a.offset();
  }
  asmjit::Label new_label() {
    return a.newLabel();
  }
  void bind(const asmjit::Label& label) {
    a.bind(label);
  }

  void add_one(Reg reg) {
    set(kScratch, 1);
    add(reg, kScratch);
  }
  /// Of the context in its register. Uses kScratch.
  void call_builtin(size_t index) {
    load(kScratch, kContext, kVmBuiltins);
    load(kScratch, kScratch, static_cast<int32_t>(index) * 8);
    call(kScratch);
  }
  void call_at(const void* code) {
    set(kScratch, reinterpret_cast<uintptr_t>(code));
    call(kScratch);
  }

#if defined(__aarch64__)
  void enter(int32_t frame_bytes = 0) {
    a.stp(x(kFramePointer), x(30), ptr_pre(asmjit::a64::sp, -16));
    a.mov(x(kFramePointer), asmjit::a64::sp);
    if (frame_bytes != 0) a.sub(asmjit::a64::sp, asmjit::a64::sp, frame_bytes);
  }
  void leave() {
    a.mov(asmjit::a64::sp, x(kFramePointer));
    a.ldp(x(kFramePointer), x(30), ptr_post(asmjit::a64::sp, 16));
    a.ret(x(30));
  }
  void ret() {
    a.ret(x(30));
  }

  void move(Reg to, Reg from) {
    a.mov(x(to), x(from));
  }
  void set(Reg to, uint64_t value) {
    a.movz(x(to), value & 0xffff);
    for (uint32_t shift = 16; shift < 64; shift += 16)
      a.movk(x(to), value >> shift & 0xffff, asmjit::a64::lsl(shift));
  }
  void add(Reg to, Reg from) {
    a.add(x(to), x(to), x(from));
  }
  void move_to_fp(Reg to, Reg from) {
    a.fmov(asmjit::a64::d(to), x(from));
  }
  void move_from_fp(Reg to, Reg from) {
    a.fmov(x(to), asmjit::a64::d(from));
  }
  /// Adds one to `sum` if both are equal.
  void count_if_equal(Reg sum, Reg left, Reg right) {
    a.cmp(x(left), x(right));
    a.cinc(x(sum), x(sum), asmjit::a64::CondCode::kEQ);
  }

  void load(Reg to, Reg base, int32_t offset) {
    a.ldr(x(to), at(base, offset));
  }
  void load32(Reg to, Reg base, int32_t offset) {
    a.ldr(asmjit::a64::w(to), at(base, offset));
  }
  void load_indexed(Reg to, Reg base, Reg index) {
    a.ldr(x(to), asmjit::a64::ptr(x(base), x(index)));
  }
  void load_fp(Reg to, Reg base, int32_t offset) {
    a.ldr(asmjit::a64::d(to), at(base, offset));
  }
  /// One of those that the caller left on the stack, before the frame is made.
  void load_stack_argument(Reg to, int32_t offset) {
    a.ldr(x(to), asmjit::a64::ptr(asmjit::a64::sp, offset));
  }
  void store(Reg base, int32_t offset, Reg from) {
    if (from == kStackPointer) a.mov(x(from = 17), asmjit::a64::sp);
    a.str(x(from), at(base, offset));
  }
  void store32(Reg base, int32_t offset, Reg from) {
    a.str(asmjit::a64::w(from), at(base, offset));
  }
  void store_fp(Reg base, int32_t offset, Reg from) {
    a.str(asmjit::a64::d(from), at(base, offset));
  }

  void call(Reg target) {
    a.blr(x(target));
  }
  void call(const asmjit::Label& target) {
    a.bl(target);
  }
  void jump(Reg target) {
    a.br(x(target));
  }
  void illegal_instruction() {
    a.udf(0);
  }
  void branch_unless_equal(Reg left, Reg right, const asmjit::Label& target) {
    a.cmp(x(left), x(right));
    a.b_ne(target);
  }
  /// If there is room above the limit of the store of the context.
  void branch_if_stack_suffices(const asmjit::Label& target) {
    a.ldr(x(kScratch), at(kContext, kVmStackLimit));
    a.mov(x(17), asmjit::a64::sp);
    a.cmp(x(17), x(kScratch));
    a.b_hi(target);
  }

  asmjit::a64::Assembler a;

 private:
  static asmjit::a64::Gp x(Reg reg) {
    return asmjit::a64::x(reg);
  }
  static asmjit::a64::Mem at(Reg base, int32_t offset) {
    return asmjit::a64::ptr(x(base), offset);
  }
  static asmjit::a64::Mem ptr_pre(const asmjit::a64::Gp& base, int32_t offset) {
    return asmjit::a64::ptr_pre(base, offset);
  }
  static asmjit::a64::Mem ptr_post(const asmjit::a64::Gp& base, int32_t offset) {
    return asmjit::a64::ptr_post(base, offset);
  }
#else
  void enter(int32_t frame_bytes = 0) {
    a.push(q(kFramePointer));
    a.mov(q(kFramePointer), q(kStackPointer));
    if (frame_bytes != 0) a.sub(q(kStackPointer), frame_bytes);
  }
  void leave() {
    a.leave();
    a.ret();
  }
  void ret() {
    a.ret();
  }

  void move(Reg to, Reg from) {
    a.mov(q(to), q(from));
  }
  void set(Reg to, uint64_t value) {
    a.mov(q(to), asmjit::Imm(value));
  }
  void add(Reg to, Reg from) {
    a.add(q(to), q(from));
  }
  void move_to_fp(Reg to, Reg from) {
    a.movq(asmjit::x86::xmm(to), q(from));
  }
  void move_from_fp(Reg to, Reg from) {
    a.movq(q(to), asmjit::x86::xmm(from));
  }
  /// Adds one to `sum` if both are equal. Uses the third argument's register.
  void count_if_equal(Reg sum, Reg left, Reg right) {
    a.cmp(q(left), q(right));
    a.sete(asmjit::x86::gpb_lo(kArgs[2]));
    a.movzx(asmjit::x86::gpd(kArgs[2]), asmjit::x86::gpb_lo(kArgs[2]));
    a.add(q(sum), q(kArgs[2]));
  }

  void load(Reg to, Reg base, int32_t offset) {
    a.mov(q(to), at(base, offset));
  }
  void load32(Reg to, Reg base, int32_t offset) {
    a.mov(asmjit::x86::gpd(to), asmjit::x86::dword_ptr(q(base), offset));
  }
  void load_indexed(Reg to, Reg base, Reg index) {
    a.mov(q(to), asmjit::x86::qword_ptr(q(base), q(index)));
  }
  void load_fp(Reg to, Reg base, int32_t offset) {
    a.movq(asmjit::x86::xmm(to), at(base, offset));
  }
  /// One of those that the caller left on the stack, before the frame is made.
  void load_stack_argument(Reg to, int32_t offset) {
    load(to, kStackPointer, 8 + offset);
  }
  void store(Reg base, int32_t offset, Reg from) {
    a.mov(at(base, offset), q(from));
  }
  void store32(Reg base, int32_t offset, Reg from) {
    a.mov(asmjit::x86::dword_ptr(q(base), offset), asmjit::x86::gpd(from));
  }
  void store_fp(Reg base, int32_t offset, Reg from) {
    a.movq(at(base, offset), asmjit::x86::xmm(from));
  }

  void call(Reg target) {
    a.call(q(target));
  }
  void call(const asmjit::Label& target) {
    a.call(target);
  }
  void jump(Reg target) {
    a.jmp(q(target));
  }
  void illegal_instruction() {
    a.ud2();
  }
  void branch_unless_equal(Reg left, Reg right, const asmjit::Label& target) {
    a.cmp(q(left), q(right));
    a.jne(target);
  }
  /// If there is room above the limit of the store of the context.
  void branch_if_stack_suffices(const asmjit::Label& target) {
    a.cmp(q(kStackPointer), at(kContext, kVmStackLimit));
    a.ja(target);
  }

  asmjit::x86::Assembler a;

 private:
  static asmjit::x86::Gp q(Reg reg) {
    return asmjit::x86::gpq(reg);
  }
  static asmjit::x86::Mem at(Reg base, int32_t offset) {
    return asmjit::x86::qword_ptr(q(base), offset);
  }
#endif

  asmjit::CodeHolder holder_;
};

}  // namespace swoop
