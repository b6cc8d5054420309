#include "tests/jit/numeric_model.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <type_traits>

namespace swoop {

namespace {

template <class T>
T from_bits(uint64_t bits) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<T>(static_cast<uint32_t>(bits));
  else
    return std::bit_cast<T>(bits);
}

template <class T>
uint64_t to_bits(T value) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<uint32_t>(value);
  else
    return std::bit_cast<uint64_t>(value);
}

Outcome value_of(auto value) {
  if constexpr (std::is_same_v<decltype(value), bool>)
    return {value, TrapCode::none};
  else
    return {to_bits(value), TrapCode::none};
}

Outcome trap(TrapCode code) {
  return {0, code};
}

// --- Integers: U is uint32_t or uint64_t

template <class U>
constexpr unsigned kBits = sizeof(U) * 8;
template <class U>
using Signed = std::make_signed_t<U>;

template <class U>
Outcome div_s(U a, U b) {
  if (b == 0) return trap(TrapCode::integer_divide_by_zero);
  if (a == U{1} << (kBits<U> - 1) && b == U(-1)) return trap(TrapCode::integer_overflow);
  return value_of(static_cast<U>(static_cast<Signed<U>>(a) / static_cast<Signed<U>>(b)));
}
template <class U>
Outcome rem_s(U a, U b) {
  if (b == 0) return trap(TrapCode::integer_divide_by_zero);
  if (b == U(-1)) return value_of(U{0});
  return value_of(static_cast<U>(static_cast<Signed<U>>(a) % static_cast<Signed<U>>(b)));
}
template <class U>
Outcome shr_s(U a, U b) {
  return value_of(static_cast<U>(static_cast<Signed<U>>(a) >> (b % kBits<U>)));
}
template <class Narrow, class U>
Outcome extend(U a) {
  return value_of(static_cast<U>(static_cast<Signed<U>>(static_cast<Narrow>(a))));
}

// --- Floats

