#include "api/imports.h"

#include <algorithm>
#include <optional>

namespace swoop::api {

swoop_error_t* ImportsObject::define(std::string_view module, std::string_view name,
                                     Definition value) {
  auto key = std::pair(std::string(module), std::string(name));
  if (allows_shadowing) {
    names_.insert_or_assign(std::move(key), std::move(value));
    return nullptr;
  }
  const auto [place, is_new] = names_.try_emplace(std::move(key), std::move(value));
  if (is_new) return nullptr;
  return misuse("import \"" + place->first.first + "\" \"" + place->first.second +
                "\" is defined already");
}

const Definition* ImportsObject::find(const std::string& module, const std::string& name) const {
  const auto found = names_.find(std::pair(module, name));
  return found == names_.end() ? nullptr : &found->second;
}

namespace {

std::string quote(const Import& import) {
  return "\"" + import.module + "\" \"" + import.name + "\"";
}

/// What stands for a function that nobody defined.
std::shared_ptr<HostDefinition> make_trap(const Engine& engine, const ModuleInfo& info,
                                          const Import& import) {
  auto* const message = new std::string("unknown import " + quote(import) + " was called");
  const swoop_callback_t callback = [](void* environment, swoop_caller_t*, const swoop_value_t*,
                                       size_t, swoop_value_t*, size_t) {
    const auto& text = *static_cast<const std::string*>(environment);
    return swoop_error_new(SWOOP_ERROR_TRAP, text.data(), text.size(), nullptr);
  };
  const FuncType& type = engine.types().func_type(info.funcs[FuncIdx(import.index)].type);
  return std::shared_ptr<HostDefinition>(
      new HostDefinition{type, nullptr, callback, {message, [](void* text) {
                                                     delete static_cast<std::string*>(text);
                                                   }}});
}

/// Why the function is not what the module wants; nothing if it is.
std::optional<std::string> mismatch(const Engine& engine, const ModuleInfo& info,
                                    const Import& import, const HostDefinition& definition) {
  if (import.kind == ExternKind::func) {
    const TypeId wanted = info.funcs[FuncIdx(import.index)].type;
    if (engine.types().func_type(wanted) == definition.type) return std::nullopt;
  }
  return "expected " + describe_import(engine.types(), info, import) + ", found " +
         describe(engine.types(), definition.type);
}

}  // namespace
}  // namespace swoop::api

using namespace swoop;
using namespace swoop::api;

namespace {

std::string_view view(const char* text, size_t length) {
  return {text, length};
}

swoop_error_t* define_host(swoop_imports_t* imports, std::string_view module, std::string_view name,
                           const swoop_func_type_t* type, void (*native)(void),
                           swoop_callback_t callback, void* environment, void (*drop)(void*)) {
  auto definition = std::shared_ptr<HostDefinition>(
      new HostDefinition{{}, native, callback, {environment, drop}});
  const Borrowed<ImportsObject> object(imports);
  if (!object) return misuse("define: not imports");
  if (swoop_error_t* const wrong = definition->set_type(type)) return wrong;
  return object->define(module, name, std::move(definition));
}

swoop_error_t* refuse(std::string message) {
  return make_error(SWOOP_ERROR_UNLINKABLE, std::move(message));
}

}  // namespace

swoop_imports_t* swoop_imports_new() {
  return static_cast<swoop_imports_t*>(
      make_handle(ImportsObject::kKind, std::make_unique<ImportsObject>()));
}

swoop_imports_t* swoop_imports_copy(const swoop_imports_t* imports) {
  const Borrowed<ImportsObject> object(imports);
  if (!object) return nullptr;
  return static_cast<swoop_imports_t*>(
      make_handle(ImportsObject::kKind, std::make_unique<ImportsObject>(*object)));
}

void swoop_imports_allow_shadowing(swoop_imports_t* imports, bool allow) {
  const Borrowed<ImportsObject> object(imports);
  if (object) object->allows_shadowing = allow;
}

void swoop_imports_unknown_as_traps(swoop_imports_t* imports, bool allow) {
  const Borrowed<ImportsObject> object(imports);
  if (object) object->unknown_as_traps = allow;
}

swoop_error_t* swoop_imports_define_func(swoop_imports_t* imports, const char* module,
                                         size_t module_length, const char* name, size_t name_length,
                                         const swoop_func_type_t* type, swoop_callback_t callback,
                                         void* environment, void (*drop)(void*)) {
  return define_host(imports, view(module, module_length), view(name, name_length), type, nullptr,
                     callback, environment, drop);
}

swoop_error_t* swoop_imports_define_native(swoop_imports_t* imports, const char* module,
                                           size_t module_length, const char* name,
                                           size_t name_length, const swoop_func_type_t* type,
                                           void (*code)(void), void* environment,
                                           void (*drop)(void*)) {
  return define_host(imports, view(module, module_length), view(name, name_length), type, code,
                     nullptr, environment, drop);
}

swoop_error_t* swoop_imports_define_extern(swoop_imports_t* imports, const char* module,
                                           size_t module_length, const char* name,
                                           size_t name_length, swoop_extern_t value) {
  const Borrowed<ImportsObject> object(imports);
  if (!object) return misuse("define: not imports");
  const Borrowed<StoreBox> store(value.of.func.store);
  if (!store || !store->find(value))
    return misuse("define: what is defined is of no store, or that is gone");
  return object->define(view(module, module_length), view(name, name_length), value);
}

