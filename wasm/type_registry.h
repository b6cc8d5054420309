// The canonical types of an engine: recursion groups are interned, so that iso-recursive equality
// is equality of TypeIds in and between modules. Spec: valid/conventions#defined-types,
// valid/matching.
#pragma once

#include "base/result.h"
#include "wasm/types.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace swoop {

/// A canonical type: its definition with all references canonical, and its chain of supertypes for
/// O(1) tests.
struct CanonicalType {
  SubType definition;
  std::vector<TypeId> supertypes;  // display: [0] is the root, the last is the type itself
};

/// Append-only; ids and references stay valid as long as the registry. Interning takes a lock,
/// reading does not, so any number of threads may compile and run while another decodes.
class TypeRegistry {
 public:
  TypeRegistry();
  ~TypeRegistry();
  TypeRegistry(const TypeRegistry&) = delete;
  TypeRegistry& operator=(const TypeRegistry&) = delete;

  /// Interns a recursion group whose inner references are rec-relative and all others canonical.
  /// Returns the id of its first type; the others follow consecutively. Linear in the size of the
  /// group (hashing). Errors: limit_exceeded when the engine's types are used up.
  Result<TypeId> intern(std::span<const SubType> group);
  /// A function type alone in a final group, as the text format and host functions make it.
  Result<TypeId> intern(const FuncType& type);

  const CanonicalType& operator[](TypeId id) const;
  const FuncType& func_type(TypeId id) const;  // CHECKs that it is one
  bool is_func(TypeId id) const;

  // Spec: valid/matching.
  bool is_subtype(TypeId sub, TypeId super) const;
  bool is_subtype(HeapType sub, HeapType super) const;
  bool is_subtype(ValType sub, ValType super) const;

  /// As the text format writes it: "i32", "funcref", "(ref null 3)" with canonical ids for defined
  /// types.
  std::string to_string(ValType type) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace swoop