template <class F>
F quiet_nan() {
  return std::numeric_limits<F>::quiet_NaN();
}
template <class F>
F minimum(F a, F b) {
  if (std::isnan(a) || std::isnan(b)) return quiet_nan<F>();
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
template <class F>
F maximum(F a, F b) {
  if (std::isnan(a) || std::isnan(b)) return quiet_nan<F>();
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

/// Spec: exec/numerics#op-trunc-u and following.
template <class Int, class F>
Outcome truncate(F a, bool saturate) {
  using Limits = std::numeric_limits<Int>;
  if (std::isnan(a)) {
    return saturate ? value_of(Int{0}) : trap(TrapCode::invalid_conversion_to_integer);
  }
  // Exact: long double has 64 bits of mantissa here.
  const long double whole = std::trunc(static_cast<long double>(a));
  if (whole < static_cast<long double>(Limits::min()))
    return saturate ? value_of(Limits::min()) : trap(TrapCode::integer_overflow);
  if (whole > static_cast<long double>(Limits::max()))
    return saturate ? value_of(Limits::max()) : trap(TrapCode::integer_overflow);
  return value_of(static_cast<Int>(whole));
}

// Rows. Parameters of the functions are bits; x and y are they as numbers of the row's type.
#define OP2(name, l, r, res, nan, In, expression)                       \
  {name, l, r, res, nan, [](uint64_t left, uint64_t right) -> Outcome { \
     [[maybe_unused]] const In x = from_bits<In>(left);                 \
     [[maybe_unused]] const In y = from_bits<In>(right);                \
     return expression;                                                 \
   }},
#define OP1(name, in, res, nan, In, expression) OP2(name, in, 0, res, nan, In, expression)

// clang-format off
#define INT_OPS(t, c, U)                                                                       \
  OP2(t ".add",    c, c, c, false, U, value_of(static_cast<U>(x + y)))                         \
  OP2(t ".sub",    c, c, c, false, U, value_of(static_cast<U>(x - y)))                         \
  OP2(t ".mul",    c, c, c, false, U, value_of(static_cast<U>(x * y)))                         \
  OP2(t ".div_s",  c, c, c, false, U, div_s(x, y))                                             \
  OP2(t ".div_u",  c, c, c, false, U, y == 0 ? trap(TrapCode::integer_divide_by_zero) : value_of(x / y)) \
  OP2(t ".rem_s",  c, c, c, false, U, rem_s(x, y))                                             \
  OP2(t ".rem_u",  c, c, c, false, U, y == 0 ? trap(TrapCode::integer_divide_by_zero) : value_of(x % y)) \
  OP2(t ".and",    c, c, c, false, U, value_of(x & y))                                         \
  OP2(t ".or",     c, c, c, false, U, value_of(x | y))                                         \
  OP2(t ".xor",    c, c, c, false, U, value_of(x ^ y))                                         \
  OP2(t ".shl",    c, c, c, false, U, value_of(static_cast<U>(x << (y % kBits<U>))))           \
  OP2(t ".shr_s",  c, c, c, false, U, shr_s(x, y))                                             \
  OP2(t ".shr_u",  c, c, c, false, U, value_of(x >> (y % kBits<U>)))                           \
  OP2(t ".rotl",   c, c, c, false, U, value_of(std::rotl(x, static_cast<int>(y % kBits<U>))))  \
  OP2(t ".rotr",   c, c, c, false, U, value_of(std::rotr(x, static_cast<int>(y % kBits<U>))))  \
  OP2(t ".eq",     c, c, 'i', false, U, value_of(x == y))                                      \
  OP2(t ".ne",     c, c, 'i', false, U, value_of(x != y))                                      \
  OP2(t ".lt_s",   c, c, 'i', false, Signed<U>, value_of(x < y))                               \
  OP2(t ".lt_u",   c, c, 'i', false, U, value_of(x < y))                                       \
  OP2(t ".gt_s",   c, c, 'i', false, Signed<U>, value_of(x > y))                               \
  OP2(t ".gt_u",   c, c, 'i', false, U, value_of(x > y))                                       \
  OP2(t ".le_s",   c, c, 'i', false, Signed<U>, value_of(x <= y))                              \
  OP2(t ".le_u",   c, c, 'i', false, U, value_of(x <= y))                                      \
  OP2(t ".ge_s",   c, c, 'i', false, Signed<U>, value_of(x >= y))                              \
  OP2(t ".ge_u",   c, c, 'i', false, U, value_of(x >= y))                                      \
  OP1(t ".eqz",    c, 'i', false, U, value_of(x == 0))                                         \
  OP1(t ".clz",    c, c, false, U, value_of(static_cast<U>(std::countl_zero(x))))              \
  OP1(t ".ctz",    c, c, false, U, value_of(static_cast<U>(std::countr_zero(x))))              \
  OP1(t ".popcnt", c, c, false, U, value_of(static_cast<U>(std::popcount(x))))                 \
  OP1(t ".extend8_s",  c, c, false, U, extend<int8_t>(x))                                      \
  OP1(t ".extend16_s", c, c, false, U, extend<int16_t>(x))

#define FLOAT_OPS(t, c, F, U, kSign)                                                           \
  OP2(t ".add",    c, c, c, true, F, value_of(x + y))                                          \
  OP2(t ".sub",    c, c, c, true, F, value_of(x - y))                                          \
  OP2(t ".mul",    c, c, c, true, F, value_of(x * y))                                          \
  OP2(t ".div",    c, c, c, true, F, value_of(x / y))                                          \
  OP2(t ".min",    c, c, c, true, F, value_of(minimum(x, y)))                                  \
  OP2(t ".max",    c, c, c, true, F, value_of(maximum(x, y)))                                  \
  OP2(t ".copysign", c, c, c, false, U, value_of(static_cast<U>((x & (kSign - 1)) | (y & kSign)))) \
  OP2(t ".eq",     c, c, 'i', false, F, value_of(x == y))                                      \
  OP2(t ".ne",     c, c, 'i', false, F, value_of(x != y))                                      \
  OP2(t ".lt",     c, c, 'i', false, F, value_of(x < y))                                       \
  OP2(t ".gt",     c, c, 'i', false, F, value_of(x > y))                                       \
  OP2(t ".le",     c, c, 'i', false, F, value_of(x <= y))                                      \
  OP2(t ".ge",     c, c, 'i', false, F, value_of(x >= y))                                      \
  OP1(t ".abs",    c, c, false, U, value_of(static_cast<U>(x & (kSign - 1))))                  \
  OP1(t ".neg",    c, c, false, U, value_of(static_cast<U>(x ^ kSign)))                        \
  OP1(t ".sqrt",   c, c, true, F, value_of(std::sqrt(x)))                                      \
  OP1(t ".ceil",   c, c, true, F, value_of(std::ceil(x)))                                      \
  OP1(t ".floor",  c, c, true, F, value_of(std::floor(x)))                                     \
  OP1(t ".trunc",  c, c, true, F, value_of(std::trunc(x)))                                     \
  OP1(t ".nearest",c, c, true, F, value_of(std::nearbyint(x)))

#define TRUNC_OPS(t, c, Bits)                                                                  \
  OP1(t ".trunc_f32_s", 'f', c, false, float,  (truncate<int##Bits##_t>(x, false)))            \
  OP1(t ".trunc_f32_u", 'f', c, false, float,  (truncate<uint##Bits##_t>(x, false)))           \
  OP1(t ".trunc_f64_s", 'd', c, false, double, (truncate<int##Bits##_t>(x, false)))            \
  OP1(t ".trunc_f64_u", 'd', c, false, double, (truncate<uint##Bits##_t>(x, false)))           \
  OP1(t ".trunc_sat_f32_s", 'f', c, false, float,  (truncate<int##Bits##_t>(x, true)))         \
  OP1(t ".trunc_sat_f32_u", 'f', c, false, float,  (truncate<uint##Bits##_t>(x, true)))        \
  OP1(t ".trunc_sat_f64_s", 'd', c, false, double, (truncate<int##Bits##_t>(x, true)))         \
  OP1(t ".trunc_sat_f64_u", 'd', c, false, double, (truncate<uint##Bits##_t>(x, true)))

#define CONVERT_OPS(t, c, F)                                                                   \
  OP1(t ".convert_i32_s", 'i', c, false, int32_t,  value_of(static_cast<F>(x)))                \
  OP1(t ".convert_i32_u", 'i', c, false, uint32_t, value_of(static_cast<F>(x)))                \
  OP1(t ".convert_i64_s", 'l', c, false, int64_t,  value_of(static_cast<F>(x)))                \
  OP1(t ".convert_i64_u", 'l', c, false, uint64_t, value_of(static_cast<F>(x)))

constexpr NumericOp kOps[] = {
  INT_OPS("i32", 'i', uint32_t)
  INT_OPS("i64", 'l', uint64_t)
  OP1("i64.extend32_s",   'l', 'l', false, uint64_t, extend<int32_t>(x))
  OP1("i64.extend_i32_s", 'i', 'l', false, int32_t,  value_of(static_cast<int64_t>(x)))
  OP1("i64.extend_i32_u", 'i', 'l', false, uint32_t, value_of(static_cast<uint64_t>(x)))
  OP1("i32.wrap_i64",     'l', 'i', false, uint64_t, value_of(static_cast<uint32_t>(x)))
  FLOAT_OPS("f32", 'f', float, uint32_t, 0x80000000u)
  FLOAT_OPS("f64", 'd', double, uint64_t, 0x8000000000000000u)
  TRUNC_OPS("i32", 'i', 32)
  TRUNC_OPS("i64", 'l', 64)
  CONVERT_OPS("f32", 'f', float)
  CONVERT_OPS("f64", 'd', double)
  OP1("f32.demote_f64",      'd', 'f', true, double, value_of(static_cast<float>(x)))
  OP1("f64.promote_f32",     'f', 'd', true, float,  value_of(static_cast<double>(x)))
  OP1("i32.reinterpret_f32", 'f', 'i', false, uint32_t, value_of(x))
  OP1("i64.reinterpret_f64", 'd', 'l', false, uint64_t, value_of(x))
  OP1("f32.reinterpret_i32", 'i', 'f', false, uint32_t, value_of(x))
  OP1("f64.reinterpret_i64", 'l', 'd', false, uint64_t, value_of(x))
};
// clang-format on

// --- Values

std::vector<uint64_t> int_values(unsigned bits) {
  // Shift counts around the width, operands of lea, edges of immediates, edges of the types.
  std::vector<uint64_t> values;
  for (const uint64_t v : {0, 1, 2, 3, 5, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256})
    values.push_back(v);
  for (const uint64_t edge : {uint64_t{1} << 15, uint64_t{1} << 16, uint64_t{1} << 31}) {
    values.insert(values.end(), {edge - 1, edge, edge + 1});
  }
  values.push_back(0x5555'5555'5555'5555);
  values.push_back(0x8765'4321'f00d'cafe);
  for (const int64_t v : {-1, -2, -7, -32, -128, -129}) values.push_back(static_cast<uint64_t>(v));
  if (bits == 64) {
    for (const uint64_t edge : {uint64_t{1} << 32, uint64_t{1} << 53, uint64_t{1} << 63}) {
      values.insert(values.end(), {edge - 1, edge, edge + 1});
    }
    // Halfway between floats and next to it, for conversions.
    values.insert(
        values.end(),
        {0xffff'ffff'8000'0000, 0x8000'0080'0000'0000, 0x8000'0080'0000'0001, 0x0100'0001'0000'0000,
         0xffff'ffff'ffff'fbff, 0xffff'ffff'ffff'fc00, 0x8000'0000'0000'0400, 0x8000'0000'0000'0401,
         0x0020'0000'0000'0003, 0xffff'ff7f'ffff'ffff});
  } else {
    for (uint64_t& v : values) v &= 0xffff'ffff;
    values.insert(values.end(), {0x0100'0001, 0x0100'0003, 0xffff'ff7f, 0xffff'ff80});
  }
  return values;
}

template <class F>
std::vector<uint64_t> float_values() {
  using Limits = std::numeric_limits<F>;
  std::vector<F> positive = {0,
                             1,
                             F(0.5),
                             F(1.5),
                             F(2.5),
                             F(3.5),
                             F(0.1),
                             F(1e10),
                             Limits::denorm_min(),
                             Limits::min() - Limits::denorm_min(),
                             Limits::min(),
                             Limits::max(),
                             Limits::infinity(),
                             F(4503599627370497.5),
                             F(8388609.5)};
  // The bounds of integers, and what lies next to them.
  for (const F edge : {F(1), F(0x1p31), F(0x1p32), F(0x1p63), F(0x1p64), F(0x1p52), F(0x1p23)}) {
    positive.insert(positive.end(),
                    {std::nextafter(edge, F(0)), edge, std::nextafter(edge, Limits::infinity())});
  }
  for (const F edge : {F(2147483647.5), F(2147483648.9), F(4294967295.9), F(4294967296.5)})
    positive.push_back(edge);
  std::vector<uint64_t> values;
  for (const F v : positive) {
    values.push_back(to_bits(v));
    values.push_back(to_bits(-v));
  }
  const uint64_t quiet = to_bits(quiet_nan<F>());
  const uint64_t sign = to_bits(F(-0.0));
  const uint64_t infinity = to_bits(Limits::infinity());
  values.insert(values.end(), {quiet, quiet | sign, quiet | 0x1234, infinity | 1});
  return values;
}

}  // namespace

std::span<const NumericOp> numeric_ops() {
  return kOps;
}

const std::vector<uint64_t>& boundary_values(char type) {
  static const std::vector<uint64_t> i32 = int_values(32);
  static const std::vector<uint64_t> i64 = int_values(64);
  static const std::vector<uint64_t> f32 = float_values<float>();
  static const std::vector<uint64_t> f64 = float_values<double>();
  switch (type) {
    case 'i': return i32;
    case 'l': return i64;
    case 'f': return f32;
    default: return f64;
  }
}

const std::vector<uint64_t>& constant_values(char type) {
  static const std::vector<uint64_t> i32 = {
      0,   1,      2,          3,          5,   8,   9,          32,         33,        127,
      128, 0xffff, 0x7fffffff, 0x80000000, 255, 160, 0xffffffff, 0xffffff80, 0xfffffffe};
  static const std::vector<uint64_t> i64 = {0,
                                            1,
                                            2,
                                            5,
                                            9,
                                            63,
                                            64,
                                            127,
                                            128,
                                            0x7fffffff,
                                            0x80000000,
                                            0xffffffff,
                                            1ull << 32,
                                            0xffffffff80000000,
                                            160,
                                            ~0ull << 31 << 1,
                                            ~0ull,
                                            0x7fffffffffffffff,
                                            0x8000000000000000,
                                            0x123456789abcdef0};
  static const std::vector<uint64_t> f32 = {
      0, 0x80000000, to_bits(1.0f), to_bits(-2.5f), to_bits(0x1p31f), 0x7f800000, 0x7fc00001, 1};
  static const std::vector<uint64_t> f64 = {0,
                                            to_bits(-0.0),
                                            to_bits(1.0),
                                            to_bits(-2.5),
                                            to_bits(0x1p63),
                                            to_bits(HUGE_VAL),
                                            0x7ff8000000000001,
                                            1};
  switch (type) {
    case 'i': return i32;
    case 'l': return i64;
    case 'f': return f32;
    default: return f64;
  }
}

bool is_nan(char type, uint64_t bits) {
  if (type == 'f') return std::isnan(from_bits<float>(bits));
  return type == 'd' && std::isnan(from_bits<double>(bits));
}

bool is_arithmetic_nan(char type, uint64_t bits) {
  return is_nan(type, bits) && (bits >> (type == 'f' ? 22 : 51) & 1) != 0;
}

std::string type_text(char type) {
  switch (type) {
    case 'i': return "i32";
    case 'l': return "i64";
    case 'f': return "f32";
    default: return "f64";
  }
}

std::string const_text(char type, uint64_t bits) {
  char text[64];
  const auto format = [&](const char* pattern, auto value) {
    std::snprintf(text, sizeof text, pattern, value);
    return type_text(type) + ".const " + text;
  };
  switch (type) {
    case 'i': return format("%d", static_cast<int32_t>(bits));
    case 'l': return format("%lld", static_cast<long long>(bits));
    default: break;
  }
  const bool is_f32 = type == 'f';
  if (is_nan(type, bits)) {
    const bool negative = (bits >> (is_f32 ? 31 : 63)) != 0;
    const uint64_t payload = bits & ((uint64_t{1} << (is_f32 ? 23 : 52)) - 1);
    return format(negative ? "-nan:0x%llx" : "nan:0x%llx",
                  static_cast<unsigned long long>(payload));
  }
  return format("%a",
                is_f32 ? static_cast<double>(from_bits<float>(bits)) : from_bits<double>(bits));
}

}  // namespace swoop
