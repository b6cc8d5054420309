#include "runtime/store.h"

#include "base/check.h"
#include "platform/fault_handler.h"
#include "platform/stack_limit.h"
#include "wasm/limits.h"

#include <algorithm>

namespace swoop {
namespace {

// Kept free below the stack limit: for leaf functions, which do not check, for the trap path, and
// for host functions.
constexpr uintptr_t kStackReserve = 128 * 1024;
// What wasm may use of a stack that is not the thread's own, whose size is unknown.
constexpr uintptr_t kForeignStackBytes = 64 * 1024;
// Calls from about the same depth of the same stack share a limit, so that most calls need not
// update every context.
constexpr unsigned kStackBlockLog2 = 16;

const Store* owner_of(const Extern& provided) {
  if (const Func* const func = std::get_if<Func>(&provided)) {
    return *func ? &func->store() : nullptr;
  }
  if (Table* const* const table = std::get_if<Table*>(&provided)) return (*table)->owner;
  if (Memory* const* const memory = std::get_if<Memory*>(&provided)) return (*memory)->owner;
  if (Global* const* const global = std::get_if<Global*>(&provided)) return (*global)->owner;
  return std::get<Tag*>(provided)->owner;
}

std::string quote(const Import& import) {
  return "`" + import.module + "`.`" + import.name + "`";
}

StoreLimits within_engine(StoreLimits limits, const EngineConfig& config) {
  const uint64_t per_table = config.max_table_elements;
  const uint64_t of_all = per_table > UINT64_MAX / 2 ? UINT64_MAX : 2 * per_table;
  limits.table_elements = std::min(limits.table_elements, of_all);
  return limits;
}

template <class T>
T* keep(std::vector<std::unique_ptr<T>>& all, std::unique_ptr<T> object, const Store* owner) {
  object->owner = owner;
  all.push_back(std::move(object));
  return all.back().get();
}

}  // namespace

Store::Store(std::shared_ptr<Engine> engine, const StoreLimits& limits, void* host_data,
             StackState* stack)
    : engine_(std::move(engine)),
      host_data_(host_data),
      fuel_(engine_->config().target.fuel ? &engine_->config().fuel_costs : nullptr),
      stack_(stack != nullptr ? stack : &own_stack_),
      heap_(engine_->config().max_heap_bytes),
      budget_(within_engine(limits, engine_->config())) {
  *stack_ = {};
  vm_.store = this;
  interruption_.add(vm_limit_);
}

Store::~Store() {
  CHECK(vm_.entry_sp == nullptr && "a store is destroyed while its wasm runs");
}

Instantiation Store::instantiate(std::shared_ptr<const Module> module,
                                 std::span<const Extern> imports, const CallOptions& options) {
  if (!options.empty()) {
    const CallScope scope(*this, options);
    Instantiation outcome;
    outcome.completion = refusal(scope);
    if (!outcome.completion.returned()) return outcome;
    return instantiate(std::move(module), imports);
  }
  const ModuleInfo& info = module->info();
  const auto refuse = [](std::string message) {
    Instantiation outcome;
    outcome.error.emplace(ErrorKind::unlinkable, std::move(message));
    return outcome;
  };
  if (&module->engine() != engine_.get()) return refuse("module belongs to another engine");
  for (size_t i = 0; i < info.imports.size(); ++i) {
    const Import& import = info.imports[i];
    if (i >= imports.size()) {
      return refuse("unknown import " + quote(import) + ": expected " +
                    describe_import(engine_->types(), info, import));
    }
    if (owner_of(imports[i]) != this) {
      return refuse("import " + quote(import) + " belongs to another store");
    }
    if (!matches_import(engine_->types(), info, import, imports[i])) {
      return refuse("incompatible import type for " + quote(import) + ": expected " +
                    describe_import(engine_->types(), info, import) + ", found " +
                    describe(engine_->types(), imports[i]));
    }
  }
  return Instance::instantiate(*this, std::move(module), imports.first(info.imports.size()));
}

Result<HostFunction*> Store::add_host_function(const FuncType& type, jit::CallForm form,
                                               const void* code) {
  // The thunk keeps the values on the stack.
  if (type.params.size() > limits::kMaxParams || type.results.size() > limits::kMaxResults) {
    return Error(ErrorKind::limit_exceeded, "host function has too many parameters or results");
  }
  const TypeId id = TRY(engine_->types().intern(type));
  const void* const thunk = TRY(engine_->thunks().host(type, form));
  auto function = std::make_unique<HostFunction>();
  function->store = this;

  VmHostFunction& vm = function->vm;
  vm.prefix.store = &vm_;
  vm.call = code;
  vm.function = function.get();
  vm.ref.code = thunk;
  vm.ref.context = &vm.prefix;
  vm.ref.type_id = static_cast<uint32_t>(id);
  vm.ref.self = &vm.ref;
  host_functions_.push_back(std::move(function));
  return host_functions_.back().get();
}

Result<Func> Store::make_host_func(const FuncType& type, HostCallback callback, void* environment) {
  HostFunction* const function = TRY(add_host_function(
      type, jit::CallForm::array, reinterpret_cast<const void*>(&Store::call_host)));
  function->callback = callback;
  function->environment = environment;
  function->num_values = std::max(type.params.size(), type.results.size());
  return Func(*this, &function->vm.ref);
}

Result<Func> Store::make_host_func(const FuncType& type, HostCallback callback,
                                   std::shared_ptr<void> environment) {
  const Func func = TRY(make_host_func(type, callback, environment.get()));
  host_functions_.back()->owned = std::move(environment);
  return func;
}

Result<Func> Store::make_host_func(const FuncType& type, HostClosure closure) {
  const HostCallback callback = [](void* environment, Caller& caller, std::span<Value> values) {
    return (*static_cast<HostClosure*>(environment))(caller, values);
  };
  return make_host_func(type, callback, std::make_shared<HostClosure>(std::move(closure)));
}

Result<Func> Store::make_native_func(const FuncType& type, const void* code,
                                     std::shared_ptr<void> environment) {
  HostFunction* const function = TRY(add_host_function(type, jit::CallForm::native, code));
  function->environment = environment.get();
  function->owned = std::move(environment);
  return Func(*this, &function->vm.ref);
}

Result<Memory*> Store::make_memory(const MemoryType& type) {
  return make_memory(type, nullptr);
}

Result<Memory*> Store::make_memory(const MemoryType& type, const MemoryImage* image) {
  const Memory::Source source = {engine_->bounds(), engine_->config().max_memory_bytes,
                                 &engine_->memory_pool(), &budget_.memory_bytes};
  if (!budget_.memories.has(1)) return budget_.memories.exceeded();
  Memory* const memory = keep(memories_, TRY(Memory::create(type, source, image)), this);
  CHECK(budget_.memories.take(1));
  return memory;
}

Result<Table*> Store::make_table(const TableType& type, uint64_t init) {
  if (!budget_.tables.has(1)) return budget_.tables.exceeded();
  Table* const table =
      keep(tables_,
           TRY(Table::create(engine_->types(), type, init, engine_->config().max_table_elements,
                             budget_.table_elements)),
           this);
  CHECK(budget_.tables.take(1));
  return table;
}

Global* Store::make_global(const GlobalType& type, const Value& value) {
  return keep(globals_, std::make_unique<Global>(type, value), this);
}

Global* Store::make_global(const GlobalType& type, void* cell) {
  return keep(globals_, std::make_unique<Global>(type, cell), this);
}

Tag* Store::make_tag(const TagType& type) {
  return keep(tags_, std::make_unique<Tag>(type), this);
}

// How deep the outermost call may go: to near the end of the thread's stack, or as far as the
// configuration allows.
void Store::prepare_stack(uintptr_t sp) {
  // A wasm stack overflow is found before the stack ends; this is for other faults of the thread.
  // Without it they are handled on the stack itself, so a failure is no reason to refuse the call.
  (void)platform::ensure_alternate_signal_stack().ok();

  const std::optional<platform::StackBounds> bounds = platform::current_stack_bounds();
  const bool on_thread_stack = bounds && bounds->contains(sp);
  const uintptr_t block_begin = sp >> kStackBlockLog2 << kStackBlockLog2;
  uintptr_t end = block_begin + (uintptr_t{1} << kStackBlockLog2);
  const uintptr_t budget = on_thread_stack
                               ? static_cast<uintptr_t>(engine_->config().max_wasm_stack_bytes)
                               : kForeignStackBytes;
  uintptr_t limit = budget < block_begin ? block_begin - budget : 0;
  if (on_thread_stack) {
    // A small stack keeps a part of itself: room for host functions matters more than depth.
    const uintptr_t reserve = std::min(kStackReserve, (bounds->high - bounds->low) / 2);
    limit = std::max(limit, bounds->low + reserve);
    end = std::min(end, bounds->high);
  }
  interruption_.set_limit(limit);
  const uintptr_t low = std::max(block_begin, limit + 1);
  *stack_ = {low, low < end ? end - low : 0, platform::current_thread_tag()};
}

Store::StackScope::StackScope(Store& store) : store_(store) {
  const auto sp = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const VmStore& vm = store_.vm_;
  const uint64_t limit = store_.interruption_.limit();
  // A host function may call back from far below the outermost call, or on a stack of its own (a
  // fiber), which has a limit of its own.
  const bool is_nested = vm.entry_sp != nullptr;
  if (!is_nested || sp >= reinterpret_cast<uintptr_t>(vm.entry_sp) || sp + kStackReserve <= limit) {
    if (is_nested) {
      is_other_stack_ = true;
      outer_ = *store_.stack_;
      outer_limit_ = limit;
    }
    store_.prepare_stack(sp);
  }
  has_room_ = sp > store_.interruption_.limit();
}

Store::StackScope::~StackScope() {
  if (!is_other_stack_) return;
  *store_.stack_ = outer_;
  store_.interruption_.set_limit(outer_limit_);
}

bool Store::set_fuel(uint64_t amount) {
  if (fuel_.is_counted()) fuel_.set(amount);
  return fuel_.is_counted();
}

std::optional<uint64_t> Store::fuel() const {
  if (!fuel_.is_counted()) return std::nullopt;
  return fuel_.left();
}

Completion Store::charge(uint64_t amount) {
  if (fuel_.charge(amount)) return {};
  return Completion::trap(TrapCode::out_of_fuel);
}

Completion Store::refusal(const CallScope& scope) {
  if (scope.obstacle() != nullptr) return Completion::trap(scope.obstacle());
  if (!interruption_.is_stopped()) return {};
  Completion completion = Completion::trap(TrapCode::interrupted);
  if (vm_.entry_sp != nullptr) capture_backtrace_of_caller(*completion.trap());
  return completion;
}

uint64_t Store::refuse_call() {
  pending_ = Completion::trap(TrapCode::call_stack_exhausted);
  if (vm_.entry_sp != nullptr) capture_backtrace_of_caller(*pending_.trap());
  return 1;
}

NativeResult<void> Store::call_host(VmHostFunction* vm, VmContext* caller_context, Value* values) {
  const HostFunction& function = HostFunction::of(vm);
  Caller caller = function.called_by(caller_context);
  HostResult result =
      function.callback(function.environment, caller, {values, function.num_values});
  if (result.returned()) [[likely]]
    return {0};
  return {function.store->fail_host_call(std::move(result))};
}

uint64_t Store::fail_host_call(HostResult reason) {
  if (const Exception* const exception = reason.exception();
      exception != nullptr && exception->tag().owner != this) {
    reason = Completion::trap("exception of another store");
  }
  pending_ = std::move(reason);
  return 1;
}

bool Store::is_guard_address(uintptr_t address) const {
  return std::any_of(memories_.begin(), memories_.end(),
                     [address](const auto& memory) { return memory->is_guard_address(address); });
}

}  // namespace swoop
