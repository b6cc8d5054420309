// Instances and externals of wasm.h: each stands for one entity of the runtime's store.
#pragma once

#include "api/wasm_c_api/object.h"
#include "api/wasm_c_api/store.h"
#include "runtime/extern.h"
#include "runtime/instance.h"

struct wasm_instance_t : wasm_ref_t {
  static constexpr Kind kKind = Kind::instance;
  wasm_instance_t(wasm_store_t* s, swoop::Instance* i) : wasm_ref_t(kKind, s, true), instance(i) {}

  swoop::Instance* instance;
};

struct wasm_func_t : wasm_extern_t {
  static constexpr Kind kKind = Kind::func;
  wasm_func_t(wasm_store_t* s, const swoop::Func& f);

  swoop::Func func;
  bool is_callable;  // all parameters and results have a kind
};

struct wasm_global_t : wasm_extern_t {
  static constexpr Kind kKind = Kind::global;
  wasm_global_t(wasm_store_t* s, swoop::Global* g) : wasm_extern_t(kKind, s, true), global(g) {}

  swoop::Global* global;
};

struct wasm_table_t : wasm_extern_t {
  static constexpr Kind kKind = Kind::table;
  wasm_table_t(wasm_store_t* s, swoop::Table* t) : wasm_extern_t(kKind, s, true), table(t) {}

  swoop::Table* table;
};

struct wasm_memory_t : wasm_extern_t {
  static constexpr Kind kKind = Kind::memory;
  wasm_memory_t(wasm_store_t* s, swoop::Memory* m) : wasm_extern_t(kKind, s, true), memory(m) {}

  swoop::Memory* memory;
};

namespace swoop::wasm_c_api {

struct TagExtern : wasm_extern_t {
  static constexpr Kind kKind = Kind::tag;
  TagExtern(wasm_store_t* s, Tag* t) : wasm_extern_t(kKind, s, true), tag(t) {}

  Tag* tag;
};

// The objects of entities, without a new handle.
wasm_func_t* object_of(wasm_store_t& store, VmFuncRef* ref);
wasm_instance_t* object_of(wasm_store_t& store, Instance* instance);
wasm_extern_t* object_of(wasm_store_t& store, const Extern& entity);

/// What an object stands for.
Extern entity_of(wasm_extern_t& object);

}  // namespace swoop::wasm_c_api
