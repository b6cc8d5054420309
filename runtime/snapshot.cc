#include "runtime/snapshot.h"

#include "runtime/instance.h"
#include "runtime/store.h"

#include <atomic>
#include <new>
#include <unordered_map>
#include <utility>

namespace swoop {
namespace {

std::atomic<uint64_t> g_last_contents_id{0};

Error no_memory() {
  return Error(ErrorKind::out_of_memory, "no memory for a snapshot");
}

template <class Index>
Index next(Index i) {
  return Index(to_underlying(i) + 1);
}

/// Writes references so that every instance of the module can read them. A function that the
/// module defines or imports becomes its index, with the lowest bit set; null stays 0, and an i31
/// is a number already. All else are the words of the store, to which the snapshot is then bound.
class ReferenceEncoder {
 public:
  explicit ReferenceEncoder(const Instance& instance)
      : instance_(instance), info_(instance.module().info()) {}

  bool is_bound() const { return is_bound_; }

  uint64_t encode(uint64_t reference, bool is_function) {
    if (reference == 0) return 0;
    if (!is_function) {
      is_bound_ |= !is_i31(reference);
      return reference;
    }
    const std::optional<FuncIdx> idx = find(reference);
    if (idx) return uint64_t{to_underlying(*idx)} << 1 | 1;
    is_bound_ = true;
    return reference;
  }

 private:
  std::optional<FuncIdx> find(uint64_t reference) {
    const auto first = reinterpret_cast<uintptr_t>(instance_.context()->func_refs);
    const uint64_t index = (reference - first) / sizeof(VmFuncRef);
    if (reference >= first && index < info_.funcs.size()) {
      return FuncIdx(static_cast<uint32_t>(index));
    }
    if (!has_imports_) {
      has_imports_ = true;
      // Of a function that is imported twice, the first.
      for (FuncIdx i{0}; to_underlying(i) < info_.num_imported_funcs; i = next(i)) {
        imports_.emplace(reinterpret_cast<uintptr_t>(instance_.func_ref(i)), i);
      }
    }
    const auto found = imports_.find(reference);
    if (found == imports_.end()) return std::nullopt;
    return found->second;
  }

