// What is known of each instruction, from wasm/opcodes.def, at compile time or by its code.
#pragma once

#include "base/check.h"
#include "wasm/features.h"
#include "wasm/types.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <span>
#include <string_view>

namespace swoop {

/// An instruction by its code: prefix << 12 | number, the bare byte when it has no prefix.
enum class Opcode : uint32_t {
#define OP(name, code, ...) name = code,
#include "wasm/opcodes.def"
};

/// What follows the opcode in the binary format, and so the arguments of a sink
/// (decoder/function_decoder.h).
enum class Immediate : uint8_t {
  none,
  block_type,
  label,
  br_table,
  try_table,
  func,
  type,
  local,
  global,
  table,
  elem,
  data,
  memory,
  tag,
  call_indirect,
  two_tables,
  elem_table,
  two_mems,
  data_mem,
  memarg,
  memarg_lane,
  lane,
  shuffle,
  v128,
  i32,
  i64,
  f32,
  f64,
  select_types,
  heap_type,
  cast_br,
  type_field,
  type_u32,
  type_data,
  type_elem,
  two_types,
  fence
};

/// For those who treat many instructions alike.
enum class OpGroup : uint8_t {
  control,
  call,
  exception,
  parametric,
  variable,
  table,
  memory,
  load,
  store,
  constant,
  test,
  compare,
  unary,
  binary,
  convert,
  reference,
  aggregate,
  simd_load,
  simd_store,
  simd_constant,
  simd_lane,
  simd_test,
  simd_compare,
  simd_unary,
  simd_binary,
  simd_ternary,
  simd_shift,
  simd_convert,
  atomic,
  atomic_load,
  atomic_store,
  atomic_rmw
};

// clang-format off
#define SWOOP_SIGNATURES(X) \
  X(v_d) X(v_f) X(v_i) X(v_l) X(v_s) X(v_v) X(d_d) X(d_f) X(d_i) X(d_l) X(d_s) X(f_d) \
  X(f_f) X(f_i) X(f_l) X(f_s) X(i_d) X(i_f) X(i_i) X(i_l) X(i_s) X(l_d) X(l_f) X(l_i) \
  X(l_l) X(l_s) X(s_d) X(s_f) X(s_i) X(s_l) X(s_s) X(dd_d) X(dd_i) X(ff_f) X(ff_i) X(id_v) \
  X(if_v) X(ii_i) X(ii_v) X(il_l) X(il_v) X(is_s) X(is_v) X(ll_i) X(ll_l) X(sd_s) X(sf_s) \
  X(si_s) X(sl_s) X(ss_s) X(iii_i) X(iii_v) X(iil_i) X(ill_i) X(ill_l) X(ll_ll) X(sss_s) \
  X(llll_ll)
// clang-format on

/// Types of the operands and results: parameters_results with i=i32 l=i64 f=f32 d=f64 s=v128
/// v=none.
enum class Signature : uint8_t {
  special,  // depends on immediates, the module or the stack
#define X(name) name,
  SWOOP_SIGNATURES(X)
#undef X
};

struct OpInfo {
  Opcode opcode;
  const char* text;
  Immediate immediate;
  Signature signature;
  OpGroup group;
  Feature feature;
};

/// Every instruction, ascending by code.
inline constexpr OpInfo kOpcodes[] = {
#define OP(name, code, text, immediate, signature, group, feature) \
  {Opcode::name,         text,           Immediate::immediate,     \
   Signature::signature, OpGroup::group, Feature::feature},
#include "wasm/opcodes.def"
};
static_assert(std::ranges::adjacent_find(kOpcodes, std::ranges::greater_equal{}, &OpInfo::opcode) ==
                  std::end(kOpcodes),
              "opcodes.def: one row per code, in ascending order");

/// Names an instruction in overloads: sinks have a member `on(Op<Opcode::i32_add>)`.
template <Opcode kOpcode>
struct Op {
  static constexpr Opcode opcode = kOpcode;
};

namespace internal {

struct SignatureTypes {
  ValType types[6];  // parameters, then results
  uint8_t num_params = 0;
  uint8_t num_results = 0;
};

constexpr SignatureTypes parse_signature(std::string_view text) {
  SignatureTypes parsed;
  bool in_results = false;
  for (const char c : text) {
    if (c == '_') in_results = true;
    if (c == '_' || c == 'v') continue;
    parsed.types[parsed.num_params + parsed.num_results] = c == 'i'   ? ValType::i32
                                                           : c == 'l' ? ValType::i64
                                                           : c == 'f' ? ValType::f32
                                                           : c == 'd' ? ValType::f64
                                                                      : ValType::v128;
    ++(in_results ? parsed.num_results : parsed.num_params);
  }
  return parsed;
}

inline constexpr SignatureTypes kSignatures[] = {SignatureTypes{},
#define X(name) parse_signature(#name),
                                                 SWOOP_SIGNATURES(X)
#undef X
};

// Dense tables over the five opcode spaces: no prefix, then 0xfb to 0xfe.
inline constexpr size_t kSpaceSizes[] = {0x100, 0x20, 0x20, 0x120, 0x50};
inline constexpr size_t kSpaceStarts[] = {0, 0x100, 0x120, 0x140, 0x260};
inline constexpr size_t kSlotCount = 0x2b0;
inline constexpr uint16_t kNoRow = 0xffff;

constexpr size_t opcode_slot(uint32_t code) {
  const uint32_t prefix = code >> 12;
  // What is not a prefix gives no space: 0xfa must not alias "none".
  const uint32_t space = prefix == 0 ? 0 : prefix < 0xfb ? UINT32_MAX : prefix - 0xfa;
  const uint32_t number = code & 0xfff;
  if (space >= std::size(kSpaceSizes) || number >= kSpaceSizes[space]) return kSlotCount;
  return kSpaceStarts[space] + number;
}

inline constexpr std::array<uint16_t, kSlotCount + 1> kRowOfSlot = [] {
  std::array<uint16_t, kSlotCount + 1> rows{};
  rows.fill(kNoRow);
  for (size_t i = 0; i < std::size(kOpcodes); ++i) {
    rows[opcode_slot(static_cast<uint32_t>(kOpcodes[i].opcode))] = static_cast<uint16_t>(i);
  }
  return rows;
}();

// The width in bits that a text names after `word`, or 0. v128.load8x8_s and its kin read half a
// vector.
constexpr uint32_t digits_after(std::string_view text, std::string_view word) {
  const size_t at = text.find(word);
  if (at == std::string_view::npos) return 0;
  uint32_t number = 0;
  size_t i = at + word.size();
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    number = number * 10 + static_cast<uint32_t>(text[i] - '0');
  }
  return i < text.size() && text[i] == 'x' ? 64 : number;
}

constexpr uint8_t access_size_log2(const OpInfo& info) {
  const std::string_view text = info.text;
  uint32_t bits = 0;
  for (const char* word : {"load", "store", "rmw", "wait"}) {
    if (bits == 0) bits = digits_after(text, word);
  }
  if (bits == 0) bits = text.starts_with('v') ? 128 : text[1] == '6' ? 64 : 32;
  return bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : bits == 64 ? 3 : 4;
}

inline constexpr auto kAccessSizes = [] {
  std::array<uint8_t, std::size(kOpcodes)> sizes{};
  for (size_t i = 0; i < std::size(kOpcodes); ++i) {
    const Immediate immediate = kOpcodes[i].immediate;
    if (immediate == Immediate::memarg || immediate == Immediate::memarg_lane) {
      sizes[i] = access_size_log2(kOpcodes[i]);
    }
  }
  return sizes;
}();

}  // namespace internal

