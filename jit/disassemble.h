// Machine code as text, for listings, goldens and traces. The only user of Zydis.
#pragma once

#include "jit/target.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace swoop::jit {

struct Instruction {
  uint32_t offset;  // from the start of the code
  uint32_t size;    // in bytes, never 0
  std::string text;

  bool operator==(const Instruction&) const = default;
};

/// Part of the code that is not instructions, such as a jump table. `end` is one past the last
/// byte.
struct DataRange {
  uint32_t begin;
  uint32_t end;
};

/// Whether disassemble() knows the instructions of `isa`. Without Zydis (option `disassembler`) it
/// knows none.
bool can_disassemble(Isa isa);

/// Splits `code` into lines that cover it without gaps. Intel syntax; targets of branches and
/// rip-relative operands are offsets in `code`. Bytes that are no instruction, or an unknown ISA's,
/// become `.byte`; `data`, ascending and disjoint, becomes `.dword`. Any input is fine.
std::vector<Instruction> disassemble(std::span<const uint8_t> code, Isa isa,
                                     std::span<const DataRange> data = {});

}  // namespace swoop::jit
