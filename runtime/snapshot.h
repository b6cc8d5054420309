// The state of an instance at one moment, to be given back to it or to another instance of its
// module. Tests: tests/runtime/snapshot_test.cc.
#pragma once

#include "base/index_vector.h"
#include "runtime/memory_contents.h"
#include "runtime/module.h"
#include "wasm/value.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace swoop {

/// Made by Instance::snapshot. Holds what the instance itself defines: contents and sizes of its
/// memories and tables, values of its mutable globals, which of its segments are dropped. Not what
/// it imports, nor what references of wasm or of the host refer to, nor anything of the host such
/// as open files. Immutable: threads may share it. It may outlive the instance and its store.
class Snapshot {
 public:
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const Module& module() const { return *module_; }
  /// Whether it holds references that mean something in one store only: to objects of the host or
  /// of wasm, or to functions that are neither the module's own nor imported by it.
  bool is_bound_to_store() const { return store_ != nullptr; }

 private:
  friend class Instance;

  /// References that any instance of the module can read: see Instance::encode.
  struct References {
    std::unique_ptr<uint64_t[]> words;
    uint64_t count = 0;
  };
  struct TableContents {
    References elements;
    uint64_t id = 0;  // Table::contents_id, if it holds functions
  };

  Snapshot() = default;

  std::shared_ptr<const Module> module_;
  std::shared_ptr<const void> store_;  // Store::identity
  // All without those that are imported.
  std::vector<std::shared_ptr<const MemoryContents>> memories_;
  std::vector<TableContents> tables_;
  std::vector<Value> globals_;  // mutable ones
  IndexVector<ElemIdx, References> elements_;
  IndexVector<ElemIdx, uint8_t> dropped_elems_;
  IndexVector<DataIdx, uint8_t> dropped_datas_;
};

}  // namespace swoop
