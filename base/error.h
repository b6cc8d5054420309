// Errors of input and environment, as values. A guest fault is a trap (vm/trap_code.h), our own bug
// a CHECK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace swoop {

enum class ErrorKind : uint8_t {
  malformed,       // the bytes are not a module
  invalid,         // a module that does not validate
  unlinkable,      // an import is missing or has another type
  limit_exceeded,  // a documented implementation limit (docs/LIMITS.md)
  out_of_memory,   // memory, table or code space could not be mapped
  unsupported,     // valid, but needs something this build does not compile
  io,              // a file or stream of the host failed
};

/// The name as users read it: "malformed", "invalid", ...
const char* to_string(ErrorKind kind);

inline constexpr size_t kNoOffset = SIZE_MAX;

struct [[nodiscard]] Error {
  ErrorKind kind;
  size_t offset;  // bytes from the start of the module; kNoOffset when no byte is to blame
  std::string
      message;  // lower case, no full stop; begins with the test suite's phrase if it has one

  Error(ErrorKind k, size_t at, std::string text) : kind(k), offset(at), message(std::move(text)) {}
  Error(ErrorKind k, std::string text) : Error(k, kNoOffset, std::move(text)) {}
};

}  // namespace swoop