constexpr std::span<const ValType> signature_params(Signature signature) {
  const internal::SignatureTypes& s = internal::kSignatures[static_cast<size_t>(signature)];
  return {s.types, s.num_params};
}
constexpr std::span<const ValType> signature_results(Signature signature) {
  const internal::SignatureTypes& s = internal::kSignatures[static_cast<size_t>(signature)];
  return {s.types + s.num_params, s.num_results};
}

/// The row of a code, or null when there is no such instruction. Constant time.
constexpr const OpInfo* find_op_info(Opcode opcode) {
  const uint16_t row = internal::kRowOfSlot[internal::opcode_slot(static_cast<uint32_t>(opcode))];
  return row == internal::kNoRow ? nullptr : &kOpcodes[row];
}
constexpr const OpInfo& op_info(Opcode opcode) {
  return *find_op_info(opcode);
}

/// log2 of the bytes that a memory access reads or writes: its natural alignment, for rows with a
/// memarg. Spec: valid/instructions#memory-instructions.
constexpr uint8_t natural_align_log2(Opcode opcode) {
  return internal::kAccessSizes[static_cast<size_t>(&op_info(opcode) - kOpcodes)];
}

/// How many lanes a lane immediate chooses from.
constexpr uint8_t lane_count(Opcode opcode) {
  const OpInfo& info = op_info(opcode);
  if (info.immediate == Immediate::memarg_lane) {
    return static_cast<uint8_t>(16 >> natural_align_log2(opcode));
  }
  // The text begins with the shape: i8x16, i16x8, ...
  return info.text[2] == 'x' ? uint8_t{16} : static_cast<uint8_t>(info.text[4] - '0');
}

/// The spelling in the text format, for messages about bytes that need not be an instruction.
const char* to_string(Opcode opcode);

}  // namespace swoop
