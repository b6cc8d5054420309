// Machine code as text, for listings, goldens and traces. The only user of Zydis (x86-64) and
// Capstone (AArch64).
#pragma once

#include "jit/target.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace swoop::jit {

struct Instruction {
  uint32_t offset;  // from the start of the code
  uint32_t size;    // in bytes, never 0
  std::string text;
  std::optional<int64_t> callee = std::nullopt;  // of a direct call, from the start of the code

  bool operator==(const Instruction&) const = default;
};

/// Part of the code that is not instructions, such as a jump table. `end` is one past the last
/// byte.
struct DataRange {
  uint32_t begin;
  uint32_t end;
};

/// Whether disassemble() knows the instructions of `isa`: x64 needs Zydis and a64 Capstone (option
/// `disassembler`).
bool can_disassemble(Isa isa);

/// Splits `code` into lines that cover it without gaps. x64 in Intel syntax; targets of branches
/// and operands relative to the program counter are offsets in `code`. What is no known instruction
/// becomes `.byte`, for a64 `.dword` where there are four bytes; `data`, ascending and disjoint,
/// becomes `.dword`. Any input is fine.
std::vector<Instruction> disassemble(std::span<const uint8_t> code, Isa isa,
                                     std::span<const DataRange> data = {});

}  // namespace swoop::jit
