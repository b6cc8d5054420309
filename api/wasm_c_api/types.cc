#include "api/wasm_c_api/types.h"

#include "api/wasm_c_api/vector.h"
#include "base/check.h"

#include <algorithm>
#include <cstring>

using namespace swoop::wasm_c_api;

namespace swoop::wasm_c_api {
namespace {

wasm_externtype_t* as_externtype(const void* handle) {
  if (handle == nullptr) return nullptr;
  const Kind kind = *static_cast<const Kind*>(handle);
  if (kind < Kind::functype || kind > Kind::tagtype) return nullptr;
  return static_cast<wasm_externtype_t*>(const_cast<void*>(handle));
}

template <class T>
T* share(T* type) {
  if (type != nullptr) type->count.fetch_add(1, std::memory_order_relaxed);
  return type;
}

bool is_last(SharedType& type) {
  if (type.count.fetch_sub(1, std::memory_order_acq_rel) != 1) return false;
  type.kind = Kind::destroyed;
  return true;
}

template <class T>
void unshare(T* type) {
  if (type != nullptr && is_last(*type)) delete type;
}

void unshare_externtype(wasm_externtype_t* type) {
  if (type == nullptr) return;
  const Kind kind = type->kind;
  if (!is_last(*type)) return;
  switch (kind) {
    case Kind::functype: delete static_cast<wasm_functype_t*>(type); break;
    case Kind::globaltype: delete static_cast<wasm_globaltype_t*>(type); break;
    case Kind::tabletype: delete static_cast<wasm_tabletype_t*>(type); break;
    case Kind::memorytype: delete static_cast<wasm_memorytype_t*>(type); break;
    default: delete type; break;
  }
}

uint32_t saturate(uint64_t value) {
  return static_cast<uint32_t>(std::min<uint64_t>(value, wasm_limits_max_default));
}

wasm_limits_t make_limits(const Limits& limits, uint64_t min) {
  // The greatest maximum there is would mean that there is none.
  return {saturate(min), limits.max ? std::min(saturate(*limits.max), wasm_limits_max_default - 1)
                                    : wasm_limits_max_default};
}

Limits to_limits(const wasm_limits_t& limits) {
  Limits result;
  result.min = limits.min;
  if (limits.max != wasm_limits_max_default) result.max = limits.max;
  return result;
}

std::optional<ValType> to_val_type(const wasm_valtype_t* type) {
  switch (type->valkind) {
    case WASM_I32: return ValType::i32;
    case WASM_I64: return ValType::i64;
    case WASM_F32: return ValType::f32;
    case WASM_F64: return ValType::f64;
    case WASM_EXTERNREF: return ValType::externref;
    case WASM_FUNCREF: return ValType::funcref;
    default: return std::nullopt;
  }
}

bool to_val_types(const wasm_valtype_vec_t& types, std::vector<ValType>& out) {
  for (size_t i = 0; i < types.size; ++i) {
    const std::optional<ValType> type = to_val_type(types.data[i]);
    if (!type) return false;
    out.push_back(*type);
  }
  return true;
}

wasm_valtype_vec_t make_valtypes(const TypeRegistry& types, const std::vector<ValType>& from) {
  wasm_valtype_vec_t result;
  make_vector(result, from.size());
  CHECK(result.size == from.size() && "memory for the types of a function");
  for (size_t i = 0; i < result.size; ++i) result.data[i] = make_valtype(kind_of(types, from[i]));
  return result;
}

bool are_valtypes(const wasm_valtype_vec_t* types) {
  return types != nullptr && (types->size == 0 || types->data != nullptr) &&
         std::all_of(types->data, types->data + types->size, [](const wasm_valtype_t* type) {
           return as<wasm_valtype_t>(type) != nullptr;
         });
}

bool are_good(const wasm_limits_t* limits) {
  return limits != nullptr && limits->min <= limits->max;
}

// Of a name, which is taken away.
wasm_name_t take(wasm_name_t* name) {
  const wasm_name_t taken = *name;
  *name = {0, nullptr};
  return taken;
}

wasm_name_t make_name(const std::string& text) {
  wasm_name_t name;
  wasm_byte_vec_new(&name, text.size(), text.data());
  return name;
}

}  // namespace

wasm_valkind_t kind_of(const TypeRegistry& types, ValType type) {
  switch (type.kind()) {
    case ValType::Kind::i32: return WASM_I32;
    case ValType::Kind::i64: return WASM_I64;
    case ValType::Kind::f32: return WASM_F32;
    case ValType::Kind::f64: return WASM_F64;
    case ValType::Kind::ref:
      if (types.is_subtype(type, ValType::externref)) return WASM_EXTERNREF;
      return types.is_subtype(type, ValType::funcref) ? wasm_valkind_t{WASM_FUNCREF}
                                                      : kOtherRefKind;
    default: return kVectorKind;
  }
}

wasm_valtype_t* make_valtype(wasm_valkind_t kind) {
  // Never counted and never deleted, for there are only these.
  static constinit wasm_valtype_t types[] = {
      {Kind::valtype, WASM_I32},    {Kind::valtype, WASM_I64},       {Kind::valtype, WASM_F32},
      {Kind::valtype, WASM_F64},    {Kind::valtype, WASM_EXTERNREF}, {Kind::valtype, WASM_FUNCREF},
      {Kind::valtype, kVectorKind}, {Kind::valtype, kOtherRefKind},
  };
  for (wasm_valtype_t& type : types) {
    if (type.valkind == kind) return &type;
  }
  return nullptr;
}

wasm_functype_t* make_functype(const TypeRegistry& types, const FuncType& type) {
  return new wasm_functype_t(make_valtypes(types, type.params), make_valtypes(types, type.results));
}

wasm_globaltype_t* make_globaltype(const TypeRegistry& types, const GlobalType& type) {
  return new wasm_globaltype_t(make_valtype(kind_of(types, type.type)),
                               type.is_mutable ? WASM_VAR : WASM_CONST);
}

wasm_tabletype_t* make_tabletype(const TypeRegistry& types, const TableType& type, uint64_t size) {
  return new wasm_tabletype_t(make_valtype(kind_of(types, type.element)),
                              make_limits(type.limits, size));
}

wasm_memorytype_t* make_memorytype(const MemoryType& type, uint64_t pages) {
  return new wasm_memorytype_t(make_limits(type.limits, pages));
}

wasm_externtype_t* make_tagtype() {
  return new wasm_externtype_t(Kind::tagtype);
}

std::optional<FuncType> to_func_type(const wasm_functype_t& type) {
  FuncType result;
  if (!to_val_types(type.params, result.params) || !to_val_types(type.results, result.results)) {
    return std::nullopt;
  }
  return result;
}

std::optional<GlobalType> to_global_type(const wasm_globaltype_t& type) {
  const std::optional<ValType> content = to_val_type(type.content);
  if (!content) return std::nullopt;
  GlobalType result;
  result.type = *content;
  result.is_mutable = type.mutability == WASM_VAR;
  return result;
}

std::optional<TableType> to_table_type(const wasm_tabletype_t& type) {
  const std::optional<ValType> element = to_val_type(type.element);
  if (!element || !element->is_ref()) return std::nullopt;
  TableType result;
  result.element = *element;
  result.limits = to_limits(type.limits);
  return result;
}

MemoryType to_memory_type(const wasm_memorytype_t& type) {
  MemoryType result;
  result.limits = to_limits(type.limits);
  return result;
}

wasm_importtype_t* make_importtype(const std::string& module, const std::string& name,
                                   wasm_externtype_t* type) {
  return new wasm_importtype_t(make_name(module), make_name(name), type);
}

wasm_exporttype_t* make_exporttype(const std::string& name, wasm_externtype_t* type) {
  return new wasm_exporttype_t(make_name(name), type);
}

}  // namespace swoop::wasm_c_api

