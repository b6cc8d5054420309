// What functions come to besides their bytes, and what is known of them before they are finished:
// the part of every MacroAssembler that no machine differs in.
#pragma once

#include "jit/code_object.h"
#include "jit/machine.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace swoop::jit {

inline constexpr uint32_t kMaxUncheckedFrame =
    1024;  // of a leaf: far less than what lies below the stack limit
inline constexpr uint32_t kMaxLateCheckedFrame =
    16 * 1024;  // larger ones are checked before the stack pointer moves

/// How a range of memory is accessed: in pieces of one size, of which the last may overlap the one
/// before.
struct Chunks {
  constexpr Chunks(uint32_t range, uint32_t max_size)
      : size(std::min(std::bit_floor(range), max_size)),
        count((range + size - 1) / size),
        last(range - size) {}
  constexpr uint32_t offset(uint32_t i) const { return std::min(i * size, last); }
  uint32_t size;
  uint32_t count;
  uint32_t last;
};

class CodeOutput {
 public:
  std::vector<CodeSite>& sites() { return sites_; }
  std::vector<Reloc>& relocs() { return relocs_; }
  TryTables& tries() { return tries_; }

  /// Bytes of a frame that saved registers take, and the context's place before them.
  static uint32_t frame_header_bytes(const Frame& frame) {
    return 8 * (static_cast<uint32_t>(std::popcount(frame.saved.bits())) +
                (frame.leaves_instance ? 1 : 0));
  }

  /// The entry is the code offset that `label_offsets` holds for it when the function is finished.
  void add_jump_table_entry(uint32_t label) { table_entries_.push_back(label); }
  uint32_t new_label() {
    label_offsets_.push_back(0);
    return static_cast<uint32_t>(label_offsets_.size() - 1);
  }

 protected:
  void drop_output() {
    sites_.clear();
    relocs_.clear();
    tries_.ranges.clear();
    tries_.regions.clear();
    tries_.clauses.clear();
    num_bound_clauses_ = 0;
  }

  void add_site(uint32_t code_offset, uint8_t kind, uint32_t wasm_offset) {
    // One word instead of three fields: it is written for every access of memory.
    sites_.push_back(std::bit_cast<CodeSite>(code_offset | uint64_t{wasm_offset & 0xffffff} << 32 |
                                             uint64_t{kind} << 56));
  }

  /// Calls from `code_offset` on are in this region.
  void enter_try_region_at(uint32_t code_offset, uint32_t region) {
    if (region == try_region_) return;
    try_region_ = region;
    std::vector<TryRange>& ranges = tries_.ranges;
    if (!ranges.empty() && ranges.back().code_offset == code_offset)
      ranges.back().region = region;
    else
      ranges.push_back({code_offset, region});
  }

  /// To be called when all labels of the function are bound.
  void bind_handlers() {
    for (; num_bound_clauses_ < tries_.clauses.size(); ++num_bound_clauses_) {
      uint32_t& handler = tries_.clauses[num_bound_clauses_].handler;
      handler = label_offsets_[handler];
    }
  }

  /// Emits the entries of a table that begins at `base`: `emit` takes one word.
  template <class Emit>
  void emit_table(uint32_t base, size_t first, size_t end, Emit&& emit) const {
    for (size_t i = first; i < end; ++i) emit(label_offsets_[table_entries_[i]] - base);
  }

  std::vector<CodeSite> sites_;
  std::vector<Reloc> relocs_;
  TryTables tries_;
  size_t num_bound_clauses_ = 0;  // the handlers of the others are labels
  // Of the current function.
  uint32_t try_region_ = TryTables::kNone;
  std::vector<uint32_t> table_entries_;  // labels
  std::vector<uint32_t> label_offsets_;
};

}  // namespace swoop::jit
