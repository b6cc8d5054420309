// What modules can import by name, and modules whose imports are resolved.
#pragma once

#include "api/engine.h"
#include "api/store.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace swoop::api {

/// One name: a host function of no store, or a thing in a store.
using Definition = std::variant<std::shared_ptr<HostDefinition>, swoop_extern_t>;

class ImportsObject final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::imports;

  // Why it cannot be defined; null if it is.
  swoop_error_t* define(std::string_view module, std::string_view name, Definition value);
  const Definition* find(const std::string& module, const std::string& name) const;

  bool allows_shadowing = false;
  bool unknown_as_traps = false;

 private:
  std::map<std::pair<std::string, std::string>, Definition, std::less<>> names_;
};

/// Immutable.
class LinkedObject final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::linked;
  LinkedObject(std::shared_ptr<const Module> module, std::vector<Definition> imports)
      : module_(std::move(module)), imports_(std::move(imports)) {}
  const std::shared_ptr<const Module>& module() const { return module_; }
  const std::vector<Definition>& imports() const { return imports_; }

 private:
  std::shared_ptr<const Module> module_;
  std::vector<Definition> imports_;  // in the module's order
};

}  // namespace swoop::api
