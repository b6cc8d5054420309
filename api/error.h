// Errors of the C ABI: what went wrong, as an object that can be asked and passed on.
#pragma once

#include "api/handle.h"
#include "base/result.h"
#include "runtime/trap.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::api {

class ErrorObject final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::error;

  ErrorObject(swoop_error_kind_t kind, std::string message);
  explicit ErrorObject(const Error& error);

  swoop_error_kind_t kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const char* render() const;

  uint64_t offset = UINT64_MAX;
  std::string excerpt;  // of a text
  swoop_trap_code_t trap_code = SWOOP_TRAP_NONE;
  int32_t exit_code = 0;
  Kept payload;
  // Of a call that failed; a trap or an exception that a host function can answer with.
  std::optional<Completion> completion;
  uint64_t store = 0;  // that an exception belongs to

  const std::vector<swoop_frame_t>& frames() const;

 private:
  const CallFailure* failure() const { return completion ? completion->failure() : nullptr; }

  swoop_error_kind_t kind_;
  std::string message_;
  mutable std::once_flag rendered_once_;
  mutable std::string rendered_;
  mutable std::once_flag frames_once_;
  mutable std::vector<swoop_frame_t> frames_;
};

/// Gives a new handle to the caller of a function.
template <class T, class Handle>
swoop_error_t* give(std::unique_ptr<T> object, Handle** handle);

swoop_error_t* make_error(std::unique_ptr<ErrorObject> error);
swoop_error_t* make_error(swoop_error_kind_t kind, std::string message);
swoop_error_t* make_error(const Error& error);
/// Why a call did not return; null if it did. `store` is the number of its store.
swoop_error_t* make_error(Completion completion, uint64_t store);
inline swoop_error_t* misuse(std::string message) {
  return make_error(SWOOP_ERROR_MISUSE, std::move(message));
}

/// How a host function that answered with `error`, which is taken, completes.
Completion completion_of(swoop_error_t* error, uint64_t store);

template <class T, class Handle>
swoop_error_t* give(std::unique_ptr<T> object, Handle** handle) {
  void* const made = make_handle(T::kKind, std::move(object));
  if (made == nullptr) return make_error(SWOOP_ERROR_OUT_OF_MEMORY, "no memory for a handle");
  *handle = static_cast<Handle*>(made);
  return nullptr;
}

}  // namespace swoop::api