swoop_error_t* swoop_imports_define_instance(swoop_imports_t* imports, const char* module,
                                             size_t module_length, swoop_instance_t instance) {
  const Borrowed<ImportsObject> object(imports);
  if (!object) return misuse("define: not imports");
  const InstanceThing thing(instance);
  if (!thing) return misuse("define: the instance is of no store, or that is gone");
  for (const Export& item : thing->module().info().exports) {
    const swoop_extern_t value = thing.store().name(*thing->find_export(item.name));
    swoop_error_t* const error = object->define(view(module, module_length), item.name, value);
    if (error != nullptr) return error;
  }
  return nullptr;
}

swoop_error_t* swoop_link(swoop_imports_t* imports, swoop_module_t* module,
                          swoop_linked_t** linked) {
  const Borrowed<ModuleObject> of(module);
  if (!of) return misuse("link: not a module");
  const Borrowed<ImportsObject> object(imports);
  if (imports != nullptr && !object) return misuse("link: not imports");
  const Engine& engine = of->module()->engine();
  const ModuleInfo& info = of->module()->info();
  std::vector<Definition> resolved;
  resolved.reserve(info.imports.size());
  for (const Import& import : info.imports) {
    const Definition* const found = object ? object->find(import.module, import.name) : nullptr;
    if (found == nullptr) {
      if (!object || !object->unknown_as_traps || import.kind != ExternKind::func) {
        return refuse("unknown import " + quote(import) + ": expected " +
                      describe_import(engine.types(), info, import));
      }
      resolved.emplace_back(make_trap(engine, info, import));
      continue;
    }
    std::optional<std::string> wrong;
    if (const auto* const host = std::get_if<std::shared_ptr<HostDefinition>>(found)) {
      wrong = mismatch(engine, info, import, **host);
    } else {
      const auto& value = std::get<swoop_extern_t>(*found);
      const Borrowed<StoreBox> store(value.of.func.store);
      const std::optional<Extern> provided = store ? store->find(value) : std::nullopt;
      if (!provided) return refuse("the store of import " + quote(import) + " is gone");
      if (&store->store().engine() != &engine)
        return misuse("link: import " + quote(import) + " is of another engine than the module");
      if (!matches_import(engine.types(), info, import, *provided)) {
        wrong = "expected " + describe_import(engine.types(), info, import) + ", found " +
                describe(engine.types(), *provided);
      }
    }
    if (wrong) return refuse("incompatible import type for " + quote(import) + ": " + *wrong);
    resolved.push_back(*found);
  }
  return give(std::make_unique<LinkedObject>(of->module(), std::move(resolved)), linked);
}

swoop_error_t* swoop_linked_instantiate(swoop_linked_t* linked, swoop_store_t* store,
                                        const swoop_call_options_t* options,
                                        swoop_instance_t* instance) {
  const Borrowed<LinkedObject> object(linked);
  if (!object) return misuse("instantiate: not a linked module");
  const Borrowed<StoreBox> in(store);
  if (!in) return misuse("instantiate: not a store");
  if (&object->module()->engine() != &in->store().engine())
    return misuse("instantiate: the module is of another engine than the store");
  const Result<CallOptions> limits = call_options_of(options, in->store());
  if (!limits) return misuse(limits.error().message);

  std::vector<Extern> imports;
  imports.reserve(object->imports().size());
  for (const Definition& definition : object->imports()) {
    if (const auto* const host = std::get_if<std::shared_ptr<HostDefinition>>(&definition)) {
      const Result<Func> func = in->make_func(*host);
      if (!func) return make_error(func.error());
      imports.emplace_back(*func);
    } else {
      const std::optional<Extern> value = in->find(std::get<swoop_extern_t>(definition));
      if (!value)
        return misuse("instantiate: an import is a thing in another store, or that is gone");
      imports.push_back(*value);
    }
  }
  Instantiation made = in->store().instantiate(object->module(), imports, *limits);
  if (made.error) return make_error(*made.error);
  if (!made.completion) return make_error(std::move(made.completion), in->number());
  *instance = in->name(*made.instance);
  return nullptr;
}

swoop_module_t* swoop_instance_module(swoop_instance_t instance) {
  const InstanceThing thing(instance);
  if (!thing) return nullptr;
  return static_cast<swoop_module_t*>(
      make_handle(ModuleObject::kKind, std::make_unique<ModuleObject>(thing->shared_module())));
}

swoop_error_t* swoop_instance_export(swoop_instance_t instance, const char* name, size_t length,
                                     swoop_extern_t* value) {
  const InstanceThing thing(instance);
  if (!thing) return misuse("export: the instance is of no store, or that is gone");
  const std::optional<Extern> found = thing->find_export({name, length});
  if (!found) {
    return make_error(SWOOP_ERROR_NOT_FOUND,
                      "there is no export \"" + std::string(name, length) + "\"");
  }
  *value = thing.store().name(*found);
  return nullptr;
}
