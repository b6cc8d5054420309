// Errors of the C++ interface: Error, and Result<T>, which is a value or one. swoop.hh includes
// all.
#pragma once

#if __cplusplus < 202002L
#error "swoop.hh is C++20: compile with -std=c++20. For older programs there is swoop.h."
#endif

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <swoop/swoop.h>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// Code with and without exceptions does different things under the same names, so the names differ.
#if defined(__cpp_exceptions)
#define SWOOP_NAMESPACE v0
#else
#define SWOOP_NAMESPACE v0_without_exceptions
#endif

namespace swoop {
inline namespace SWOOP_NAMESPACE {

namespace detail {

/// Owns a reference to a handle of the C interface; copies share what is behind it.
template <class T>
class Handle {
 public:
  Handle() = default;
  /// Takes a reference over.
  explicit Handle(T* raw) noexcept : raw_(raw) {}
  Handle(const Handle& other) noexcept : raw_(other.raw_) {
    if (raw_ != nullptr) swoop_retain(raw_);
  }
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Handle& operator=(Handle other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Handle() {
    if (raw_ != nullptr) swoop_release(raw_);
  }
  T* get() const noexcept { return raw_; }
  T* release() noexcept { return std::exchange(raw_, nullptr); }

 private:
  T* raw_ = nullptr;
};

/// Its address tells a type from others, in this program or library.
template <class T>
inline constexpr char type_tag = 0;

template <class T>
void destroy(void* object) {
  delete static_cast<T*>(object);
}

}  // namespace detail

/// What went wrong, in general; swoop.h says what each means.
enum class ErrorKind : int {
  malformed = SWOOP_ERROR_MALFORMED,
  invalid = SWOOP_ERROR_INVALID,
  unlinkable = SWOOP_ERROR_UNLINKABLE,
  limit_exceeded = SWOOP_ERROR_LIMIT_EXCEEDED,
  out_of_memory = SWOOP_ERROR_OUT_OF_MEMORY,
  unsupported = SWOOP_ERROR_UNSUPPORTED,
  io = SWOOP_ERROR_IO,
  type_mismatch = SWOOP_ERROR_TYPE_MISMATCH,
  not_found = SWOOP_ERROR_NOT_FOUND,
  misuse = SWOOP_ERROR_MISUSE,
  trap = SWOOP_ERROR_TRAP,
  exception = SWOOP_ERROR_EXCEPTION,
  exit = SWOOP_ERROR_EXIT,
};

/// Why a call trapped. Spec: exec/runtime#results.
enum class TrapCode : int {
  unreachable = SWOOP_TRAP_UNREACHABLE,
  integer_divide_by_zero = SWOOP_TRAP_INTEGER_DIVIDE_BY_ZERO,
  integer_overflow = SWOOP_TRAP_INTEGER_OVERFLOW,
  invalid_conversion_to_integer = SWOOP_TRAP_INVALID_CONVERSION_TO_INTEGER,
  memory_out_of_bounds = SWOOP_TRAP_MEMORY_OUT_OF_BOUNDS,
  table_out_of_bounds = SWOOP_TRAP_TABLE_OUT_OF_BOUNDS,
  undefined_element = SWOOP_TRAP_UNDEFINED_ELEMENT,
  uninitialized_element = SWOOP_TRAP_UNINITIALIZED_ELEMENT,
  indirect_call_type_mismatch = SWOOP_TRAP_INDIRECT_CALL_TYPE_MISMATCH,
  null_reference = SWOOP_TRAP_NULL_REFERENCE,
  out_of_heap = SWOOP_TRAP_OUT_OF_HEAP,
  stack_exhausted = SWOOP_TRAP_STACK_EXHAUSTED,
  interrupted = SWOOP_TRAP_INTERRUPTED,
  out_of_fuel = SWOOP_TRAP_OUT_OF_FUEL,
  host = SWOOP_TRAP_HOST,
};

/// One wasm function of a backtrace. The strings belong to the Error.
struct Frame {
  std::string_view module;          // from the name section, else empty
  std::string_view function;        // from the name section or an export, else empty
  std::uint32_t func_index = 0;     // imported functions count
  std::uint32_t func_offset = 0;    // bytes from the start of the function's body
  std::uint64_t module_offset = 0;  // bytes from the start of the module
  std::string_view file;            // of the source, if the module has debug information
  std::uint32_t line = 0;           // there; 0: not known
  std::uint32_t column = 0;         // likewise
};

/// What went wrong. Cheap to copy; any thread may use it.
class [[nodiscard]] Error {
 public:
  /// An error of one's own, for host functions to return: the guest traps.
  Error(ErrorKind kind, std::string_view message)
      : handle_(swoop_error_new(static_cast<swoop_error_kind_t>(kind), message.data(),
                                message.size(), nullptr)) {}
  /// Takes an error of the C interface over.
  explicit Error(swoop_error_t* raw) noexcept : handle_(raw) {}

  /// What a host function returns to trap.
  static Error trap(std::string_view message) { return Error(ErrorKind::trap, message); }
  /// A trap of wasm's own kinds.
  static Error trap(TrapCode code) {
    return Error(swoop_error_new_trap(static_cast<swoop_trap_code_t>(code)));
  }
  /// What a host function returns to end the program.
  static Error exit(int code) { return Error(swoop_error_new_exit(code)); }
#if defined(__cpp_exceptions)
  /// A trap that carries an exception of C++ to the outer end of the call.
  static Error of_exception(std::exception_ptr exception);
#endif

  /// What went wrong, in general.
  ErrorKind kind() const noexcept {
    return static_cast<ErrorKind>(swoop_error_kind(raw()));
  }
  /// One line without a full stop.
  std::string_view message() const noexcept {
    return swoop_error_message(raw());
  }
  /// For people, in several lines: the message, the place in a text module, the backtrace.
  std::string render() const {
    return swoop_error_render(raw());
  }
  /// Of the first bad byte of a module, or character of a text.
  std::optional<std::uint64_t> offset() const noexcept {
    const std::uint64_t offset = swoop_error_offset(raw());
    return offset == UINT64_MAX ? std::nullopt : std::optional(offset);
  }
  /// Why a call trapped; nothing unless the kind is ErrorKind::trap.
  std::optional<TrapCode> trap_code() const noexcept {
    const swoop_trap_code_t code = swoop_error_trap_code(raw());
    return code == SWOOP_TRAP_NONE ? std::nullopt : std::optional(static_cast<TrapCode>(code));
  }
  /// Of a program that ended itself.
  std::optional<int> exit_code() const noexcept {
    std::int32_t code = 0;
    return swoop_error_exit_code(raw(), &code) ? std::optional<int>(code) : std::nullopt;
  }
  /// Innermost first.
  std::vector<Frame> frames() const {
    const swoop_frame_t* frames = nullptr;
    const std::size_t count = swoop_error_frames(raw(), &frames);
    std::vector<Frame> result;
    for (std::size_t i = 0; i < count; ++i) {
      result.push_back({frames[i].module_name, frames[i].function_name, frames[i].function_index,
                        frames[i].function_offset, frames[i].module_offset, frames[i].file,
                        frames[i].line, frames[i].column});
    }
    return result;
  }
  /// What a host function threw; null if that is not the reason.
  std::exception_ptr host_exception() const noexcept {
    const detail::Handle<swoop_object_t> payload(swoop_error_payload(raw()));
    if (swoop_object_tag(payload.get()) != &detail::type_tag<std::exception_ptr>) return nullptr;
    return *static_cast<const std::exception_ptr*>(swoop_object_data(payload.get()));
  }
  /// Rethrows host_exception(), or else throws an Exception. Without exceptions, prints the error
  /// and aborts.
  [[noreturn]] void raise() const;

  swoop_error_t* raw() const noexcept {
    return handle_.get();
  }
  /// Leaves the handle to the caller.
  swoop_error_t* release() && noexcept {
    return handle_.release();
  }

 private:
  detail::Handle<swoop_error_t> handle_;
};

/// What Result::value() throws.
class Exception : public std::exception {
 public:
  /// Of an error.
  explicit Exception(Error e) : error(std::move(e)) {}
  /// What Error::render gives.
  const char* what() const noexcept override { return swoop_error_render(error.raw()); }
  /// Why there is no value.
  Error error;
};

#if defined(__cpp_exceptions)
inline Error Error::of_exception(std::exception_ptr exception) {
  std::string message = "host function threw an exception";
  try {
    std::rethrow_exception(exception);
  } catch (const Exception& e) {
    return e.error;  // it came from a call of its own
  } catch (const std::exception& e) {
    message += std::string(": ") + e.what();
  } catch (...) {
  }
  const detail::Handle<swoop_object_t> payload(
      swoop_object_new(new std::exception_ptr(std::move(exception)),
                       &detail::type_tag<std::exception_ptr>, detail::destroy<std::exception_ptr>));
  return Error(swoop_error_new(SWOOP_ERROR_TRAP, message.data(), message.size(), payload.get()));
}
#endif

inline void Error::raise() const {
#if defined(__cpp_exceptions)
  if (const std::exception_ptr thrown = host_exception()) std::rethrow_exception(thrown);
  throw Exception(*this);
#else
  std::fprintf(stderr, "%s\n", swoop_error_render(raw()));
  std::abort();
#endif
}

/// A value, or why there is none.
template <class T = void>
class [[nodiscard]] Result {
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  /// What it is a Result of.
  using value_type = T;

  Result() requires std::is_void_v<T>
  = default;
  /// Without a value.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  /// With a value.
  template <class U = Stored>
  requires(!std::is_void_v<T> && std::constructible_from<Stored, U&&> &&
           !std::same_as<std::remove_cvref_t<U>, Result> &&
           !std::same_as<std::remove_cvref_t<U>, Error>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  /// Whether there is a value.
  bool has_value() const noexcept { return state_.index() == 0; }
  /// Whether there is a value.
  explicit operator bool() const noexcept { return has_value(); }

  /// The value. Ask first whether there is one.
  auto& operator*() & requires(!std::is_void_v<T>) { return *std::get_if<0>(&state_); }
  /// The same.
  const auto& operator*() const& requires(!std::is_void_v<T>) { return *std::get_if<0>(&state_); }
  /// The same.
  auto* operator->() requires(!std::is_void_v<T>) { return std::get_if<0>(&state_); }
  /// The same.
  const auto* operator->() const requires(!std::is_void_v<T>) { return std::get_if<0>(&state_); }
  /// Why there is no value. Ask first whether there is one.
  const Error& error() const& { return *std::get_if<1>(&state_); }
  /// The same.
  Error error() && { return std::move(*std::get_if<1>(&state_)); }

  /// The value; an error is raised (Error::raise).
  T value() && {
    if (!has_value()) error().raise();
    if constexpr (!std::is_void_v<T>) return std::move(*std::get_if<0>(&state_));
  }
  /// The same.
  T value() const& requires(std::is_void_v<T> || std::copy_constructible<T>) {
    if (!has_value()) error().raise();
    if constexpr (!std::is_void_v<T>) return *std::get_if<0>(&state_);
  }
  /// The value, or else `otherwise`.
  template <class U>
      T value_or(U&& otherwise) && requires(!std::is_void_v<T>) {
    return has_value() ? std::move(*std::get_if<0>(&state_))
                       : static_cast<T>(std::forward<U>(otherwise));
  }
  /// What `f`, which gives a Result, makes of the value.
  template <class F>
  auto and_then(F&& f) && {
    using Next = decltype(apply(std::forward<F>(f)));
    if (!has_value()) return Next(std::move(*this).error());
    return apply(std::forward<F>(f));
  }
  /// A Result with what `f` makes of the value.
  template <class F>
  auto transform(F&& f) && {
    using Next = Result<decltype(apply(std::forward<F>(f)))>;
    if (!has_value()) return Next(std::move(*this).error());
    if constexpr (std::is_void_v<typename Next::value_type>) {
      apply(std::forward<F>(f));
      return Next();
    } else {
      return Next(apply(std::forward<F>(f)));
    }
  }

 private:
  template <class F>
  decltype(auto) apply(F&& f) {
    if constexpr (std::is_void_v<T>)
      return std::forward<F>(f)();
    else
      return std::forward<F>(f)(std::move(*std::get_if<0>(&state_)));
  }

  std::variant<Stored, Error> state_;
};

/// Whether a type is a Result.
template <class T>
inline constexpr bool is_result = false;
/// The same.
template <class T>
inline constexpr bool is_result<Result<T>> = true;

namespace detail {

/// What a function of the C interface answered.
inline Result<> result_of(swoop_error_t* error) {
  if (error == nullptr) return {};
  return Error(error);
}

}  // namespace detail
}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
