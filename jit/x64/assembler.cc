#include "jit/x64/assembler.h"

#include <algorithm>

namespace swoop::jit::x64 {

void Assembler::align(unsigned alignment) {
  DCHECK(alignment != 0 && alignment <= 64 && (alignment & (alignment - 1)) == 0);
  // The forms of SDM volume 2, NOP, in rows of 9 bytes: 66 prefixes and 0F 1F /0 with ever longer
  // operands. Row n is the recommended nop of n + 1 bytes.
  static constexpr uint8_t kNops[9][9] = {
      {0x90},
      {0x66, 0x90},
      {0x0f, 0x1f, 0x00},
      {0x0f, 0x1f, 0x40, 0x00},
      {0x0f, 0x1f, 0x44, 0x00, 0x00},
      {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
      {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
      {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
      {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
  };
  uint32_t left = -offset() & (alignment - 1);
  DCHECK(remainingSpace() >= left);
  while (left != 0) {
    const uint32_t size = std::min<uint32_t>(left, 9);
    _bufferPtr = std::copy_n(kNops[size - 1], size, _bufferPtr);
    left -= size;
  }
}

void Assembler::mov_ri64(Gp d, int64_t value) {
  Cursor at = begin();
  if (value == static_cast<int32_t>(value)) {
    at.reg_reg(op(0xc7), true, 0, x64::code(d));
    at.imm(static_cast<int32_t>(value), 4);
  } else {
    at.opcode_reg(0xb8, true, x64::code(d));
    at.bytes64(static_cast<uint64_t>(value), 8);
  }
  commit(at);
}

void Assembler::sse_rrr(Row row, bool commutes, Xmm d, Xmm a, Xmm b) {
  const auto operate = [&](Xmm left, Xmm right) {
    simd_reg(row, false, x64::code(left), 0, x64::code(right));
  };
  if (d == a) {
    operate(d, b);
  } else if (d != b) {
    movaps(d, a);
    operate(d, b);
  } else if (commutes) {
    operate(d, a);
  } else {
    DCHECK(d != kScratch);
    if (a != kScratch) movaps(kScratch, a);
    operate(kScratch, b);
    movaps(d, kScratch);
  }
}

asmjit::x86::Mem to_asmjit(const Mem& mem, uint32_t size) {
  const auto base = asmjit::x86::gpq(code(mem.base));
  if (mem.index == Gp::none) return asmjit::x86::ptr(base, mem.disp, size);
  return asmjit::x86::ptr(base, asmjit::x86::gpq(code(mem.index)), mem.scale_log2, mem.disp, size);
}

}  // namespace swoop::jit::x64
