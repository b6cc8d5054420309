// Tables. Spec: exec/runtime#table-instances.
//
// A table of functions stores whole VmFuncRefs, so that call_indirect needs one load; every other
// table stores 64-bit references. Safety: compiled code reads entries below the size in its
// VmContext's mirror, which `grow` updates in every context. Noticed by
// tests/runtime/table_test.cc.
#pragma once

#include "base/check.h"
#include "base/result.h"
#include "runtime/store_limits.h"
#include "runtime/store_object.h"
#include "vm/context.h"
#include "wasm/type_registry.h"
#include "wasm/types.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace swoop {

class Table : public StoreObject {
 public:
  /// All elements are `init`: a VmFuncRef* for function types, else an opaque reference; 0 is null.
  /// Errors: limit_exceeded beyond `max_elements` or the budget, which counts the elements of all
  /// tables of a store, so that no number of tables exhausts the host; out_of_memory.
  static Result<std::unique_ptr<Table>> create(const TypeRegistry& types, const TableType& type,
                                               uint64_t init, uint64_t max_elements,
                                               Budget& budget);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const TableType& type() const { return type_; }
  uint64_t size() const { return size_; }
  bool holds_functions() const { return holds_functions_; }

  // Indices are the caller's to check.
  uint64_t get(uint64_t index) const;
  void set(uint64_t index, uint64_t reference);
  void fill(uint64_t index, uint64_t count, uint64_t reference);
  /// The element at `index + i` becomes `reference_of(i)`.
  template <class ReferenceOf>
  void init(uint64_t index, uint64_t count, const ReferenceOf& reference_of) {
    CHECK(contains(index, count));
    contents_id_ = 0;
    if (holds_functions_) {
      VmFuncRef* const entries = static_cast<VmFuncRef*>(entries_) + index;
      for (uint64_t i = 0; i < count; ++i) entries[i] = to_entry(reference_of(i));
    } else {
      uint64_t* const entries = static_cast<uint64_t*>(entries_) + index;
      for (uint64_t i = 0; i < count; ++i) entries[i] = reference_of(i);
    }
  }
  /// Within one table ranges may overlap.
  static void copy(Table& to, uint64_t to_index, const Table& from, uint64_t from_index,
                   uint64_t count);

  /// The previous size, or nothing when the type, a limit or the system forbids it.
  std::optional<uint64_t> grow(uint64_t delta, uint64_t init);
  /// Whether the type, the limit and the store's budget allow it.
  bool may_grow(uint64_t delta) const;

  /// Whether it may have this size, as Memory::check_size. Errors: limit_exceeded, unlinkable.
  Result<> check_size(uint64_t size) const;
  /// Changes the size to one that was checked; what is new is `init`. Code that uses it must not be
  /// running. False, and nothing changed, without memory.
  [[nodiscard]] bool resize(uint64_t size, uint64_t init = 0);
  /// Code relies on it having at least so many elements from now on.
  void note_import(uint64_t min) { least_size_ = std::max(least_size_, min); }

  /// What was set here since it was last written to; 0 after that. Only of a table of functions:
  /// machine code writes to the others itself.
  uint64_t contents_id() const { return contents_id_; }
  void set_contents_id(uint64_t id) { contents_id_ = holds_functions_ ? id : 0; }

  /// An {entries, size} pair in a VmContext, kept up to date as long as the table lives.
  void add_mirror(VmSpan* mirror);
  /// Forgets those between two addresses: the VmContext is going.
  void remove_mirrors(const void* begin, const void* end);

  /// Whether [index, index + count) is inside.
  bool contains(uint64_t index, uint64_t count) const {
    return count <= size_ && index <= size_ - count;
  }

 private:
  Table(const TableType& type, bool holds_functions, Budget& budget)
      : type_(type), holds_functions_(holds_functions), budget_(budget) {}
  size_t entry_bytes() const { return holds_functions_ ? sizeof(VmFuncRef) : sizeof(uint64_t); }
  bool reserve(uint64_t capacity);
  void update_mirrors();
  static VmFuncRef to_entry(uint64_t reference) {
    return reference == 0 ? VmFuncRef() : *reinterpret_cast<const VmFuncRef*>(reference);
  }

  TableType type_;
  bool holds_functions_;
  Budget& budget_;
  void* entries_ = nullptr;  // VmFuncRef[] or uint64_t[], by malloc
  uint64_t size_ = 0;
  uint64_t capacity_ = 0;
  uint64_t max_size_ = 0;
  uint64_t least_size_ = 0;  // that all code which uses it takes for granted
  uint64_t contents_id_ = 0;
  std::vector<VmSpan*> mirrors_;
};

}  // namespace swoop
