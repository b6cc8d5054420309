// What the handles of libswoop-wasi stand for. That library uses libswoop by its C interface alone,
// so these are objects of an embedder's (swoop_object_t) to it.
//
// Safety: an object is what its tag says, which nobody outside of this library has. Noticed by
// tests/api/wasi_test.cc.
#pragma once

#include "api/include/swoop/wasi.h"
#include "base/result.h"
#include "wasi/context.h"
#include "wasi/guest_memory.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace swoop::wasi_api {

struct BuilderObject {
  wasi::Context::Builder builder;
  std::optional<std::string> misuse;  // the first
};
struct EnvObject {
  std::shared_ptr<wasi::Context> context;
};
struct SinkObject {
  std::shared_ptr<wasi::Sink> sink;
};
struct SourceObject {
  std::shared_ptr<wasi::Source> source;
};

/// Its address tells the kinds apart.
template <class T>
inline constexpr char kTag = 0;

/// Null when the system has no memory.
template <class Handle, class T>
Handle* make_handle(std::unique_ptr<T> object) {
  const auto drop = [](void* data) { delete static_cast<T*>(data); };
  return reinterpret_cast<Handle*>(swoop_object_new(object.release(), &kTag<T>, drop));
}

/// What a handle stands for, kept alive; null if the handle is dead or of another kind.
template <class T>
class Borrowed {
 public:
  explicit Borrowed(const void* handle) {
    if (!swoop_retain(handle)) return;
    handle_ = static_cast<const swoop_object_t*>(handle);
    if (swoop_object_tag(handle_) == &kTag<T>)
      object_ = static_cast<T*>(swoop_object_data(handle_));
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() {
    if (handle_ != nullptr) swoop_release(handle_);
  }
  explicit operator bool() const { return object_ != nullptr; }
  T* operator->() const { return object_; }

 private:
  const swoop_object_t* handle_ = nullptr;
  T* object_ = nullptr;
};

inline swoop_error_t* make_error(swoop_error_kind_t kind, std::string_view message) {
  return swoop_error_new(kind, message.data(), message.size(), nullptr);
}
inline swoop_error_t* misuse(std::string_view message) {
  return make_error(SWOOP_ERROR_MISUSE, message);
}
inline swoop_error_t* out_of_memory() {
  return make_error(SWOOP_ERROR_OUT_OF_MEMORY, "no memory for a handle");
}

/// What the calling instance exports as "memory", as it is now.
std::optional<std::span<uint8_t>> memory_of(swoop_caller_t* caller);

/// A call of the guest's on this thread, as functions of the embedder's come back to it. What is
/// between them and the call knows only errors of WASI, and where guest memory was before.
class GuestCall {
 public:
  explicit GuestCall(swoop_caller_t* caller);
  GuestCall(const GuestCall&) = delete;
  GuestCall& operator=(const GuestCall&) = delete;
  ~GuestCall();

  wasi::GuestMemory& memory() { return memory_; }

  /// Whether the call under way has failed: no more functions of the embedder's are called.
  static bool has_failed() { return innermost_ != nullptr && innermost_->error_ != nullptr; }
  /// After a function of the embedder's, with its error or null. One that made the memory move, by
  /// a call of the guest, has failed.
  static void came_back(swoop_error_t* error);
  swoop_error_t* take_error() { return std::exchange(error_, nullptr); }

 private:
  static thread_local GuestCall* innermost_;
  GuestCall* const outer_;
  swoop_caller_t* const caller_;
  wasi::GuestMemory memory_;
  swoop_error_t* error_ = nullptr;
};

}  // namespace swoop::wasi_api
