// Instances of wasm.h.
#include "api/wasm_c_api/collect.h"
#include "api/wasm_c_api/externals.h"
#include "api/wasm_c_api/module.h"
#include "api/wasm_c_api/store.h"
#include "api/wasm_c_api/trap.h"
#include "api/wasm_c_api/vector.h"
#include "base/check.h"

#include <string>
#include <utility>
#include <vector>

using namespace swoop::wasm_c_api;

namespace swoop::wasm_c_api {
namespace {

std::string name_of(const Import& import) {
  return "`" + import.module + "`.`" + import.name + "`";
}

/// What is wrong with the handles, if anything; the runtime looks at what is behind them.
std::string collect_imports(const Module& module, const wasm_extern_vec_t* imports,
                            std::vector<Extern>& out) {
  const std::vector<Import>& wanted = module.info().imports;
  const size_t size = imports == nullptr || imports->data == nullptr ? 0 : imports->size;
  if (size < wanted.size()) {
    return "unknown import " + name_of(wanted[size]) + ": the module has " +
           std::to_string(wanted.size()) + " imports, and " + std::to_string(size) + " were passed";
  }
  if (size > wanted.size()) {
    return "the module has " + std::to_string(wanted.size()) + " imports, and " +
           std::to_string(size) + " were passed";
  }
  for (size_t i = 0; i < size; ++i) {
    wasm_extern_t* const object = as_extern(imports->data[i]);
    if (object == nullptr) return "import " + name_of(wanted[i]) + " is no external";
    out.push_back(entity_of(*object));
  }
  return {};
}

Extern exported_entity(const Instance& instance, const Export& exported) {
  switch (exported.kind) {
    case ExternKind::func: return instance.func(FuncIdx(exported.index));
    case ExternKind::table: return &instance.table(TableIdx(exported.index));
    case ExternKind::memory: return &instance.memory(MemoryIdx(exported.index));
    case ExternKind::global: return &instance.global(GlobalIdx(exported.index));
    case ExternKind::tag: return &instance.tag(TagIdx(exported.index));
  }
  UNREACHABLE();
}

/// A handle to the new instance; or null and, in `trap`, a handle to the reason.
wasm_instance_t* instantiate(wasm_store_t* store, const wasm_module_t* module,
                             const wasm_extern_vec_t* imports, wasm_trap_t*& trap) {
  if (store == nullptr || module == nullptr) {
    trap = make_trap(store, store == nullptr ? "no store" : "no module");
    return nullptr;
  }
  const Running running(*store);
  collect_if_due(*store);
  std::vector<Extern> entities;
  if (std::string message = collect_imports(*module->compiled->module, imports, entities);
      !message.empty()) {
    trap = make_trap(store, std::move(message));
    return nullptr;
  }
  Instantiation made = store->store.instantiate(module->compiled->module, entities);
  if (made.error && made.error->kind == ErrorKind::out_of_memory && collect(*store)) {
    made = store->store.instantiate(module->compiled->module, entities);
  }
  if (made.instance != nullptr) return new_handle(object_of(*store, made.instance));
  trap = made.error ? make_trap(store, std::move(made.error->message))
                    : to_trap(*store, std::move(made.completion));
  return nullptr;
}

}  // namespace
}  // namespace swoop::wasm_c_api

wasm_instance_t* wasm_instance_new(wasm_store_t* store, const wasm_module_t* module,
                                   const wasm_extern_vec_t* imports, wasm_trap_t** trap) {
  wasm_trap_t* reason = nullptr;
  wasm_instance_t* const instance =
      instantiate(as<wasm_store_t>(store), as<wasm_module_t>(module), imports, reason);
  if (trap != nullptr) {
    *trap = reason;
  } else {
    remove_handle(reason);
  }
  return instance;
}

void wasm_instance_exports(const wasm_instance_t* handle, wasm_extern_vec_t* out) {
  if (out == nullptr) return;
  const wasm_instance_t* const object = as<wasm_instance_t>(handle);
  make_vector(*out, object == nullptr ? 0 : object->instance->module().info().exports.size());
  for (size_t i = 0; i < out->size; ++i) {
    const swoop::Instance& instance = *object->instance;
    const swoop::Extern entity = exported_entity(instance, instance.module().info().exports[i]);
    out->data[i] = new_handle(object_of(*object->store, entity));
  }
}
