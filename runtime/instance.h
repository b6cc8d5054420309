// Module instances. Spec: exec/runtime#module-instances, exec/modules#instantiation.
//
// Safety: the VmContext of an instance is what its machine code runs on; `instantiate` fills it
// completely before any of that code can be reached. Noticed by tests/runtime/instance_test.cc.
#pragma once

#include "runtime/extern.h"
#include "runtime/interruption.h"
#include "runtime/module.h"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace swoop {

class Instance;
class Snapshot;

/// What came of an instantiation: an instance, or why there is none.
struct [[nodiscard]] Instantiation {
  /// Null unless everything went well.
  Instance* instance = nullptr;
  /// unlinkable, out_of_memory or limit_exceeded: nothing had an effect.
  std::optional<Error> error;
  /// A segment or the start function trapped, or the start function threw or exited. What was
  /// written before stays.
  Completion completion;
};

/// Owned by its store; lives as long, since its functions may be in tables.
class Instance {
 public:
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  Store& store() const { return store_; }
  const Module& module() const { return *module_; }
  const std::shared_ptr<const Module>& shared_module() const { return module_; }
  VmContext* context() const { return block_->context(); }

  std::optional<Extern> find_export(std::string_view name) const;
  // The export of this name and kind; null without one.
  Func func(std::string_view name) const;
  Memory* memory(std::string_view name) const;
  Table* table(std::string_view name) const;
  Global* global(std::string_view name) const;
  Tag* tag(std::string_view name) const;

  Func func(FuncIdx idx) const;
  /// The identity of a function: what ref.func gives.
  VmFuncRef* func_ref(FuncIdx idx) const {
    VmFuncRef* const ref = block_->func_refs() + to_underlying(idx);
    return ref->self != nullptr ? ref->self : make_func_ref(idx);
  }
  Memory& memory(MemoryIdx idx) const { return *memories_[idx]; }
  Table& table(TableIdx idx) const { return *tables_[idx]; }
  Global& global(GlobalIdx idx) const { return *globals_[idx]; }
  Tag& tag(TagIdx idx) const { return *tags_[idx]; }

  /// The state of what the instance defines (runtime/snapshot.h). It may be running; what lies on
  /// the stack is not part of its state. Cost: the size of memories and tables; it holds what of
  /// memories is not zero. Errors: out_of_memory.
  Result<std::shared_ptr<const Snapshot>> snapshot() const;

  /// Gives the instance a state that it, or another instance of the same module, once had. What it
  /// imports stays as it is; so do references that others hold to its functions. Cost: about the
  /// number of pages that were written to since the last reset by the same snapshot, plus the sizes
  /// of tables that may have changed; where memories have no guards, also what the snapshot holds.
  /// Errors, after which nothing has changed: unlinkable for a snapshot of another module, one with
  /// references of another store, while wasm of the store runs, and if another instance relies on
  /// a memory or table being larger; limit_exceeded. Or out_of_memory, after which the instance is
  /// safe, and of no use until it is reset.
  Result<> reset(const Snapshot& snapshot);

  // The bulk operations of runtime/builtins.cc and of instantiation. False: out of bounds, nothing
  // written.
  [[nodiscard]] bool memory_init(MemoryIdx memory, DataIdx data, uint64_t to, uint64_t from,
                                 uint64_t count);
  [[nodiscard]] bool table_init(TableIdx table, ElemIdx elem, uint64_t to, uint64_t from,
                                uint64_t count);
  void data_drop(DataIdx data) { dropped_datas_[data] = 1; }
  void elem_drop(ElemIdx elem);

 private:
  friend class Collection;
  friend class Store;
  Instance(Store& store, std::shared_ptr<const Module> module);

  /// Builds an instance in `store` of matching imports, and runs its segments and start function.
  static Instantiation instantiate(Store& store, std::shared_ptr<const Module> module,
                                   std::span<const Extern> imports);
  Result<> allocate(std::span<const Extern> imports);
  void take_imports(std::span<const Extern> imports);
  void make_declared_func_refs();
  VmFuncRef* make_func_ref(FuncIdx idx) const;
  void make_tags();
  Result<> make_memories();
  Result<> make_tables();
  Result<> make_globals();
  Result<> evaluate_elements();
  Result<TrapCode> run_segments();
  void* at(int32_t offset) const { return reinterpret_cast<uint8_t*>(context()) + offset; }

  Store& store_;
  std::shared_ptr<const Module> module_;
  const DataImages& images_;
  bool is_import_pristine_ = false;  // the memory that is imported has never been used
  // Set once it exists. The references of imports are copies whose `self` is the original; of the
  // other functions all that are declared have one, and the rest get one when it is asked for.
  std::optional<InstanceBlock> block_;
  Interruption::Limit stack_limit_;  // of its context
  IndexVector<MemoryIdx, Memory*> memories_;
  IndexVector<TableIdx, Table*> tables_;
  IndexVector<GlobalIdx, Global*> globals_;
  IndexVector<TagIdx, Tag*> tags_;
  IndexVector<ElemIdx, std::vector<uint64_t>> elements_;  // references of segments of expressions
  IndexVector<ElemIdx, uint8_t> dropped_elems_;
  IndexVector<DataIdx, uint8_t> dropped_datas_;
};

}  // namespace swoop
