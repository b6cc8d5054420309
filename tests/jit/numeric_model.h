// Every numeric operator as a plain function on bits, and the values at which such functions go
// wrong. Spec: exec/numerics.
#pragma once

#include "vm/trap_code.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace swoop {

/// The bits of a result, or a trap.
struct Outcome {
  uint64_t bits = 0;
  TrapCode trap = TrapCode::none;
};

/// Types are 'i' i32, 'l' i64, 'f' f32, 'd' f64; i32 and f32 are zero-extended bits.
struct NumericOp {
  const char* text;
  char left;
  char right;  // 0 for unary operators
  char result;
  bool any_nan;  // a NaN result may be any arithmetic NaN
  Outcome (*model)(uint64_t left, uint64_t right);
};

std::span<const NumericOp> numeric_ops();

/// Interesting values of a type, as bits.
const std::vector<uint64_t>& boundary_values(char type);
/// A few of them, to be constants in code.
const std::vector<uint64_t>& constant_values(char type);

/// Whether `bits` is a NaN whose payload begins with 1, as arithmetic gives.
bool is_arithmetic_nan(char type, uint64_t bits);
bool is_nan(char type, uint64_t bits);

/// "i32" for 'i', ...
std::string type_text(char type);
/// "i32.const -1" for ('i', 0xffffffff); floats keep every bit.
std::string const_text(char type, uint64_t bits);

}  // namespace swoop
