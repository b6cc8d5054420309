#include "api/wasm_c_api/externals.h"

#include "api/wasm_c_api/collect.h"
#include "api/wasm_c_api/trap.h"
#include "api/wasm_c_api/types.h"
#include "api/wasm_c_api/values.h"
#include "base/check.h"

#include <algorithm>

using namespace swoop::wasm_c_api;

namespace swoop::wasm_c_api {
namespace {

// A 32-bit memory has no more, whatever its type says.
constexpr uint64_t kMaxPages = 65536;

}  // namespace

wasm_func_t* object_of(wasm_store_t& store, VmFuncRef* ref) {
  const auto found = store.objects.find(ref);
  if (found != store.objects.end()) return static_cast<wasm_func_t*>(found->second);
  return object_of<wasm_func_t>(store, ref, store.store.func(ref));
}

wasm_instance_t* object_of(wasm_store_t& store, Instance* instance) {
  return object_of<wasm_instance_t>(store, instance, instance);
}

wasm_extern_t* object_of(wasm_store_t& store, const Extern& entity) {
  if (const Func* const func = std::get_if<Func>(&entity)) return object_of(store, func->ref());
  if (Table* const* const table = std::get_if<Table*>(&entity)) {
    return object_of<wasm_table_t>(store, *table, *table);
  }
  if (Memory* const* const memory = std::get_if<Memory*>(&entity)) {
    return object_of<wasm_memory_t>(store, *memory, *memory);
  }
  if (Global* const* const global = std::get_if<Global*>(&entity)) {
    return object_of<wasm_global_t>(store, *global, *global);
  }
  Tag* const tag = std::get<Tag*>(entity);
  return object_of<TagExtern>(store, tag, tag);
}

Extern entity_of(wasm_extern_t& object) {
  switch (object.kind) {
    case Kind::func: return static_cast<wasm_func_t&>(object).func;
    case Kind::global: return static_cast<wasm_global_t&>(object).global;
    case Kind::table: return static_cast<wasm_table_t&>(object).table;
    case Kind::memory: return static_cast<wasm_memory_t&>(object).memory;
    default: return static_cast<TagExtern&>(object).tag;
  }
}

}  // namespace swoop::wasm_c_api

wasm_externkind_t wasm_extern_kind(const wasm_extern_t* handle) {
  const wasm_extern_t* const object = as_extern(handle);
  if (object == nullptr) return WASM_EXTERN_FUNC;
  switch (object->kind) {
    case Kind::func: return WASM_EXTERN_FUNC;
    case Kind::global: return WASM_EXTERN_GLOBAL;
    case Kind::table: return WASM_EXTERN_TABLE;
    case Kind::memory: return WASM_EXTERN_MEMORY;
    default: return kTagKind;
  }
}

wasm_externtype_t* wasm_extern_type(const wasm_extern_t* handle) {
  wasm_extern_t* const object = as_extern(handle);
  if (object == nullptr) return nullptr;
  switch (object->kind) {
    case Kind::func: return wasm_func_type(static_cast<wasm_func_t*>(object));
    case Kind::global: return wasm_global_type(static_cast<wasm_global_t*>(object));
    case Kind::table: return wasm_table_type(static_cast<wasm_table_t*>(object));
    case Kind::memory: return wasm_memory_type(static_cast<wasm_memory_t*>(object));
    default: return make_tagtype();
  }
}

#define DEFINE_AS_EXTERN(name)                                                        \
  wasm_extern_t* wasm_##name##_as_extern(wasm_##name##_t* object) {                   \
    return as<wasm_##name##_t>(object);                                               \
  }                                                                                   \
  const wasm_extern_t* wasm_##name##_as_extern_const(const wasm_##name##_t* object) { \
    return as<wasm_##name##_t>(object);                                               \
  }                                                                                   \
  wasm_##name##_t* wasm_extern_as_##name(wasm_extern_t* object) {                     \
    return as<wasm_##name##_t>(object);                                               \
  }                                                                                   \
  const wasm_##name##_t* wasm_extern_as_##name##_const(const wasm_extern_t* object) { \
    return as<wasm_##name##_t>(object);                                               \
  }
DEFINE_AS_EXTERN(func)
DEFINE_AS_EXTERN(global)
DEFINE_AS_EXTERN(table)
DEFINE_AS_EXTERN(memory)
#undef DEFINE_AS_EXTERN

// --- Globals ---

wasm_global_t* wasm_global_new(wasm_store_t* store_handle, const wasm_globaltype_t* type_handle,
                               const wasm_val_t* value) {
  wasm_store_t* const store = as<wasm_store_t>(store_handle);
  const wasm_globaltype_t* const type = as<wasm_globaltype_t>(type_handle);
  if (store == nullptr || type == nullptr || value == nullptr) return nullptr;
  const auto global_type = to_global_type(*type);
  swoop::Value initial;
  if (!global_type || !to_value(*store, *value, global_type->type, initial)) return nullptr;
  swoop::Global* const global = store->store.make_global(*global_type, initial);
  return new_handle(object_of<wasm_global_t>(*store, global, global));
}

wasm_globaltype_t* wasm_global_type(const wasm_global_t* handle) {
  const wasm_global_t* const object = as<wasm_global_t>(handle);
  if (object == nullptr) return nullptr;
  return make_globaltype(object->store->store.engine().types(), object->global->type());
}

