// Numbers of the builtins. Rows: vm/builtins.def; bodies: runtime/builtins.cc.
#pragma once

#include "vm/trap_code.h"

#include <cstdint>

namespace swoop {

struct VmException;

enum class Builtin : uint8_t {
#define BUILTIN(name, params) name,
#include "vm/builtins.def"
};

inline constexpr uint32_t kNumBuiltins = 0
#define BUILTIN(name, params) +1
#include "vm/builtins.def"
    ;

/// Returned in the two registers of C's results. A trap other than `none` is raised by the thunk,
/// and so is the VmException in `value` if `trap` is kRaiseException.
struct BuiltinResult {
  uint64_t value;
  uint64_t trap;  // a TrapCode, as a full register so that the thunk can test it
};
inline constexpr uint64_t kRaiseException = 0x100;  // beyond every TrapCode

constexpr BuiltinResult builtin_value(uint64_t value) {
  return {value, 0};
}
constexpr BuiltinResult builtin_trap(TrapCode code) {
  return {0, static_cast<uint64_t>(code)};
}
inline BuiltinResult builtin_exception(VmException* exception) {
  return {reinterpret_cast<uintptr_t>(exception), kRaiseException};
}

}  // namespace swoop