wasm_functype_t::~wasm_functype_t() {
  wasm_valtype_vec_delete(&params);
  wasm_valtype_vec_delete(&results);
}

wasm_importtype_t::~wasm_importtype_t() {
  wasm_name_delete(&module);
  wasm_name_delete(&name);
  unshare_externtype(type);
}

wasm_exporttype_t::~wasm_exporttype_t() {
  wasm_name_delete(&name);
  unshare_externtype(type);
}

void wasm_valtype_delete(wasm_valtype_t*) {}

wasm_valtype_t* wasm_valtype_copy(const wasm_valtype_t* from) {
  return as<wasm_valtype_t>(from);
}

#define DEFINE_SHARED_TYPE(name)                                     \
  void wasm_##name##_delete(wasm_##name##_t* handle) {               \
    unshare(as<wasm_##name##_t>(handle));                            \
  }                                                                  \
  wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t* from) { \
    return share(as<wasm_##name##_t>(from));                         \
  }
#define DEFINE_EXTERNTYPE(name)                                                             \
  DEFINE_SHARED_TYPE(name)                                                                  \
  wasm_externtype_t* wasm_##name##_as_externtype(wasm_##name##_t* type) {                   \
    return as<wasm_##name##_t>(type);                                                       \
  }                                                                                         \
  const wasm_externtype_t* wasm_##name##_as_externtype_const(const wasm_##name##_t* type) { \
    return as<wasm_##name##_t>(type);                                                       \
  }                                                                                         \
  wasm_##name##_t* wasm_externtype_as_##name(wasm_externtype_t* type) {                     \
    return as<wasm_##name##_t>(type);                                                       \
  }                                                                                         \
  const wasm_##name##_t* wasm_externtype_as_##name##_const(const wasm_externtype_t* type) { \
    return as<wasm_##name##_t>(type);                                                       \
  }

