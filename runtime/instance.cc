#include "runtime/instance.h"

#include "base/check.h"
#include "runtime/const_eval.h"
#include "runtime/store.h"

#include <cstring>
#include <utility>

namespace swoop {
namespace {

VmSpan* as_mirror(void* base_and_size) {
  return static_cast<VmSpan*>(base_and_size);
}

}  // namespace

Instance::Instance(Store& store, std::shared_ptr<const Module> module)
    : store_(store), module_(std::move(module)), images_(module_->data_images()) {}

Instance::~Instance() {
  if (block_) module_->instance_blocks().give_back(std::move(*block_));
}

Instantiation Instance::instantiate(Store& store, std::shared_ptr<const Module> module,
                                    std::span<const Extern> imports) {
  Instantiation outcome;
  if (!module->is_executable()) {
    outcome.error =
        Error(ErrorKind::unsupported,
              "the module is compiled for " + std::string(to_string(module->code().target.isa)) +
                  ", and this machine is " + std::string(to_string(jit::kHostIsa)));
    return outcome;
  }
  if (!store.budget_.instances.take(1)) {
    outcome.error = store.budget_.instances.exceeded();
    return outcome;
  }
  std::unique_ptr<Instance> owned(new Instance(store, std::move(module)));
  Instance& instance = *owned;
  // Before anything refers to it: a function of a half-made instance may already be in another's
  // table.
  store.instances_.push_back(std::move(owned));

  if (Result<> allocated = instance.allocate(imports); !allocated.ok()) {
    outcome.error = std::move(allocated).error();
    return outcome;
  }
  Result<TrapCode> segments = instance.run_segments();
  if (!segments.ok()) {
    outcome.error = std::move(segments).error();
    return outcome;
  }
  if (*segments != TrapCode::none) {
    outcome.completion = Completion::trap(*segments);
    return outcome;
  }
  if (const std::optional<FuncIdx> start = instance.module_->info().start) {
    outcome.completion = instance.func(*start).invoke({});
    if (!outcome.completion.returned()) return outcome;
  }
  outcome.instance = &instance;
  return outcome;
}

Result<> Instance::allocate(std::span<const Extern> imports) {
  block_ = module_->instance_blocks().take();
  if (!block_) return Error(ErrorKind::out_of_memory, "no memory for an instance");
  VmContext& context = *block_->context();
  context.fuel = store_.fuel_.counter();
  context.builtins = store_.engine().thunks().builtins();
  context.store = &store_.vm_;
  context.func_refs = block_->func_refs();
  context.instance = this;
  stack_limit_.word = &context.stack_limit;
  store_.interruption().add(stack_limit_);

  take_imports(imports);
  make_declared_func_refs();
  make_tags();
  TRY(make_memories());
  TRY(make_globals());
  TRY(make_tables());
  TRY(evaluate_elements());
  dropped_datas_.resize(module_->info().datas.size());
  return {};
}

void Instance::take_imports(std::span<const Extern> imports) {
  const ModuleInfo& info = module_->info();
  const VmContextLayout& layout = module_->layout();
  uint32_t num_funcs = 0;
  for (const Extern& import : imports) {
    if (const Func* const func = std::get_if<Func>(&import)) {
      const FuncIdx idx{num_funcs++};
      block_->func_refs()[to_underlying(idx)] = *func->ref();
      *static_cast<VmImportedFunc*>(at(layout.imported_func(idx))) = {func->ref()->code,
                                                                      func->ref()->context};
    } else if (Table* const* const table = std::get_if<Table*>(&import)) {
      (*table)->note_import(info.tables[tables_.end_index()].type.limits.min);
      tables_.push_back(*table);
    } else if (Memory* const* const memory = std::get_if<Memory*>(&import)) {
      (*memory)->note_import(info.memories[memories_.end_index()].type.limits.min);
      memories_.push_back(*memory);
    } else if (Global* const* const global = std::get_if<Global*>(&import)) {
      const GlobalIdx idx = globals_.end_index();
      globals_.push_back(*global);
      if (layout.global_is_indirect(idx)) {
        *static_cast<void**>(at(layout.global(idx))) = (*global)->cell();
      } else {
        const Value value = (*global)->get();
        std::memcpy(at(layout.global(idx)), &value, info.globals[idx].type.type.is_vec() ? 16 : 8);
      }
    } else {
      tags_.push_back(std::get<Tag*>(import));
    }
  }
}

// Machine code reads these without asking.
void Instance::make_declared_func_refs() {
  if (block_->has_func_refs()) return;
  for (const FuncIdx idx : module_->declared_funcs()) make_func_ref(idx);
  block_->note_func_refs();
}

VmFuncRef* Instance::make_func_ref(FuncIdx idx) const {
  const ModuleInfo& info = module_->info();
  VmFuncRef& ref = block_->func_refs()[to_underlying(idx)];
  ref.code = module_->function_code(to_underlying(idx) - info.num_imported_funcs);
  ref.context = context();
  ref.type_id = static_cast<uint32_t>(info.funcs[idx].type);
  ref.self = &ref;
  return &ref;
}

Result<> Instance::make_memories() {
  const ModuleInfo& info = module_->info();
  is_import_pristine_ = info.num_imported_memories == 1 && memories_[MemoryIdx(0)]->is_pristine();
  for (uint32_t i = info.num_imported_memories; i < info.memories.size(); ++i) {
    const MemoryIdx idx{i};
    memories_.push_back(TRY(store_.make_memory(info.memories[idx].type, images_.find(idx))));
  }
  for (MemoryIdx i{0}; memories_.contains(i); i = MemoryIdx(to_underlying(i) + 1)) {
    memories_[i]->add_mirror(as_mirror(at(module_->layout().memory(i))));
  }
  return {};
}

void Instance::make_tags() {
  const ModuleInfo& info = module_->info();
  for (uint32_t i = info.num_imported_tags; i < info.tags.size(); ++i) {
    tags_.push_back(store_.make_tag(info.tags[TagIdx(i)].type));
  }
}

Result<> Instance::make_globals() {
  const ModuleInfo& info = module_->info();
  for (uint32_t i = info.num_imported_globals; i < info.globals.size(); ++i) {
    const GlobalDecl& decl = info.globals[GlobalIdx(i)];
    const Value value = TRY(evaluate(decl.init, *this));
    Global* const global =
        store_.make_global(decl.type, at(module_->layout().global(GlobalIdx(i))));
    global->store(value);
    globals_.push_back(global);
  }
  return {};
}

Result<> Instance::make_tables() {
  const ModuleInfo& info = module_->info();
  for (uint32_t i = info.num_imported_tables; i < info.tables.size(); ++i) {
    const TableDecl& decl = info.tables[TableIdx(i)];
    Value init;
    if (decl.init) init = TRY(evaluate(*decl.init, *this));
    tables_.push_back(TRY(store_.make_table(decl.type, init.low)));
  }
  for (TableIdx i{0}; tables_.contains(i); i = TableIdx(to_underlying(i) + 1)) {
    tables_[i]->add_mirror(as_mirror(at(module_->layout().table(i))));
  }
  return {};
}

Result<> Instance::evaluate_elements() {
  const ModuleInfo& info = module_->info();
  elements_.resize(info.elems.size());
  dropped_elems_.resize(info.elems.size());
  for (ElemIdx i{0}; info.elems.contains(i); i = ElemIdx(to_underlying(i) + 1)) {
    const ElemSegment& segment = info.elems[i];
    if (segment.exprs.empty()) continue;
    elements_[i].reserve(segment.exprs.size());
    for (const ConstExpr& expr : segment.exprs) {
      elements_[i].push_back(TRY(evaluate(expr, *this)).low);
    }
  }
  return {};
}

// Spec: exec/modules#instantiation, steps for active and declarative segments, in order.
Result<TrapCode> Instance::run_segments() {
  const ModuleInfo& info = module_->info();
  for (ElemIdx i{0}; info.elems.contains(i); i = ElemIdx(to_underlying(i) + 1)) {
    const ElemSegment& segment = info.elems[i];
    if (segment.mode == SegmentMode::passive) continue;
    if (segment.mode == SegmentMode::active) {
      const AddressType address_type = table(segment.table).type().address_type;
      const uint64_t to = as_address(TRY(evaluate(segment.offset, *this)).low, address_type);
      if (!table_init(segment.table, i, to, 0, segment.size())) {
        return TrapCode::out_of_bounds_table_access;
      }
    }
    elem_drop(i);
  }
  const MemoryImage* const image = is_import_pristine_ ? images_.find(MemoryIdx(0)) : nullptr;
  const bool import_has_image = image != nullptr && memories_[MemoryIdx(0)]->map_image(*image);
  for (DataIdx i{0}; info.datas.contains(i); i = DataIdx(to_underlying(i) + 1)) {
    const DataSegment& segment = info.datas[i];
    if (segment.mode != SegmentMode::active) continue;
    const bool is_imported = to_underlying(segment.memory) < info.num_imported_memories;
    if (i < images_.end() && (!is_imported || import_has_image)) {
      data_drop(i);
      continue;
    }
    const AddressType address_type = memory(segment.memory).type().address_type;
    const uint64_t to = as_address(TRY(evaluate(segment.offset, *this)).low, address_type);
    if (!memory_init(segment.memory, i, to, 0, segment.bytes.size())) {
      return TrapCode::out_of_bounds_memory_access;
    }
    data_drop(i);
  }
  return TrapCode::none;
}

bool Instance::memory_init(MemoryIdx memory_idx, DataIdx data, uint64_t to, uint64_t from,
                           uint64_t count) {
  const std::vector<uint8_t>& bytes = module_->info().datas[data].bytes;
  const uint64_t available = dropped_datas_[data] ? 0 : bytes.size();
  const Memory& memory = *memories_[memory_idx];
  if (count > available || from > available - count || !memory.contains(to, count)) return false;
  if (count != 0) std::memcpy(memory.data() + to, bytes.data() + from, count);
  return true;
}

bool Instance::table_init(TableIdx table_idx, ElemIdx elem, uint64_t to, uint64_t from,
                          uint64_t count) {
  const ElemSegment& segment = module_->info().elems[elem];
  const uint64_t available = dropped_elems_[elem] ? 0 : segment.size();
  Table& table = *tables_[table_idx];
  if (count > available || from > available - count || !table.contains(to, count)) return false;
  if (segment.funcs.empty()) {
    table.init(to, count, [&](uint64_t i) { return elements_[elem][from + i]; });
  } else {
    table.init(to, count, [&](uint64_t i) {
      return reinterpret_cast<uintptr_t>(func_ref(segment.funcs[from + i]));
    });
  }
  return true;
}

void Instance::elem_drop(ElemIdx elem) {
  dropped_elems_[elem] = 1;
  std::vector<uint64_t>().swap(elements_[elem]);
}

std::optional<Extern> Instance::find_export(std::string_view name) const {
  const Export* const found = module_->find_export(name);
  if (found == nullptr) return std::nullopt;
  switch (found->kind) {
    case ExternKind::func: return func(FuncIdx(found->index));
    case ExternKind::table: return tables_[TableIdx(found->index)];
    case ExternKind::memory: return memories_[MemoryIdx(found->index)];
    case ExternKind::global: return globals_[GlobalIdx(found->index)];
    case ExternKind::tag: return tags_[TagIdx(found->index)];
  }
  UNREACHABLE();
}

Func Instance::func(std::string_view name) const {
  const Export* const found = module_->find_export(name);
  if (found == nullptr || found->kind != ExternKind::func) return {};
  return func(FuncIdx(found->index));
}

Memory* Instance::memory(std::string_view name) const {
  const Export* const found = module_->find_export(name);
  if (found == nullptr || found->kind != ExternKind::memory) return nullptr;
  return memories_[MemoryIdx(found->index)];
}

Table* Instance::table(std::string_view name) const {
  const Export* const found = module_->find_export(name);
  if (found == nullptr || found->kind != ExternKind::table) return nullptr;
  return tables_[TableIdx(found->index)];
}

Global* Instance::global(std::string_view name) const {
  const Export* const found = module_->find_export(name);
  if (found == nullptr || found->kind != ExternKind::global) return nullptr;
  return globals_[GlobalIdx(found->index)];
}

Tag* Instance::tag(std::string_view name) const {
  const Export* const found = module_->find_export(name);
  if (found == nullptr || found->kind != ExternKind::tag) return nullptr;
  return tags_[TagIdx(found->index)];
}

Func Instance::func(FuncIdx idx) const {
  return Func(store_, func_ref(idx));
}

}  // namespace swoop
