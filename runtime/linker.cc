#include "runtime/linker.h"

#include <vector>

namespace swoop {

void Linker::define(std::string module, std::string name, const Extern& value) {
  modules_[std::move(module)].insert_or_assign(std::move(name), value);
}

void Linker::define_instance(std::string module, const Instance& instance) {
  Names& names = modules_[std::move(module)];
  for (const Export& exported : instance.module().info().exports) {
    if (const std::optional<Extern> value = instance.find_export(exported.name)) {
      names.insert_or_assign(exported.name, *value);
    }
  }
}

Result<> Linker::define_func(std::string module, std::string name, const FuncType& type,
                             HostClosure closure) {
  define(std::move(module), std::move(name), TRY(store_.make_host_func(type, std::move(closure))));
  return {};
}

Result<> Linker::define_func(std::string module, std::string name, const FuncType& type,
                             HostCallback callback, void* environment) {
  define(std::move(module), std::move(name),
         TRY(store_.make_host_func(type, callback, environment)));
  return {};
}

const Extern* Linker::find(std::string_view module, std::string_view name) const {
  const auto names = modules_.find(module);
  if (names == modules_.end()) return nullptr;
  const auto value = names->second.find(name);
  return value == names->second.end() ? nullptr : &value->second;
}

Instantiation Linker::instantiate(std::shared_ptr<const Module> module,
                                  const CallOptions& options) const {
  const ModuleInfo& info = module->info();
  std::vector<Extern> imports;
  imports.reserve(info.imports.size());
  for (const Import& import : info.imports) {
    const Extern* const value = find(import.module, import.name);
    if (value == nullptr) {
      Instantiation outcome;
      outcome.error.emplace(ErrorKind::unlinkable,
                            "unknown import `" + import.module + "`.`" + import.name +
                                "`: expected " +
                                describe_import(store_.engine().types(), info, import));
      return outcome;
    }
    imports.push_back(*value);
  }
  return store_.instantiate(std::move(module), imports, options);
}

}  // namespace swoop
