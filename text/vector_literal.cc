#include "text/vector_literal.h"

#include <cstring>
#include <iterator>

namespace swoop::text {

VectorShape read_shape(Cursor& cursor) {
  for (size_t i = 0; i < std::size(kShapes); ++i) {
    if (cursor.take_atom(kShapes[i].text)) return VectorShape(i);
  }
  cursor.fail_unexpected("a vector shape");
  return VectorShape::i8x16;
}

uint64_t read_lane(Cursor& cursor, const ShapeInfo& shape) {
  if (!shape.is_float) return cursor.read_integer(shape.lane_bits());
  return shape.lane_bits() == 32 ? cursor.read_f32() : cursor.read_f64();
}

void set_lane(VectorBits& bits, const ShapeInfo& shape, unsigned lane, uint64_t value) {
  const unsigned size = shape.lane_bits() / 8;
  std::memcpy(bits.data() + size_t{lane} * size, &value, size);  // both are little-endian
}

VectorBits read_vector(Cursor& cursor) {
  VectorBits bits{};
  const ShapeInfo& shape = shape_info(read_shape(cursor));
  for (unsigned lane = 0; lane < shape.lanes && cursor.ok(); ++lane) {
    if (cursor.kind() != TokenKind::atom) {
      cursor.fail(cursor.offset(), "wrong number of lane literals");
      break;
    }
    set_lane(bits, shape, lane, read_lane(cursor, shape));
  }
  return bits;
}

}  // namespace swoop::text
