// What pass A learns of a function for pass B. Nothing in it decides correctness but the sizes.
#pragma once

#include <array>
#include <cstdint>

namespace swoop::jit {

struct FuncInfo {
  static constexpr uint32_t kNoLocal = UINT32_MAX;
  static constexpr unsigned kMaxPinned = 8;  // of each register class

  uint32_t max_operand_height = 0;
  uint32_t num_used_locals = 0;      // up to the last one that is used, parameters included
  uint32_t outgoing_bytes = 0;       // the largest stack area of a call
  uint32_t num_exception_slots = 0;  // for exceptions that may be rethrown: open handlers at once
  bool has_call = false;             // direct, indirect, or to a builtin
  bool leaves_instance = false;  // calls an import or through a table: the frame keeps the context
  // Locals worth a register, best first; kNoLocal fills up.
  std::array<uint32_t, kMaxPinned> pinned_gp;
  std::array<uint32_t, kMaxPinned> pinned_fp;
};

}  // namespace swoop::jit
