// The constant of v128.const: a shape and as many numbers as it has lanes.
#pragma once

#include "text/cursor.h"

#include <array>
#include <cstdint>
#include <optional>

namespace swoop::text {

enum class VectorShape : uint8_t { i8x16, i16x8, i32x4, i64x2, f32x4, f64x2 };

struct ShapeInfo {
  const char* text;
  unsigned lanes;
  bool is_float;
  unsigned lane_bits() const { return 128 / lanes; }
};
inline constexpr ShapeInfo kShapes[] = {{"i8x16", 16, false}, {"i16x8", 8, false},
                                        {"i32x4", 4, false},  {"i64x2", 2, false},
                                        {"f32x4", 4, true},   {"f64x2", 2, true}};
inline const ShapeInfo& shape_info(VectorShape shape) {
  return kShapes[static_cast<size_t>(shape)];
}

/// The shape's keyword; i8x16 after an error.
VectorShape read_shape(Cursor& cursor);

/// The bits of one lane.
uint64_t read_lane(Cursor& cursor, const ShapeInfo& shape);

using VectorBits = std::array<uint8_t, 16>;
void set_lane(VectorBits& bits, const ShapeInfo& shape, unsigned lane, uint64_t value);

/// Shape and lanes.
VectorBits read_vector(Cursor& cursor);

}  // namespace swoop::text
