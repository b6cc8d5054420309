// WASI as a table of functions on a context and a guest's memory. A runtime offers each as an
// import; what it supplies is the memory exported as "memory" and the arguments. Tests:
// tests/wasi/functions_test.cc.
#pragma once

#include "wasi/context.h"
#include "wasi/error_code.h"
#include "wasi/guest_memory.h"
#include "wasi/version.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace swoop::wasi {

/// How a call ended.
struct Outcome {
  enum Kind : uint8_t {
    errno_,  // return `value` to the guest
    exit,    // end the program with code `value`: unwind, do not return
    trap,    // end the program with a trap of text `message`
  };
  Kind kind;
  uint32_t value;
  const char* message;  // static; null unless it is a trap
};

/// No function takes more.
inline constexpr size_t kMaxParameters = 9;

struct Function {
  std::string_view name;
  std::string_view signature;  // parameters_results: "iil_i", with i=i32 l=i64; proc_exit is "i_v"
  /// `args` holds one value for each parameter, an i32 in its low half. May block.
  Outcome (*call)(Context& context, GuestMemory& memory, const uint64_t* args);

  // The parts of the signature: a letter for each value.
  constexpr std::string_view parameters() const { return signature.substr(0, signature.find('_')); }
  constexpr std::string_view results() const {
    return signature.ends_with('v') ? "" : signature.substr(signature.find('_') + 1);
  }
};

/// 46 functions for preview 1, 45 for preview 0.
std::span<const Function> functions(Version version);

/// Null if the preview has no such function.
const Function* find_function(Version version, std::string_view name);

}  // namespace swoop::wasi
