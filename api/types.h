// Types as the C ABI shows them.
#pragma once

#include "api/include/swoop/swoop.h"
#include "base/result.h"
#include "runtime/module.h"
#include "wasm/types.h"

#include <optional>
#include <string>
#include <vector>

namespace swoop::api {

swoop_val_kind_t kind_of(ValType type);
/// Nothing for kinds that the host cannot make values of.
std::optional<ValType> val_type_of(swoop_val_kind_t kind);
/// Errors: type_mismatch, as a message.
Result<FuncType> func_type_of(const swoop_func_type_t* type);
swoop_limits_t limits_of(const Limits& limits);
swoop_memory_type_t memory_type_of(const MemoryType& type);
swoop_table_type_t table_type_of(const TableType& type);

/// A function type whose arrays can be lent.
class LentFuncType {
 public:
  LentFuncType() = default;
  explicit LentFuncType(const FuncType& type);
  swoop_func_type_t lend() const {
    return {kinds_.data(), num_params_, kinds_.data() + num_params_, kinds_.size() - num_params_};
  }

 private:
  std::vector<swoop_val_kind_t> kinds_;
  size_t num_params_ = 0;
};

/// Imports, exports and custom sections of a module; lives as long as the module, whose strings it
/// lends.
class LentModuleTypes {
 public:
  explicit LentModuleTypes(const Module& module);
  const std::vector<swoop_import_type_t>& imports() const { return imports_; }
  const std::vector<swoop_export_type_t>& exports() const { return exports_; }
  const std::vector<swoop_custom_section_t>& custom_sections() const { return custom_sections_; }

 private:
  swoop_extern_type_t type_of(const Module& module, ExternKind kind, uint32_t index);

  std::vector<std::unique_ptr<LentFuncType>> funcs_;
  std::vector<swoop_import_type_t> imports_;
  std::vector<swoop_export_type_t> exports_;
  std::vector<swoop_custom_section_t> custom_sections_;
};

}  // namespace swoop::api
