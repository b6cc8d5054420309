#include "api/types.h"

#include "runtime/engine.h"

namespace swoop::api {

swoop_val_kind_t kind_of(ValType type) {
  switch (type.kind()) {
    case ValType::Kind::i32: return SWOOP_I32;
    case ValType::Kind::i64: return SWOOP_I64;
    case ValType::Kind::f32: return SWOOP_F32;
    case ValType::Kind::f64: return SWOOP_F64;
    case ValType::Kind::v128: return SWOOP_V128;
    default: break;
  }
  if (type == ValType::funcref) return SWOOP_FUNCREF;
  if (type == ValType::externref) return SWOOP_EXTERNREF;
  return SWOOP_OTHER_REF;
}

std::optional<ValType> val_type_of(swoop_val_kind_t kind) {
  switch (kind) {
    case SWOOP_I32: return ValType::i32;
    case SWOOP_I64: return ValType::i64;
    case SWOOP_F32: return ValType::f32;
    case SWOOP_F64: return ValType::f64;
    case SWOOP_V128: return ValType::v128;
    case SWOOP_FUNCREF: return ValType::funcref;
    case SWOOP_EXTERNREF: return ValType::externref;
    default: return std::nullopt;
  }
}

Result<FuncType> func_type_of(const swoop_func_type_t* type) {
  FuncType result;
  const auto add = [](std::vector<ValType>& types, const swoop_val_kind_t* kinds, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const std::optional<ValType> value = val_type_of(kinds[i]);
      if (!value) return false;
      types.push_back(*value);
    }
    return true;
  };
  if (type == nullptr || !add(result.params, type->params, type->num_params) ||
      !add(result.results, type->results, type->num_results))
    return Error(ErrorKind::unsupported,
                 "a function type of the host has a kind that values cannot have");
  return result;
}

swoop_limits_t limits_of(const Limits& limits) {
  return {limits.min, limits.max.value_or(UINT64_MAX)};
}

swoop_memory_type_t memory_type_of(const MemoryType& type) {
  return {limits_of(type.limits), type.is_shared, type.address_type == AddressType::i64,
          type.page_size_log2};
}

swoop_table_type_t table_type_of(const TableType& type) {
  return {kind_of(type.element), limits_of(type.limits), type.address_type == AddressType::i64};
}

LentFuncType::LentFuncType(const FuncType& type) : num_params_(type.params.size()) {
  kinds_.reserve(type.params.size() + type.results.size());
  for (const ValType param : type.params) kinds_.push_back(kind_of(param));
  for (const ValType result : type.results) kinds_.push_back(kind_of(result));
}

LentModuleTypes::LentModuleTypes(const Module& module) {
  const ModuleInfo& info = module.info();
  for (const Import& import : info.imports) {
    imports_.push_back({import.module.data(), import.module.size(), import.name.data(),
                        import.name.size(), type_of(module, import.kind, import.index)});
  }
  for (const Export& item : info.exports)
    exports_.push_back(
        {item.name.data(), item.name.size(), type_of(module, item.kind, item.index)});
  for (const CustomSection& section : info.custom_sections)
    custom_sections_.push_back(
        {section.name.data(), section.name.size(), section.bytes.data(), section.bytes.size()});
}

swoop_extern_type_t LentModuleTypes::type_of(const Module& module, ExternKind kind,
                                             uint32_t index) {
  const ModuleInfo& info = module.info();
  const auto lend = [&](TypeId id) {
    funcs_.push_back(std::make_unique<LentFuncType>(module.engine().types().func_type(id)));
    return funcs_.back()->lend();
  };
  swoop_extern_type_t type = {};
  type.kind = static_cast<swoop_extern_kind_t>(kind);
  switch (kind) {
    case ExternKind::func: type.of.func = lend(info.funcs[FuncIdx(index)].type); break;
    case ExternKind::tag: type.of.func = lend(info.tags[TagIdx(index)].type.type); break;
    case ExternKind::table: type.of.table = table_type_of(info.tables[TableIdx(index)].type); break;
    case ExternKind::memory:
      type.of.memory = memory_type_of(info.memories[MemoryIdx(index)].type);
      break;
    case ExternKind::global: {
      const GlobalType& global = info.globals[GlobalIdx(index)].type;
      type.of.global = {kind_of(global.type), global.is_mutable};
      break;
    }
  }
  return type;
}
static_assert(static_cast<int>(ExternKind::func) == SWOOP_FUNC &&
              static_cast<int>(ExternKind::table) == SWOOP_TABLE &&
              static_cast<int>(ExternKind::memory) == SWOOP_MEMORY &&
              static_cast<int>(ExternKind::global) == SWOOP_GLOBAL &&
              static_cast<int>(ExternKind::tag) == SWOOP_TAG);

}  // namespace swoop::api