DEFINE_EXTERNTYPE(functype)
DEFINE_EXTERNTYPE(globaltype)
DEFINE_EXTERNTYPE(tabletype)
DEFINE_EXTERNTYPE(memorytype)
DEFINE_SHARED_TYPE(importtype)
DEFINE_SHARED_TYPE(exporttype)
#undef DEFINE_EXTERNTYPE
#undef DEFINE_SHARED_TYPE

void wasm_externtype_delete(wasm_externtype_t* handle) {
  unshare_externtype(as_externtype(handle));
}

wasm_externtype_t* wasm_externtype_copy(const wasm_externtype_t* from) {
  return share(as_externtype(from));
}

wasm_valtype_t* wasm_valtype_new(wasm_valkind_t kind) {
  return is_value_kind(kind) ? make_valtype(kind) : nullptr;
}

wasm_functype_t* wasm_functype_new(wasm_valtype_vec_t* params, wasm_valtype_vec_t* results) {
  if (!are_valtypes(params) || !are_valtypes(results)) {
    wasm_valtype_vec_delete(params);
    wasm_valtype_vec_delete(results);
    return nullptr;
  }
  auto* const type = new wasm_functype_t(*params, *results);
  *params = {0, nullptr};
  *results = {0, nullptr};
  return type;
}

wasm_globaltype_t* wasm_globaltype_new(wasm_valtype_t* content, wasm_mutability_t mutability) {
  wasm_valtype_t* const type = as<wasm_valtype_t>(content);
  if (type == nullptr || mutability > WASM_VAR) return nullptr;
  return new wasm_globaltype_t(type, mutability);
}

wasm_tabletype_t* wasm_tabletype_new(wasm_valtype_t* element, const wasm_limits_t* limits) {
  wasm_valtype_t* const type = as<wasm_valtype_t>(element);
  if (type == nullptr || !wasm_valkind_is_ref(type->valkind) || !are_good(limits)) return nullptr;
  return new wasm_tabletype_t(type, *limits);
}

wasm_memorytype_t* wasm_memorytype_new(const wasm_limits_t* limits) {
  return are_good(limits) ? new wasm_memorytype_t(*limits) : nullptr;
}

wasm_importtype_t* wasm_importtype_new(wasm_name_t* module, wasm_name_t* name,
                                       wasm_externtype_t* handle) {
  wasm_externtype_t* const type = as_externtype(handle);
  if (module == nullptr || name == nullptr || type == nullptr) {
    wasm_name_delete(module);
    wasm_name_delete(name);
    unshare_externtype(type);
    return nullptr;
  }
  return new wasm_importtype_t(take(module), take(name), type);
}

wasm_exporttype_t* wasm_exporttype_new(wasm_name_t* name, wasm_externtype_t* handle) {
  wasm_externtype_t* const type = as_externtype(handle);
  if (name == nullptr || type == nullptr) {
    wasm_name_delete(name);
    unshare_externtype(type);
    return nullptr;
  }
  return new wasm_exporttype_t(take(name), type);
}

wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t* handle) {
  const wasm_valtype_t* const type = as<wasm_valtype_t>(handle);
  return type == nullptr ? wasm_valkind_t{WASM_I32} : type->valkind;
}

// A part of a type, or null without one.
#define DEFINE_PART(result, name, part, access)                      \
  result wasm_##name##_##part(const wasm_##name##_t* handle) {       \
    const wasm_##name##_t* const type = as<wasm_##name##_t>(handle); \
    return type == nullptr ? nullptr : access type->part;            \
  }
DEFINE_PART(const wasm_valtype_vec_t*, functype, params, &)
DEFINE_PART(const wasm_valtype_vec_t*, functype, results, &)
DEFINE_PART(const wasm_valtype_t*, globaltype, content, )
DEFINE_PART(const wasm_valtype_t*, tabletype, element, )
DEFINE_PART(const wasm_limits_t*, tabletype, limits, &)
DEFINE_PART(const wasm_limits_t*, memorytype, limits, &)
DEFINE_PART(const wasm_name_t*, importtype, module, &)
DEFINE_PART(const wasm_name_t*, importtype, name, &)
DEFINE_PART(const wasm_externtype_t*, importtype, type, )
DEFINE_PART(const wasm_name_t*, exporttype, name, &)
DEFINE_PART(const wasm_externtype_t*, exporttype, type, )
#undef DEFINE_PART

wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t* handle) {
  const wasm_globaltype_t* const type = as<wasm_globaltype_t>(handle);
  return type == nullptr ? wasm_mutability_t{WASM_CONST} : type->mutability;
}

wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t* handle) {
  const wasm_externtype_t* const type = as_externtype(handle);
  if (type == nullptr) return WASM_EXTERN_FUNC;
  switch (type->kind) {
    case Kind::functype: return WASM_EXTERN_FUNC;
    case Kind::globaltype: return WASM_EXTERN_GLOBAL;
    case Kind::tabletype: return WASM_EXTERN_TABLE;
    case Kind::memorytype: return WASM_EXTERN_MEMORY;
    default: return kTagKind;
  }
}
