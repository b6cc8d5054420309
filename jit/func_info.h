// What pass A learns of a function for pass B. Nothing in it decides correctness but the sizes.
#pragma once

#include <array>
#include <cstdint>

namespace swoop::jit {

struct FuncInfo {
  static constexpr unsigned kMaxPinned = 16;   // general registers, by any machine
  static constexpr unsigned kMaxPinnedFp = 8;  // the others
  /// A local that is worth a register. Its weight is how often it is used, each loop counted
  /// eightfold; 0 where there is none.
  struct Pinned {
    uint32_t local = 0;
    uint32_t weight = 0;
  };

  uint32_t max_operand_height = 0;
  uint32_t num_used_locals = 0;      // up to the last one that is used, parameters included
  uint32_t outgoing_bytes = 0;       // the largest stack area of a call
  uint32_t num_exception_slots = 0;  // for exceptions that may be rethrown: open handlers at once
  uint64_t call_weight = 0;          // of calls: direct, indirect, to builtins; 0 in a leaf
  bool has_handler = false;
  bool leaves_instance = false;  // calls an import or through a table: the frame keeps the context
  std::array<Pinned, kMaxPinned> pinned_gp;  // the best first
  std::array<Pinned, kMaxPinnedFp> pinned_fp;
};

}  // namespace swoop::jit
