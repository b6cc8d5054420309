// Result<T>: a value or an Error. TRY(expr) yields the value or returns the error from the
// enclosing function.
#pragma once

#include "base/check.h"
#include "base/error.h"

#include <optional>
#include <utility>
#include <variant>

namespace swoop {

template <class T = void>
class [[nodiscard]] Result {
 public:
  Result(T v) : state_(std::in_place_index<0>, std::move(v)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { CHECK(ok()); }

  const Error& error() const& {
    CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    CHECK(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace swoop

#define TRY(expression)                           \
  __extension__({                                 \
    auto swoop_try_result = (expression);         \
    if (!swoop_try_result.ok()) [[unlikely]]      \
      return std::move(swoop_try_result).error(); \
    std::move(swoop_try_result).value();          \
  })
