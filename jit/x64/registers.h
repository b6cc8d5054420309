// Register names, memory operands and condition numbers of x86-64, by their encoding.
#pragma once

#include "base/check.h"
#include "jit/ops.h"

#include <cstdint>

namespace swoop::jit::x64 {

// clang-format off
enum class Gp : uint8_t {
  rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15,
  none = 0xff
};

enum class Xmm : uint8_t {
  xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7,
  xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15
};
// clang-format on

constexpr uint32_t code(Gp reg) {
  return static_cast<uint32_t>(reg);
}
constexpr uint32_t code(Xmm reg) {
  return static_cast<uint32_t>(reg);
}

/// `[base + (index << scale_log2) + disp]`. Every register can be the base; rsp cannot be an index.
struct Mem {
  Gp base;
  Gp index = Gp::none;
  uint8_t scale_log2 = 0;
  int32_t disp = 0;

  bool operator==(const Mem&) const = default;
};

/// Condition numbers as jcc, setcc and cmovcc encode them (SDM volume 1, appendix B).
enum class CondCode : uint8_t { o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g };

constexpr CondCode invert(CondCode cc) {
  return static_cast<CondCode>(static_cast<uint8_t>(cc) ^ 1);
}

inline constexpr CondCode kCondCodes[] = {CondCode::e, CondCode::ne, CondCode::l, CondCode::ge,
                                          CondCode::b, CondCode::ae, CondCode::g, CondCode::le,
                                          CondCode::a, CondCode::be};

/// The flags test for the integer condition `cond` after `cmp a, b`.
constexpr CondCode cond_code(Cond cond) {
  DCHECK(cond <= Cond::le_u);
  return kCondCodes[static_cast<uint8_t>(cond)];
}

}  // namespace swoop::jit::x64
