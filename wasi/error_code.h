// The result codes of WASI and how errors of the host become one.
#pragma once

#include "platform/os_result.h"

#include <cstdint>
#include <utility>

namespace swoop::wasi {

enum class Errno : uint16_t {
#define ERRNO(name, number, text) name = number,
#include "wasi/error_code.def"
#undef ERRNO
};

/// The name in the specification: "badf", "2big".
const char* to_string(Errno error);

/// `OsError::path_escapes` becomes `notcapable`; an errno without a counterpart becomes `io`.
Errno to_errno(platform::OsError error);

/// A value of the host layer, or what the guest is told.
template <class T = void>
using ErrnoOr = ErrorOr<T, Errno>;

/// The seam between the two families of errors.
template <class T>
ErrnoOr<T> from_os(platform::OsResult<T> result) {
  if (!result.ok()) return to_errno(result.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(result).value();
  }
}

}  // namespace swoop::wasi
