// Reasons for which a guest stops. Rows: vm/trap_code.def.
#pragma once

#include <cstdint>

namespace swoop {

enum class TrapCode : uint8_t {
  none = 0,  // so that machine code can test a status against zero
#define TRAP(name, message) name,
#include "vm/trap_code.def"
};

inline constexpr uint8_t kNumTrapCodes = 0
#define TRAP(name, message) +1
#include "vm/trap_code.def"
    ;

/// The official suite's message: "integer divide by zero", ...
constexpr const char* to_string(TrapCode code) {
  switch (code) {
    case TrapCode::none:
      return "none";
      // clang-format off
#define TRAP(name, message) case TrapCode::name: return message;
#include "vm/trap_code.def"
      // clang-format on
  }
  return "unknown trap";
}

}  // namespace swoop
