// From the binary back to the text it was made of, for messages about text modules.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace swoop::text {

/// The bytes from `wasm_offset` up to the next place come from what stands at `text_offset`.
struct SourcePlace {
  uint32_t wasm_offset;
  uint32_t text_offset;
};

/// The places of a module, as exact as one instruction, or else one field.
struct SourceMap {
  std::vector<SourcePlace> places;  // ascending by wasm_offset

  /// The offset in the text of what became this byte; nothing for bytes in front of all places.
  std::optional<size_t> find(size_t wasm_offset) const {
    const auto after = std::ranges::upper_bound(
        places, wasm_offset, {},
        [](const SourcePlace& place) { return size_t{place.wasm_offset}; });
    if (after == places.begin()) return std::nullopt;
    return (after - 1)->text_offset;
  }
};

}  // namespace swoop::text
