#include "api/wasm_c_api/object.h"

#include "api/wasm_c_api/externals.h"
#include "api/wasm_c_api/module.h"
#include "api/wasm_c_api/store.h"
#include "api/wasm_c_api/trap.h"
#include "api/wasm_c_api/values.h"
#include "base/check.h"

#include <memory>

namespace swoop::wasm_c_api {
namespace {

// Static types and not virtual functions: the first word is the kind.
void destroy(wasm_ref_t* ref) {
  const std::unique_ptr<HostInfo> info(ref->host_info.load(std::memory_order_relaxed));
  const Kind kind = ref->kind;
  ref->kind = Kind::destroyed;  // what deletes it once more may see that
  switch (kind) {
    case Kind::module: delete static_cast<wasm_module_t*>(ref); break;
    case Kind::trap: delete static_cast<wasm_trap_t*>(ref); break;
    case Kind::foreign: delete static_cast<wasm_foreign_t*>(ref); break;
    case Kind::opaque: delete static_cast<Opaque*>(ref); break;
    case Kind::instance: delete static_cast<wasm_instance_t*>(ref); break;
    case Kind::func: delete static_cast<wasm_func_t*>(ref); break;
    case Kind::global: delete static_cast<wasm_global_t*>(ref); break;
    case Kind::table: delete static_cast<wasm_table_t*>(ref); break;
    case Kind::memory: delete static_cast<wasm_memory_t*>(ref); break;
    case Kind::tag: delete static_cast<TagExtern*>(ref); break;
    default: UNREACHABLE();
  }
  // Last, for it may delete other handles.
  if (info != nullptr) info->finalize();
}

// Stands for the info while somebody looks at it.
constinit HostInfo busy;

HostInfo* take_host_info(wasm_ref_t& ref) {
  HostInfo* info = nullptr;
  do {
    info = ref.host_info.exchange(&busy, std::memory_order_acq_rel);
  } while (info == &busy);
  return info;
}

void set_host_info(wasm_ref_t* ref, const HostInfo& info) {
  if (ref == nullptr) return;
  auto next = std::make_unique<HostInfo>(info);
  const std::unique_ptr<HostInfo> old(take_host_info(*ref));
  ref->host_info.store(next.release(), std::memory_order_release);
  if (old != nullptr) old->finalize();
}

void* get_host_info(wasm_ref_t* ref) {
  if (ref == nullptr) return nullptr;
  HostInfo* const info = take_host_info(*ref);
  void* const result = info == nullptr ? nullptr : info->info;
  ref->host_info.store(info, std::memory_order_release);
  return result;
}

}  // namespace

wasm_ref_t* add_handle(wasm_ref_t* ref) {
  if (ref == nullptr) return nullptr;
  ref->counts.fetch_add(wasm_ref_t::kHandle, std::memory_order_relaxed);
  add_use(ref->store);
  return ref;
}

void remove_handle(wasm_ref_t* ref) {
  if (ref == nullptr) return;
  wasm_store_t* const store = ref->store;  // while the handle still keeps the object
  uint64_t counts = ref->counts.load(std::memory_order_relaxed);
  do {
    if ((counts & (wasm_ref_t::kInternal - 1)) == 0) return;
  } while (!ref->counts.compare_exchange_weak(counts, counts - wasm_ref_t::kHandle,
                                              std::memory_order_acq_rel));
  if (counts == wasm_ref_t::kHandle) destroy(ref);
  remove_use(store);
}

void remove_internal(wasm_ref_t& ref) {
  if (ref.counts.fetch_sub(wasm_ref_t::kInternal, std::memory_order_acq_rel) ==
      wasm_ref_t::kInternal)
    destroy(&ref);
}

}  // namespace swoop::wasm_c_api

using namespace swoop::wasm_c_api;

// `cast` is what checks that the handle is one of this family.
#define DEFINE_REF_BASE(name, cast)                                                    \
  void wasm_##name##_delete(wasm_##name##_t* handle) {                                 \
    remove_handle(cast(handle));                                                       \
  }                                                                                    \
  wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t* from) {                   \
    return new_handle(cast(from));                                                     \
  }                                                                                    \
  bool wasm_##name##_same(const wasm_##name##_t* a, const wasm_##name##_t* b) {        \
    return a == b;                                                                     \
  }                                                                                    \
  void* wasm_##name##_get_host_info(const wasm_##name##_t* object) {                   \
    return get_host_info(cast(object));                                                \
  }                                                                                    \
  void wasm_##name##_set_host_info(wasm_##name##_t* object, void* info) {              \
    set_host_info(cast(object), {info, nullptr});                                      \
  }                                                                                    \
  void wasm_##name##_set_host_info_with_finalizer(wasm_##name##_t* object, void* info, \
                                                  void (*finalizer)(void*)) {          \
    set_host_info(cast(object), {info, finalizer});                                    \
  }

#define DEFINE_REF(name, cast)                                                  \
  DEFINE_REF_BASE(name, cast)                                                   \
  wasm_ref_t* wasm_##name##_as_ref(wasm_##name##_t* object) {                   \
    return cast(object);                                                        \
  }                                                                             \
  const wasm_ref_t* wasm_##name##_as_ref_const(const wasm_##name##_t* object) { \
    return cast(object);                                                        \
  }                                                                             \
  wasm_##name##_t* wasm_ref_as_##name(wasm_ref_t* ref) {                        \
    return cast(ref);                                                           \
  }                                                                             \
  const wasm_##name##_t* wasm_ref_as_##name##_const(const wasm_ref_t* ref) {    \
    return cast(ref);                                                           \
  }

DEFINE_REF_BASE(ref, as_ref)
DEFINE_REF(module, as<wasm_module_t>)
DEFINE_REF(trap, as<wasm_trap_t>)
DEFINE_REF(foreign, as<wasm_foreign_t>)
DEFINE_REF(instance, as<wasm_instance_t>)
DEFINE_REF(extern, as_extern)
DEFINE_REF(func, as<wasm_func_t>)
DEFINE_REF(global, as<wasm_global_t>)
DEFINE_REF(table, as<wasm_table_t>)
DEFINE_REF(memory, as<wasm_memory_t>)
#undef DEFINE_REF
#undef DEFINE_REF_BASE

wasm_foreign_t* wasm_foreign_new(wasm_store_t* handle) {
  wasm_store_t* const store = as<wasm_store_t>(handle);
  if (store == nullptr) return nullptr;
  return new_handle(new wasm_foreign_t(store));
}
