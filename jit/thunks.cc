#include "jit/thunks.h"

namespace swoop::jit {
namespace {

char shape_of(ValType type) {
  if (type.is_ref()) return 'l';
  switch (type.kind()) {
    case ValType::Kind::i32: return 'i';
    case ValType::Kind::f32: return 'f';
    case ValType::Kind::f64: return 'd';
    case ValType::Kind::v128: return 's';
    default: return 'l';
  }
}

}  // namespace

std::string thunk_shape(const FuncType& type) {
  std::string shape;
  shape.reserve(type.params.size() + type.results.size() + 1);
  for (const ValType param : type.params) shape += shape_of(param);
  shape += '>';
  for (const ValType result : type.results) shape += shape_of(result);
  return shape;
}

}  // namespace swoop::jit
