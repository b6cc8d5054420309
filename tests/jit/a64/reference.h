// What the tests of the AArch64 assembler know of the encoding, written from the manual and not
// from the assembler.
#pragma once

#include "jit/a64/assembler.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <span>

namespace swoop::jit::a64 {

inline uint32_t word_at(std::span<const uint8_t> code, size_t at) {
  uint32_t word;
  std::memcpy(&word, &code[at], sizeof word);
  return word;
}

inline int64_t sign_extend(uint32_t value, unsigned size) {
  return static_cast<int32_t>(value << (32 - size)) >> (32 - size);
}

/// Where a branch or load of a literal goes, by the manual's formats.
inline int64_t target_of(const Assembler& a, uint32_t at) {
  const uint32_t word = word_at(a.code(), at);
  if ((word >> 26 & 31) == 5) return at + 4 * sign_extend(word & 0x3ffffff, 26);
  if ((word >> 25 & 63) == 27) return at + 4 * sign_extend(word >> 5 & 0x3fff, 14);
  if ((word >> 24 & 31) == 16) {
    return at + sign_extend((word >> 5 & 0x7ffff) << 2 | (word >> 29 & 3), 21);
  }
  return at + 4 * sign_extend(word >> 5 & 0x7ffff, 19);
}

/// DecodeBitMasks of the manual (J1.1.3), for N:immr:imms.
inline std::optional<uint64_t> decode_bit_masks(Width width, uint32_t n, uint32_t immr,
                                                uint32_t imms) {
  const uint32_t combined = n << 6 | (~imms & 63);
  if (combined == 0) return {};
  const unsigned length = static_cast<unsigned>(std::bit_width(combined)) - 1;
  if (length < 1 || bits(width) < 1u << length) return {};
  const unsigned levels = (1u << length) - 1, size = 1u << length;
  if ((imms & levels) == levels) return {};
  const unsigned s = imms & levels, r = immr & levels;
  uint64_t element = 0;
  for (unsigned i = 0; i <= s; ++i) element |= uint64_t{1} << ((i + size - r) % size);
  uint64_t value = 0;
  for (unsigned i = 0; i < bits(width); i += size) value |= element << i;
  return value;
}

/// All values that and, orr and eor take as immediates.
inline const std::set<uint64_t>& logic_immediates(Width width) {
  static const auto make = [](Width w) {
    std::set<uint64_t> out;
    for (uint32_t field = 0; field < 1 << 13; ++field) {
      if (const auto value = decode_bit_masks(w, field >> 12, field >> 6 & 63, field & 63)) {
        out.insert(*value);
      }
    }
    return out;
  };
  static const std::set<uint64_t> narrow = make(Width::w32), wide = make(Width::w64);
  return width == Width::w64 ? wide : narrow;
}

}  // namespace swoop::jit::a64
