// Resolves the imports of modules by name.
#pragma once

#include "runtime/store.h"

#include <map>
#include <string>
#include <string_view>

namespace swoop {

/// Names for entities of one store. Borrows the store.
class Linker {
 public:
  explicit Linker(Store& store) : store_(store) {}

  Store& store() const { return store_; }

  /// A later definition of the same name replaces the earlier.
  void define(std::string module, std::string name, const Extern& value);
  /// Every export of the instance, under `module`.
  void define_instance(std::string module, const Instance& instance);
  Result<> define_func(std::string module, std::string name, const FuncType& type,
                       HostClosure closure);
  Result<> define_func(std::string module, std::string name, const FuncType& type,
                       HostCallback callback, void* environment);

  /// Null when nothing has that name.
  const Extern* find(std::string_view module, std::string_view name) const;

  /// Errors (in the outcome): unlinkable "unknown import" for the first name that is not defined;
  /// see Store::instantiate for the rest.
  Instantiation instantiate(std::shared_ptr<const Module> module,
                            const CallOptions& options = {}) const;

 private:
  using Names = std::map<std::string, Extern, std::less<>>;

  Store& store_;
  std::map<std::string, Names, std::less<>> modules_;
};

}  // namespace swoop
