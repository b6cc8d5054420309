// Results of system calls: a value or an errno. No message and no allocation, since a guest makes
// such errors at will.
#pragma once

#include "base/check.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace swoop {

/// A value or an error of the enumeration `E`. `TRY` works on it.
template <class T, class E>
class [[nodiscard]] ErrorOr {
 public:
  ErrorOr(T value) : value_(std::move(value)) {}
  ErrorOr(E error) : error_(error) {}

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  E error() const {
    DCHECK(!ok());
    return error_;
  }

  T& value() & {
    CHECK(ok());
    return *value_;
  }
  const T& value() const& {
    CHECK(ok());
    return *value_;
  }
  T&& value() && {
    CHECK(ok());
    return std::move(*value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::optional<T> value_;
  E error_{};
};

template <class E>
class [[nodiscard]] ErrorOr<void, E> {
 public:
  ErrorOr() = default;
  ErrorOr(E error) : error_(error) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  E error() const {
    CHECK(!ok());
    return *error_;
  }
  void value() const { CHECK(ok()); }

 private:
  std::optional<E> error_;
};

}  // namespace swoop

namespace swoop::platform {

/// An errno value, or the one error the kernel shares with another meaning: a path that leaves its
/// root directory is EXDEV from openat2, as is a rename across mounts from renameat.
enum class OsError : int { path_escapes = -1 };

template <class T = void>
using OsResult = ErrorOr<T, OsError>;

}  // namespace swoop::platform
