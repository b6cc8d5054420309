// What is behind the handles of wasm.h. A handle is the object itself, counted: all handles of an
// object are one pointer, so identity is comparing pointers, and host info has one place.
//
// An object has two counts. *Handles* are what the embedder holds; each also counts for the store,
// so a store lives as long as any handle to what is in it. *Internal* counts are held by the store
// itself: for what its registry knows, and for what went into it as an externref. They do not keep
// the store alive, so an object handed to its own store makes no cycle.
//
// Safety: every function of wasm.h looks at the first word of what it is given before it believes
// what it is (`as`). Objects of a store are destroyed by whoever takes the last count away, on any
// thread; everything else about a store is used by one thread at a time. Noticed by
// tests/api/lifetime.c and tests/api/threads.c under sanitizers.
#pragma once

#include "api/include/wasm.h"

#include <atomic>
#include <cstdint>

namespace swoop::wasm_c_api {

/// The first word of everything a handle points to. Values that other memory hardly begins with.
enum class Kind : uint32_t {
  config = 0x5c0a'7301,
  engine,
  store,
  valtype,
  functype,
  globaltype,
  tabletype,
  memorytype,
  tagtype,
  importtype,
  exporttype,
  frame,
  shared_module,
  // Objects of stores.
  module,
  trap,
  foreign,
  opaque,  // an externref that WebAssembly made of a reference of its own
  instance,
  func,
  global,
  table,
  memory,
  tag,
  destroyed = 0x5c0a'73ff,  // was one of these
};

constexpr bool is_ref(Kind kind) {
  return kind >= Kind::module && kind <= Kind::tag;
}
constexpr bool is_extern(Kind kind) {
  return kind >= Kind::func && kind <= Kind::tag;
}

/// A pointer of the embedder's, with what to call when it is not needed any more.
struct HostInfo {
  void* info = nullptr;
  void (*finalizer)(void*) = nullptr;

  void finalize() const {
    if (finalizer != nullptr) finalizer(info);
  }
};

}  // namespace swoop::wasm_c_api

struct wasm_ref_t {
  using Kind = swoop::wasm_c_api::Kind;
  static constexpr uint64_t kHandle = 1;
  static constexpr uint64_t kInternal = uint64_t{1} << 32;

  /// Objects begin without handles, with one internal count if the store's registry has them.
  wasm_ref_t(Kind k, wasm_store_t* s, bool is_registered)
      : kind(k), counts(is_registered ? kInternal : 0), store(s) {}
  wasm_ref_t(const wasm_ref_t&) = delete;
  wasm_ref_t& operator=(const wasm_ref_t&) = delete;

  Kind kind;
  std::atomic<uint64_t> counts;  // handles in the lower half, internal counts in the upper
  wasm_store_t* store;           // null only of traps
  std::atomic<swoop::wasm_c_api::HostInfo*> host_info = nullptr;
};

struct wasm_extern_t : wasm_ref_t {
  using wasm_ref_t::wasm_ref_t;
};

struct wasm_foreign_t : wasm_ref_t {
  static constexpr Kind kKind = Kind::foreign;
  explicit wasm_foreign_t(wasm_store_t* s) : wasm_ref_t(kKind, s, false) {}
};

namespace swoop::wasm_c_api {

/// The handle as what it should be, which has its Kind as T::kKind; null if it is null or something
/// else.
template <class T>
T* as(const void* handle) {
  if (handle == nullptr || *static_cast<const Kind*>(handle) != T::kKind) return nullptr;
  return static_cast<T*>(const_cast<void*>(handle));
}
/// The same for any reference.
inline wasm_ref_t* as_ref(const void* handle) {
  if (handle == nullptr || !is_ref(*static_cast<const Kind*>(handle))) return nullptr;
  return static_cast<wasm_ref_t*>(const_cast<void*>(handle));
}
inline wasm_extern_t* as_extern(const void* handle) {
  if (handle == nullptr || !is_extern(*static_cast<const Kind*>(handle))) return nullptr;
  return static_cast<wasm_extern_t*>(const_cast<void*>(handle));
}

/// One handle more; null stays null.
wasm_ref_t* add_handle(wasm_ref_t* ref);
template <class T>
T* new_handle(T* object) {
  return static_cast<T*>(add_handle(object));
}
/// One handle less. Nothing happens without any: it was deleted too often.
void remove_handle(wasm_ref_t* ref);

inline void add_internal(wasm_ref_t& ref) {
  ref.counts.fetch_add(wasm_ref_t::kInternal, std::memory_order_relaxed);
}
/// Destroys the object if that was its last count.
void remove_internal(wasm_ref_t& ref);

}  // namespace swoop::wasm_c_api