void wasm_global_get(const wasm_global_t* handle, wasm_val_t* out) {
  if (out == nullptr) return;
  const wasm_global_t* const object = as<wasm_global_t>(handle);
  if (object == nullptr) {
    *out = null_value();
  } else {
    *out = from_value(*object->store, object->global->get(), object->global->type().type);
  }
}

void wasm_global_set(wasm_global_t* handle, const wasm_val_t* value) {
  wasm_global_t* const object = as<wasm_global_t>(handle);
  swoop::Value next;
  if (object == nullptr || value == nullptr || !object->global->type().is_mutable ||
      !to_value(*object->store, *value, object->global->type().type, next)) {
    return;
  }
  object->global->store(next);
}

// --- Tables ---

wasm_table_t* wasm_table_new(wasm_store_t* store_handle, const wasm_tabletype_t* type_handle,
                             wasm_ref_t* init) {
  wasm_store_t* const store = as<wasm_store_t>(store_handle);
  const wasm_tabletype_t* const type = as<wasm_tabletype_t>(type_handle);
  if (store == nullptr || type == nullptr) return nullptr;
  collect_if_due(*store);  // before there is a word that nothing refers to yet
  const auto table_type = to_table_type(*type);
  uint64_t word = 0;
  if (!table_type || !to_word(*store, init, table_type->element, word)) return nullptr;
  const auto made = store->store.make_table(*table_type, word);
  return made.ok() ? new_handle(object_of<wasm_table_t>(*store, *made, *made)) : nullptr;
}

wasm_tabletype_t* wasm_table_type(const wasm_table_t* handle) {
  const wasm_table_t* const object = as<wasm_table_t>(handle);
  if (object == nullptr) return nullptr;
  return make_tabletype(object->store->store.engine().types(), object->table->type(),
                        object->table->size());
}

wasm_ref_t* wasm_table_get(const wasm_table_t* handle, wasm_table_size_t index) {
  const wasm_table_t* const object = as<wasm_table_t>(handle);
  if (object == nullptr || index >= object->table->size()) return nullptr;
  return from_word(*object->store, object->table->get(index), object->table->type().element);
}

bool wasm_table_set(wasm_table_t* handle, wasm_table_size_t index, wasm_ref_t* ref) {
  wasm_table_t* const object = as<wasm_table_t>(handle);
  uint64_t word = 0;
  if (object == nullptr || index >= object->table->size() ||
      !to_word(*object->store, ref, object->table->type().element, word)) {
    return false;
  }
  object->table->set(index, word);
  return true;
}

wasm_table_size_t wasm_table_size(const wasm_table_t* handle) {
  const wasm_table_t* const object = as<wasm_table_t>(handle);
  if (object == nullptr) return 0;
  return static_cast<wasm_table_size_t>(std::min<uint64_t>(object->table->size(), UINT32_MAX));
}

bool wasm_table_grow(wasm_table_t* handle, wasm_table_size_t delta, wasm_ref_t* init) {
  wasm_table_t* const object = as<wasm_table_t>(handle);
  uint64_t word = 0;
  return object != nullptr && to_word(*object->store, init, object->table->type().element, word) &&
         object->table->grow(delta, word).has_value();
}

// --- Memories ---

wasm_memory_t* wasm_memory_new(wasm_store_t* store_handle, const wasm_memorytype_t* type_handle) {
  wasm_store_t* const store = as<wasm_store_t>(store_handle);
  const wasm_memorytype_t* const type = as<wasm_memorytype_t>(type_handle);
  if (store == nullptr || type == nullptr) return nullptr;
  const swoop::MemoryType memory_type = to_memory_type(*type);
  if (memory_type.limits.min > kMaxPages || memory_type.limits.max.value_or(0) > kMaxPages) {
    return nullptr;
  }
  collect_if_due(*store);
  const auto made = store->store.make_memory(memory_type);
  return made.ok() ? new_handle(object_of<wasm_memory_t>(*store, *made, *made)) : nullptr;
}

wasm_memorytype_t* wasm_memory_type(const wasm_memory_t* handle) {
  const wasm_memory_t* const object = as<wasm_memory_t>(handle);
  if (object == nullptr) return nullptr;
  return make_memorytype(object->memory->type(), object->memory->size_pages());
}

byte_t* wasm_memory_data(wasm_memory_t* handle) {
  const wasm_memory_t* const object = as<wasm_memory_t>(handle);
  return object == nullptr ? nullptr : reinterpret_cast<byte_t*>(object->memory->data());
}

size_t wasm_memory_data_size(const wasm_memory_t* handle) {
  const wasm_memory_t* const object = as<wasm_memory_t>(handle);
  return object == nullptr ? 0 : static_cast<size_t>(object->memory->size_bytes());
}

wasm_memory_pages_t wasm_memory_size(const wasm_memory_t* handle) {
  const wasm_memory_t* const object = as<wasm_memory_t>(handle);
  if (object == nullptr) return 0;
  return static_cast<wasm_memory_pages_t>(
      std::min<uint64_t>(object->memory->size_pages(), UINT32_MAX));
}

bool wasm_memory_grow(wasm_memory_t* handle, wasm_memory_pages_t delta) {
  wasm_memory_t* const object = as<wasm_memory_t>(handle);
  return object != nullptr && object->memory->grow(delta).has_value();
}
