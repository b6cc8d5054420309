// Configurations, engines and stores of wasm.h, and what a store knows of its objects.
#pragma once

#include "api/wasm_c_api/object.h"
#include "runtime/engine.h"
#include "runtime/store.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>

struct wasm_config_t {
  static constexpr swoop::wasm_c_api::Kind kKind = swoop::wasm_c_api::Kind::config;
  swoop::wasm_c_api::Kind kind = kKind;
  swoop::EngineConfig config;
};

struct wasm_engine_t {
  static constexpr swoop::wasm_c_api::Kind kKind = swoop::wasm_c_api::Kind::engine;
  swoop::wasm_c_api::Kind kind = kKind;
  std::shared_ptr<swoop::Engine> engine;
};

struct wasm_store_t {
  static constexpr swoop::wasm_c_api::Kind kKind = swoop::wasm_c_api::Kind::store;

  explicit wasm_store_t(std::shared_ptr<swoop::Engine> engine) : store(std::move(engine)) {}
  ~wasm_store_t();
  wasm_store_t(const wasm_store_t&) = delete;
  wasm_store_t& operator=(const wasm_store_t&) = delete;

  swoop::wasm_c_api::Kind kind = kKind;
  std::atomic<bool> is_deleted = false;  // by wasm_store_delete; uses may be left
  std::atomic<uint64_t> uses = 1;        // the embedder's handle, handles of objects, running calls

  // From here on used by one thread at a time.
  swoop::Store store;
  uint32_t calls = 0;  // that are running, one in the other
  /// The object of each entity that the embedder has seen: by VmFuncRef, Table, Instance, ...
  std::unordered_map<const void*, wasm_ref_t*> objects;
  /// What WebAssembly may hold as an externref, by the reference's word. Nobody tells when it drops
  /// one, so these stay until the store is searched for them (collect.h) or ends.
  std::unordered_map<uint64_t, wasm_ref_t*> externrefs;
  /// What a callback answered, on its way through WebAssembly to the caller of that.
  wasm_trap_t* thrown = nullptr;
  uint64_t collect_at_bytes = 0;  // when it takes so much (collect.h)
};

namespace swoop::wasm_c_api {

/// `store` may be null.
inline void add_use(wasm_store_t* store) {
  if (store != nullptr) store->uses.fetch_add(1, std::memory_order_relaxed);
}
/// Destroys the store after its last use.
void remove_use(wasm_store_t* store);

/// Keeps the store while WebAssembly runs in it, whatever is deleted meanwhile.
class Running {
 public:
  explicit Running(wasm_store_t& store) : store_(store) {
    if (store_.calls++ == 0) add_use(&store_);
  }
  ~Running() {
    if (--store_.calls == 0) remove_use(&store_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  wasm_store_t& store_;
};

/// The object that stands for an entity of the store, made by `T(store, arguments...)` the first
/// time. Without a new handle.
template <class T, class... A>
T* object_of(wasm_store_t& store, const void* entity, A&&... arguments) {
  const auto [found, is_new] = store.objects.try_emplace(entity, nullptr);
  if (is_new) found->second = new T(&store, std::forward<A>(arguments)...);
  return static_cast<T*>(found->second);
}

}  // namespace swoop::wasm_c_api
