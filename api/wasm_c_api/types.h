// Types as wasm.h describes them, and what they are to the runtime. They are immutable and belong
// to no engine, so only what has a meaning in all of them is kept: of references, whether they are
// functions, externrefs or neither.
#pragma once

#include "api/wasm_c_api/object.h"
#include "wasm/type_registry.h"
#include "wasm/types.h"

#include <atomic>
#include <optional>
#include <string>

namespace swoop::wasm_c_api {

// Kinds of wasm_valkind_t and wasm_externkind_t for what has no name in wasm.h.
inline constexpr wasm_valkind_t kVectorKind = 4;
inline constexpr wasm_valkind_t kOtherRefKind = 130;
inline constexpr wasm_externkind_t kTagKind = 4;

/// Whether values of this kind can be passed.
constexpr bool is_value_kind(wasm_valkind_t kind) {
  return kind <= WASM_F64 || kind == WASM_EXTERNREF || kind == WASM_FUNCREF;
}

wasm_valkind_t kind_of(const TypeRegistry& types, ValType type);

// New handles, with a count of one.
wasm_valtype_t* make_valtype(wasm_valkind_t kind);
wasm_functype_t* make_functype(const TypeRegistry& types, const FuncType& type);
wasm_globaltype_t* make_globaltype(const TypeRegistry& types, const GlobalType& type);
/// Of a table that has this size now.
wasm_tabletype_t* make_tabletype(const TypeRegistry& types, const TableType& type, uint64_t size);
wasm_memorytype_t* make_memorytype(const MemoryType& type, uint64_t pages);
wasm_externtype_t* make_tagtype();

// What the runtime makes of them; nothing if a part has a kind without a name.
std::optional<FuncType> to_func_type(const wasm_functype_t& type);
std::optional<GlobalType> to_global_type(const wasm_globaltype_t& type);
std::optional<TableType> to_table_type(const wasm_tabletype_t& type);
MemoryType to_memory_type(const wasm_memorytype_t& type);

wasm_importtype_t* make_importtype(const std::string& module, const std::string& name,
                                   wasm_externtype_t* type);
wasm_exporttype_t* make_exporttype(const std::string& name, wasm_externtype_t* type);

}  // namespace swoop::wasm_c_api

struct wasm_valtype_t {
  static constexpr swoop::wasm_c_api::Kind kKind = swoop::wasm_c_api::Kind::valtype;
  swoop::wasm_c_api::Kind kind = kKind;
  wasm_valkind_t valkind;
};

/// Types that are counted.
struct SharedType {
  using Kind = swoop::wasm_c_api::Kind;
  explicit SharedType(Kind k) : kind(k) {}

  Kind kind;
  std::atomic<uint32_t> count = 1;
};

/// As it is, the type of a tag.
struct wasm_externtype_t : SharedType {
  using SharedType::SharedType;
};

struct wasm_functype_t : wasm_externtype_t {
  static constexpr Kind kKind = Kind::functype;
  wasm_functype_t(const wasm_valtype_vec_t& p, const wasm_valtype_vec_t& r)
      : wasm_externtype_t(kKind), params(p), results(r) {}
  ~wasm_functype_t();

  wasm_valtype_vec_t params;
  wasm_valtype_vec_t results;
};

struct wasm_globaltype_t : wasm_externtype_t {
  static constexpr Kind kKind = Kind::globaltype;
  wasm_globaltype_t(wasm_valtype_t* c, wasm_mutability_t m)
      : wasm_externtype_t(kKind), content(c), mutability(m) {}

  wasm_valtype_t* content;
  wasm_mutability_t mutability;
};

struct wasm_tabletype_t : wasm_externtype_t {
  static constexpr Kind kKind = Kind::tabletype;
  wasm_tabletype_t(wasm_valtype_t* e, const wasm_limits_t& l)
      : wasm_externtype_t(kKind), element(e), limits(l) {}

  wasm_valtype_t* element;
  wasm_limits_t limits;
};

struct wasm_memorytype_t : wasm_externtype_t {
  static constexpr Kind kKind = Kind::memorytype;
  explicit wasm_memorytype_t(const wasm_limits_t& l) : wasm_externtype_t(kKind), limits(l) {}

  wasm_limits_t limits;
};

struct wasm_importtype_t : SharedType {
  static constexpr Kind kKind = Kind::importtype;
  wasm_importtype_t(const wasm_name_t& m, const wasm_name_t& n, wasm_externtype_t* t)
      : SharedType(kKind), module(m), name(n), type(t) {}
  ~wasm_importtype_t();

  wasm_name_t module;
  wasm_name_t name;
  wasm_externtype_t* type;
};

struct wasm_exporttype_t : SharedType {
  static constexpr Kind kKind = Kind::exporttype;
  wasm_exporttype_t(const wasm_name_t& n, wasm_externtype_t* t)
      : SharedType(kKind), name(n), type(t) {}
  ~wasm_exporttype_t();

  wasm_name_t name;
  wasm_externtype_t* type;
};
