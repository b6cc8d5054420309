// Ends what nobody can reach any more in a store that lives on: instances whose handles are gone,
// with their memories, and functions of the host with their environments.
//
// Safety: what is marked, and what that refers to, stays; all else ends. So the embedder marks all
// that it may still use, and nothing is collected while wasm runs, whose stack may hold references,
// or when there are objects on the heap, into which this does not look. Noticed by
// tests/api/lifetime.c and tests/api/collection.c, with sanitizers.
#pragma once

#include "runtime/store.h"

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace swoop {

/// One collection: `mark` what is held, `trace`, look what is left with `has`, and `sweep`.
class Collection {
 public:
  static bool is_possible(const Store& store);
  /// About how much memory the store's objects take.
  static uint64_t size_bytes(const Store& store);

  /// Is told each word of the host's (vm/object.h) that wasm may hold, perhaps several times, and
  /// may mark more.
  using OnHostReference = std::function<void(Collection& collection, uint64_t word)>;
  Collection(Store& store, OnHostReference on_host_reference);

  void mark(Instance& instance);
  void mark(const Extern& entity);
  /// Marks all that is reached from what is marked.
  void trace();

  /// Whether it stays: an Instance*, Table*, Memory*, Global*, Tag*, or the identity of a function.
  bool has(const void* entity) const { return marked_.contains(entity); }
  bool has(VmFuncRef* func) const { return has(owner_of(*func)); }

  /// Ends all else. Environments of host functions end last, when the store can be used again.
  void sweep();

 private:
  // The Instance or HostFunction.
  static const void* owner_of(const VmFuncRef& func);
  void mark(VmFuncRef& func);
  void mark_word(ValType type, uint64_t word);
  void trace(Instance& instance);
  void trace(const Table& table);
  void trace(const Global& global);
  template <class T>
  std::vector<std::unique_ptr<T>> take_unmarked(std::vector<std::unique_ptr<T>>& all) const;

  Store& store_;
  OnHostReference on_host_reference_;
  std::unordered_map<const Global*, Instance*> homes_;  // of globals whose cell is in an instance
  std::unordered_set<const void*> marked_;
  // Marked, and not traced yet.
  std::vector<Instance*> instances_;
  std::vector<const Table*> tables_;
  std::vector<const Global*> globals_;
};

}  // namespace swoop