  const Instance& instance_;
  const ModuleInfo& info_;
  bool is_bound_ = false;
  bool has_imports_ = false;
  std::unordered_map<uint64_t, FuncIdx> imports_;
};

uint64_t decode(const Instance& instance, uint64_t word, bool is_function) {
  if (!is_function || (word & 1) == 0) return word;
  return reinterpret_cast<uintptr_t>(instance.func_ref(FuncIdx(static_cast<uint32_t>(word >> 1))));
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> Instance::snapshot() const {
  const ModuleInfo& info = module_->info();
  const TypeRegistry& types = store_.engine().types();
  std::shared_ptr<Snapshot> snapshot(new Snapshot);
  snapshot->module_ = module_;
  ReferenceEncoder encoder(*this);
  const auto is_function = [&types](ValType type) {
    return types.is_subtype(type, ValType::funcref);
  };
  const auto encode_all = [&](uint64_t count, bool are_functions,
                              const auto& reference_of) -> Result<Snapshot::References> {
    Snapshot::References references{std::unique_ptr<uint64_t[]>(new (std::nothrow) uint64_t[count]),
                                    count};
    if (references.words == nullptr) return no_memory();
    for (uint64_t i = 0; i < count; ++i) {
      references.words[i] = encoder.encode(reference_of(i), are_functions);
    }
    return references;
  };

  for (MemoryIdx i{info.num_imported_memories}; memories_.contains(i); i = next(i)) {
    snapshot->memories_.push_back(TRY(memories_[i]->contents()));
  }
  for (TableIdx i{info.num_imported_tables}; tables_.contains(i); i = next(i)) {
    Table& table = *tables_[i];
    // Machine code writes to other tables itself: it cannot be told that they still hold this.
    if (table.holds_functions() && table.contents_id() == 0) {
      table.set_contents_id(g_last_contents_id.fetch_add(1) + 1);
    }
    snapshot->tables_.push_back(
        {TRY(encode_all(table.size(), table.holds_functions(),
                        [&table](uint64_t element) { return table.get(element); })),
         table.contents_id()});
  }
  for (GlobalIdx i{info.num_imported_globals}; globals_.contains(i); i = next(i)) {
    const GlobalType& type = globals_[i]->type();
    if (!type.is_mutable) continue;
    Value value = globals_[i]->get();
    if (type.type.is_ref()) value.low = encoder.encode(value.low, is_function(type.type));
    snapshot->globals_.push_back(value);
  }
  snapshot->elements_.resize(elements_.size());
  for (ElemIdx i{0}; elements_.contains(i); i = next(i)) {
    const std::vector<uint64_t>& elements = elements_[i];
    if (elements.empty()) continue;
    snapshot->elements_[i] =
        TRY(encode_all(elements.size(), is_function(info.elems[i].type),
                       [&elements](uint64_t element) { return elements[element]; }));
  }
  snapshot->dropped_elems_ = dropped_elems_;
  snapshot->dropped_datas_ = dropped_datas_;
  if (encoder.is_bound()) {
    if (store_.identity_ == nullptr) store_.identity_ = std::make_shared<char>();
    snapshot->store_ = store_.identity_;
  }
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

Result<> Instance::reset(const Snapshot& snapshot) {
  const auto refuse = [](const char* why) { return Error(ErrorKind::unlinkable, why); };
  if (snapshot.module_ != module_) return refuse("the snapshot is of another module");
  if (snapshot.store_ != nullptr && snapshot.store_ != store_.identity_) {
    return refuse("the snapshot holds references of another store");
  }
  if (store_.vm_.entry_sp != nullptr) return refuse("an instance is reset while its store runs");

  const ModuleInfo& info = module_->info();
  const TypeRegistry& types = store_.engine().types();
  MemoryIdx memory{info.num_imported_memories};
  for (const auto& contents : snapshot.memories_) {
    TRY(memories_[memory]->check_size(contents->size_bytes()));
    memory = next(memory);
  }
  TableIdx table{info.num_imported_tables};
  for (const Snapshot::TableContents& contents : snapshot.tables_) {
    TRY(tables_[table]->check_size(contents.elements.count));
    table = next(table);
  }

  table = TableIdx(info.num_imported_tables);
  for (const Snapshot::TableContents& contents : snapshot.tables_) {
    Table& target = *tables_[table];
    table = next(table);
    if (contents.id != 0 && target.contents_id() == contents.id) continue;
    const Snapshot::References& elements = contents.elements;
    if (!target.resize(elements.count)) return no_memory();
    target.init(0, elements.count, [&](uint64_t i) {
      return decode(*this, elements.words[i], target.holds_functions());
    });
    target.set_contents_id(contents.id);
  }
  memory = MemoryIdx(info.num_imported_memories);
  for (const auto& contents : snapshot.memories_) {
    TRY(memories_[memory]->restore(*contents));
    memory = next(memory);
  }
  size_t num_globals = 0;
  for (GlobalIdx i{info.num_imported_globals}; globals_.contains(i); i = next(i)) {
    const GlobalType& type = globals_[i]->type();
    if (!type.is_mutable) continue;
    Value value = snapshot.globals_[num_globals++];
    if (type.type.is_ref()) {
      value.low = decode(*this, value.low, types.is_subtype(type.type, ValType::funcref));
    }
    globals_[i]->store(value);
  }
  for (ElemIdx i{0}; dropped_elems_.contains(i); i = next(i)) {
    if (dropped_elems_[i] == snapshot.dropped_elems_[i]) continue;
    if (dropped_elems_[i] == 0) {
      elem_drop(i);
      continue;
    }
    dropped_elems_[i] = 0;
    const Snapshot::References& elements = snapshot.elements_[i];
    const bool are_functions = types.is_subtype(info.elems[i].type, ValType::funcref);
    for (uint64_t element = 0; element < elements.count; ++element) {
      elements_[i].push_back(decode(*this, elements.words[element], are_functions));
    }
  }
  dropped_datas_ = snapshot.dropped_datas_;
  return {};
}

}  // namespace swoop
