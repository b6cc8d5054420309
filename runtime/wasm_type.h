// Which WebAssembly types C++ types stand for, and how they pass through native thunks
// (jit/thunks.h).
#pragma once

#include "vm/context.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace swoop {

/// A reference of type externref: a word as vm/object.h describes it, null is 0.
struct ExternRef {
  uint64_t word = 0;
  friend bool operator==(ExternRef, ExternRef) = default;
};

/// Integers and enumerations are i32 up to 4 bytes and i64 with 8; float and double are f32 and
/// f64, VmFuncRef* is funcref, ExternRef externref. `Native` is the type in the C ABI: never
/// narrow, since that leaves it to the compiler what the rest of a register holds.
template <class T>
struct WasmType {
  static_assert(sizeof(T) == 0, "this C++ type has no WebAssembly type: see runtime/wasm_type.h");
};

template <class T>
requires((std::integral<T> || std::is_enum_v<T>)&&sizeof(T) <= 4) struct WasmType<T> {
  using Native = uint32_t;
  static constexpr ValType kType = ValType::i32;
  static Native to_native(T value) { return static_cast<uint32_t>(static_cast<int32_t>(value)); }
  static T from_native(Native value) { return static_cast<T>(value); }
};

template <class T>
requires((std::integral<T> || std::is_enum_v<T>)&&sizeof(T) == 8) struct WasmType<T> {
  using Native = uint64_t;
  static constexpr ValType kType = ValType::i64;
  static Native to_native(T value) { return static_cast<uint64_t>(value); }
  static T from_native(Native value) { return static_cast<T>(value); }
};

template <class T>
struct PassedAsItIs {
  using Native = T;
  static Native to_native(T value) { return value; }
  static T from_native(Native value) { return value; }
};
template <>
struct WasmType<float> : PassedAsItIs<float> {
  static constexpr ValType kType = ValType::f32;
};
template <>
struct WasmType<double> : PassedAsItIs<double> {
  static constexpr ValType kType = ValType::f64;
};
template <>
struct WasmType<VmFuncRef*> : PassedAsItIs<VmFuncRef*> {
  static constexpr ValType kType = ValType::funcref;
};
template <>
struct WasmType<ExternRef> {
  using Native = uint64_t;
  static constexpr ValType kType = ValType::externref;
  static Native to_native(ExternRef value) { return value.word; }
  static ExternRef from_native(Native value) { return {value}; }
};

template <class T>
using NativeOf = typename WasmType<T>::Native;

template <class T>
T from_value(const Value& value) {
  NativeOf<T> native;
  std::memcpy(&native, &value.low, sizeof(native));
  return WasmType<T>::from_native(native);
}
template <class T>
Value to_value(T from) {
  const NativeOf<T> native = WasmType<T>::to_native(from);
  Value value;
  std::memcpy(&value.low, &native, sizeof(native));
  return value;
}

/// What a function gives: void, one value, or a std::tuple of several. `Native` is what its
/// NativeResult holds; several values travel in an array instead.
template <class R>
struct ResultTypes {
  using Native = NativeOf<R>;
  static constexpr size_t kCount = 1;
  static std::vector<ValType> types() { return {WasmType<R>::kType}; }
};
template <>
struct ResultTypes<void> {
  using Native = void;
  static constexpr size_t kCount = 0;
  static std::vector<ValType> types() { return {}; }
};
template <class... T>
struct ResultTypes<std::tuple<T...>> {
  static_assert(sizeof...(T) > 1, "no result is void, and one is not in a tuple");
  using Native = void;
  static constexpr size_t kCount = sizeof...(T);
  static std::vector<ValType> types() { return {WasmType<T>::kType...}; }
  static std::tuple<T...> from_values(const Value* values) {
    std::tuple<T...> results;
    std::apply([&](T&... result) { ((result = from_value<T>(*values++)), ...); }, results);
    return results;
  }
  static void to_values(const std::tuple<T...>& results, Value* values) {
    std::apply([&](const T&... result) { ((*values++ = to_value<T>(result)), ...); }, results);
  }
};

/// The type of a C++ function R(A...).
template <class R, class... A>
FuncType func_type_of() {
  return {{WasmType<A>::kType...}, ResultTypes<R>::types()};
}

}  // namespace swoop
