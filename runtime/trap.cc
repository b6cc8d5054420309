// Traps, from the fault to the Completion, and what they share with exceptions
// (runtime/exception.cc). Life of a trap: docs/ARCHITECTURE.md.
//
// Safety: decide_fault runs in signal context. It reads the code registry, which is made for that,
// and the store of the interrupted thread, which that thread cannot be changing: its pc is in wasm
// code. It decodes nothing; that happens once the thread has resumed in the landing
// (jit/thunks.h), still on the wasm stack. Noticed by tests/runtime/trap_test.cc.
#include "runtime/trap.h"

#include "base/check.h"
#include "platform/fault_handler.h"
#include "runtime/code_registry.h"
#include "runtime/store.h"

#include <algorithm>

namespace swoop {
namespace {

using platform::FaultSignal;

// Below the interrupted frame, whose red zone may be in use if it was C++ (it is not), and aligned
// for a call.
uintptr_t landing_sp(uintptr_t sp) {
  return (sp - 128) & ~uintptr_t{15};
}

std::string hex(uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

Frame make_frame(const Module& module, const Module::Site& site, const VmContext* context) {
  const ModuleInfo& info = module.info();
  Frame frame;
  if (context != nullptr && context->instance != nullptr) {
    auto* const instance = static_cast<Instance*>(context->instance);
    if (&instance->module() == &module) frame.instance = instance;
  }
  frame.module_name = info.names.module;
  frame.func = info.defined_func(site.defined_index);
  frame.func_name = info.func_name(frame.func);
  frame.func_offset = site.site.wasm_offset;
  frame.module_offset = size_t{info.bodies[site.defined_index].offset} + frame.func_offset;
  if (std::optional<SourceLocation> source = module.source_of(frame.module_offset)) {
    frame.file = std::move(source->file);
    frame.line = source->line;
    frame.column = source->column;
  }
  return frame;
}

}  // namespace

Completion Completion::trap(TrapCode code) {
  Trap trap;
  trap.code = code;
  trap.message = to_string(code);
  return Completion(std::move(trap));
}

Completion Completion::trap(std::string message) {
  Trap trap;
  trap.code = TrapCode::host;
  trap.message = std::move(message);
  return Completion(std::move(trap));
}

Completion Completion::exit(int32_t code) {
  return Completion(Exit{code});
}

Completion Completion::exception(Exception exception) {
  CHECK(exception.object != nullptr);
  return Completion(std::move(exception));
}

const CallFailure* Completion::failure() const {
  return trap() != nullptr ? static_cast<const CallFailure*>(trap()) : exception();
}

std::string CallFailure::render() const {
  std::string text = message;
  for (size_t i = 0; i < frames.size(); ++i) {
    const Frame& frame = frames[i];
    text += "\n  " + std::to_string(i) + ": ";
    if (!frame.module_name.empty()) text += frame.module_name + "!";
    text += frame.func_name.empty() ? "func[" + std::to_string(to_underlying(frame.func)) + "]"
                                    : frame.func_name;
    text += " at " + hex(frame.module_offset);
    if (frame.line != 0) {
      text += " (" + frame.file + ":" + std::to_string(frame.line);
      if (frame.column != 0) text += ":" + std::to_string(frame.column);
      text += ")";
    }
  }
  if (has_more_frames) text += "\n  ...";
  return text;
}

bool decide_fault(platform::FaultInfo& fault) {
  const std::optional<CodeRange> range = code_registry::find(fault.pc());
  if (!range) return false;

  const auto* const context = reinterpret_cast<const VmContext*>(
      fault.general_register(jit::host_isa::kFrameRegisters.context));
  VmStore* const vm = context->store;
  Store& store = *static_cast<Store*>(vm->store);
  const bool is_access =
      fault.signal() == FaultSignal::segmentation || fault.signal() == FaultSignal::bus;
  // Never taken for a trap: the sandbox has a hole, and the process must not go on.
  if (is_access && !store.is_guard_address(fault.address())) {
    platform::abort_in_signal_handler(
        "swoop: internal error: wasm code accessed an address outside of its memories");
  }

  store.fault_.signal = static_cast<uint8_t>(fault.signal());
  store.fault_.pc = fault.pc();
  store.fault_.fp = fault.fp();
  store.fault_.context = context;
  for (unsigned i = 0; i < std::size(store.fault_.registers); ++i) {
    store.fault_.registers[i] = fault.general_register(i);
  }
  fault.set_pc(reinterpret_cast<uintptr_t>(store.engine_->thunks().trap_landing()));
  fault.set_sp(landing_sp(fault.sp()));
  fault.set_general_register(jit::host_isa::kLandingArgumentRegister,
                             reinterpret_cast<uintptr_t>(vm));
  return true;
}

Result<> install_trap_handler() {
  return platform::install_fault_handler(decide_fault);
}

jit::TrapCallbacks Store::trap_callbacks() {
  return {on_fault, on_raise};
}

TrapCode Store::trap_code_of_fault() const {
  const std::optional<CodeRange> range = code_registry::find(fault_.pc);
  CHECK(range.has_value());
  const std::optional<Module::Site> found = range->module->find_trap_site(fault_.pc);
  CHECK(found && "a fault in wasm code is at a place the compiler noted");
  const uint8_t kind = found->site.kind;

  switch (static_cast<FaultSignal>(fault_.signal)) {
    case FaultSignal::segmentation:
    case FaultSignal::bus:
      CHECK(TrapCode{kind} == TrapCode::out_of_bounds_memory_access);
      return TrapCode::out_of_bounds_memory_access;
    case FaultSignal::arithmetic: {
      CHECK(kind >= jit::CodeSite::kDivide);
      const bool is_wide = (kind & 0x10) != 0;
      const uint64_t divisor = fault_.registers[kind & 0xf];
      const bool is_zero = (is_wide ? divisor : divisor & 0xffff'ffff) == 0;
      return is_zero ? TrapCode::integer_divide_by_zero : TrapCode::integer_overflow;
    }
    case FaultSignal::illegal_instruction:
      CHECK(kind != jit::CodeSite::kCall && kind <= kNumTrapCodes);
      return TrapCode{kind};
  }
  UNREACHABLE();
}

// Prologues and loops make the same comparison.
TrapCode Store::reason_of(TrapCode code) const {
  if (code != TrapCode::call_stack_exhausted && code != TrapCode::interrupted) return code;
  return interruption_.is_stopped() ? TrapCode::interrupted : TrapCode::call_stack_exhausted;
}

void Store::on_fault(VmStore* vm) {
  Store& store = *static_cast<Store*>(vm->store);
  const TrapCode code = store.trap_code_of_fault();
  if (code == TrapCode::out_of_fuel) store.fuel_.exhaust();
  store.pending_ = Completion::trap(store.reason_of(code));
  store.capture_backtrace(*store.pending_.trap(), store.fault_.pc,
                          reinterpret_cast<const VmFrame*>(store.fault_.fp), true,
                          store.fault_.context);
}

uint64_t Store::on_raise(VmStore* vm, uint64_t code, uint64_t value,
                         jit::UnwindRegisters* registers) {
  Store& store = *static_cast<Store*>(vm->store);
  if (code == kRaiseException) {
    auto* const exception = reinterpret_cast<VmException*>(value);
    if (store.find_handler(*exception, *registers)) return 1;
    store.pending_ = Completion::exception(store.uncaught(*exception));
  } else if (TrapCode{static_cast<uint8_t>(code)} != TrapCode::host) {
    store.pending_ = Completion::trap(store.reason_of(TrapCode{static_cast<uint8_t>(code)}));
  } else if (const Exception* const exception = store.pending_.exception()) {
    if (store.find_handler(*exception->object, *registers)) {
      store.pending_ = {};
      return 1;
    }
  }
  // A host function that passes on the trap of a call it made passes on that call's backtrace too.
  CallFailure* const failure = store.pending_.failure();
  if (failure != nullptr && !failure->has_backtrace) {
    const unsigned context = jit::host_isa::kFrameRegisters.context;
    store.capture_backtrace_of_caller(*failure,
                                      reinterpret_cast<const VmContext*>(registers->gp[context]));
  }
  return 0;
}

void Store::capture_backtrace(CallFailure& failure, uintptr_t pc, const VmFrame* frame,
                              bool is_fault, const VmContext* context) const {
  failure.has_backtrace = true;
  const jit::host_isa::EntryFrame* entry = innermost_entry();
  for (;;) {
    while (frame < &entry->frame) {
      if (failure.frames.size() == CallFailure::kMaxFrames) {
        failure.has_more_frames = true;
        return;
      }
      const std::optional<CodeRange> range = code_registry::find(pc);
      if (range) {
        const Module& module = *range->module;
        // A function that leaves its instance keeps the context, once its prologue is done; any
        // other has that of what it called.
        if (!is_fault && module.function_at(pc - 1).leaves_instance) {
          context = reinterpret_cast<const VmContext* const*>(frame)[-1];
        }
        const auto site = is_fault ? module.find_trap_site(pc) : module.find_call_site(pc);
        if (site) failure.frames.push_back(make_frame(module, *site, context));
      }
      is_fault = false;  // the other frames are at calls
      CHECK(frame->caller > frame && "frames go up the stack");
      pc = frame->return_pc();
      frame = frame->caller;
    }
    entry = entry->outer;
    if (entry == nullptr) return;
    pc = entry->exit->return_pc();
    frame = entry->exit->caller;
    context = nullptr;
  }
}

}  // namespace swoop
