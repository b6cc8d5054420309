#include "runtime/collection.h"

#include "base/check.h"
#include "vm/object.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace swoop {

bool Collection::is_possible(const Store& store) {
  return store.vm_.entry_sp == nullptr && !store.interruption_.is_attached() &&
         store.heap_.is_empty();
}

uint64_t Collection::size_bytes(const Store& store) {
  // Of a small one; what a memory takes of the address space counts for as much as a few pages.
  constexpr uint64_t kInstanceBytes = 2048, kMemoryBytes = 64 * 1024, kOtherBytes = 256;
  uint64_t size = store.instances_.size() * kInstanceBytes;
  for (const auto& memory : store.memories_) size += std::max(memory->size_bytes(), kMemoryBytes);
  for (const auto& table : store.tables_) size += table->size() * sizeof(VmFuncRef) + kOtherBytes;
  return size + (store.host_functions_.size() + store.globals_.size()) * kOtherBytes;
}

Collection::Collection(Store& store, OnHostReference on_host_reference)
    : store_(store), on_host_reference_(std::move(on_host_reference)) {
  CHECK(is_possible(store));
  for (const auto& instance : store.instances_) {
    const size_t num_imported = instance->module().info().num_imported_globals;
    for (size_t i = num_imported; i < instance->globals_.size(); ++i) {
      homes_.emplace(instance->globals_[GlobalIdx(static_cast<uint32_t>(i))], instance.get());
    }
  }
}

const void* Collection::owner_of(const VmFuncRef& func) {
  if (const void* const instance = func.context->instance) return instance;
  return reinterpret_cast<const VmHostFunction*>(func.context)->function;
}

void Collection::mark(VmFuncRef& func) {
  if (auto* const instance = static_cast<Instance*>(func.context->instance)) {
    mark(*instance);
  } else {
    marked_.insert(owner_of(func));
  }
}

void Collection::mark(Instance& instance) {
  if (marked_.insert(&instance).second) instances_.push_back(&instance);
}

void Collection::mark(const Extern& entity) {
  if (const Func* const func = std::get_if<Func>(&entity)) {
    mark(*func->ref());
  } else if (Table* const* const table = std::get_if<Table*>(&entity)) {
    if (marked_.insert(*table).second) tables_.push_back(*table);
  } else if (Global* const* const global = std::get_if<Global*>(&entity)) {
    if (marked_.insert(*global).second) globals_.push_back(*global);
  } else if (Memory* const* const memory = std::get_if<Memory*>(&entity)) {
    marked_.insert(*memory);
  } else {
    marked_.insert(std::get<Tag*>(entity));
  }
}

void Collection::mark_word(ValType type, uint64_t word) {
  if (word == 0 || !type.is_ref()) return;
  if (store_.engine().types().is_subtype(type, ValType::funcref)) {
    mark(*reinterpret_cast<VmFuncRef*>(word));
  } else if (is_host_reference(word)) {
    on_host_reference_(*this, word);
  }
}

void Collection::trace() {
  for (;;) {
    if (!instances_.empty()) {
      Instance& instance = *instances_.back();
      instances_.pop_back();
      trace(instance);
    } else if (!tables_.empty()) {
      const Table& table = *tables_.back();
      tables_.pop_back();
      trace(table);
    } else if (!globals_.empty()) {
      const Global& global = *globals_.back();
      globals_.pop_back();
      trace(global);
    } else {
      return;
    }
  }
}

void Collection::trace(Instance& instance) {
  for (Table* const table : instance.tables_) mark(Extern(table));
  for (Memory* const memory : instance.memories_) mark(Extern(memory));
  for (Global* const global : instance.globals_) mark(Extern(global));
  for (Tag* const tag : instance.tags_) mark(Extern(tag));
  const ModuleInfo& info = instance.module().info();
  if (instance.block_) {
    for (uint32_t i = 0; i < info.num_imported_funcs; ++i) {
      mark(*instance.block_->func_refs()[i].self);
    }
  }
  for (size_t i = 0; i < instance.elements_.size(); ++i) {
    const ElemIdx idx{static_cast<uint32_t>(i)};
    for (const uint64_t word : instance.elements_[idx]) mark_word(info.elems[idx].type, word);
  }
}

void Collection::trace(const Table& table) {
  for (uint64_t i = 0; i < table.size(); ++i) mark_word(table.type().element, table.get(i));
}

void Collection::trace(const Global& global) {
  if (const auto home = homes_.find(&global); home != homes_.end()) mark(*home->second);
  mark_word(global.type().type, global.get().low);
}

template <class T>
std::vector<std::unique_ptr<T>> Collection::take_unmarked(
    std::vector<std::unique_ptr<T>>& all) const {
  const auto first = std::stable_partition(all.begin(), all.end(), [this](const auto& object) {
    return marked_.contains(object.get());
  });
  std::vector<std::unique_ptr<T>> taken(std::make_move_iterator(first),
                                        std::make_move_iterator(all.end()));
  all.erase(first, all.end());
  return taken;
}

void Collection::sweep() {
  // What stays forgets the contexts of what goes.
  std::unordered_set<const Interruption::Limit*> limits;
  for (const auto& instance : store_.instances_) {
    if (has(instance.get()) || !instance->block_) continue;
    const VmContext* const begin = instance->context();
    const void* const end = instance->block_->func_refs();  // which follow it
    limits.insert(&instance->stack_limit_);
    for (Table* const table : instance->tables_) table->remove_mirrors(begin, end);
    for (Memory* const memory : instance->memories_) memory->remove_mirrors(begin, end);
  }
  store_.interruption_.remove(limits);

  auto functions = take_unmarked(store_.host_functions_);
  auto instances = take_unmarked(store_.instances_);
  auto tables = take_unmarked(store_.tables_);
  auto memories = take_unmarked(store_.memories_);
  store_.budget_.instances.give_back(instances.size());
  store_.budget_.tables.give_back(tables.size());
  store_.budget_.memories.give_back(memories.size());
  instances.clear();
  take_unmarked(store_.globals_).clear();
  take_unmarked(store_.tags_).clear();
  tables.clear();
  memories.clear();
  functions.clear();
}

}  // namespace swoop
