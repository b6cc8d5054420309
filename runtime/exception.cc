// Exceptions: the way from a throw to its handler. Life of an exception: docs/ARCHITECTURE.md.
//
// Safety: only frames of wasm lie between a throw and its entry thunk, so each has a FuncEntry that
// says what it saved; a handler's slots lie in its frame, because pass A counted the operands of
// its label. An exception's memory is given back only when no frame can hold a reference to it.
// Noticed by tests/jit/exception_test.cc.
#include "base/check.h"
#include "runtime/code_registry.h"
#include "runtime/store.h"

#include <algorithm>

namespace swoop {
namespace {

using jit::UnwindRegisters;

/// The clause that takes an exception thrown at `pc`, by code of `instance`; null without one.
const jit::TryClause* find_clause(const Module& module, const Instance& instance, uintptr_t pc,
                                  const VmException& exception) {
  const jit::TryTables& tries = module.code().tries;
  uint32_t region = module.try_region_at(pc);
  for (; region != jit::TryTables::kNone; region = tries.regions[region].parent) {
    for (uint32_t i = tries.regions[region].first_clause; i != jit::TryTables::kNone;
         i = tries.clauses[i].next) {
      const jit::TryClause& clause = tries.clauses[i];
      if (clause.tag == jit::TryClause::kAnyTag ||
          &instance.tag(TagIdx(clause.tag)) == exception.tag)
        return &clause;
    }
  }
  return nullptr;
}

/// Puts the handler's operands where its label expects them.
void place_operands(const jit::TryClause& clause, const VmException& exception,
                    UnwindRegisters& registers, uintptr_t fp) {
  const uint64_t reference = reinterpret_cast<uintptr_t>(&exception);
  const std::span<const Value> values =
      clause.tag == jit::TryClause::kAnyTag ? std::span<const Value>() : exception.values();
  if (clause.in_register) {
    jit::set_result(registers, clause.gives_reference ? reference : values[0].low);
  } else {
    auto* slot = reinterpret_cast<uint64_t*>(fp + static_cast<uintptr_t>(intptr_t{clause.slot}));
    for (const Value& value : values) *slot-- = value.low;
    if (clause.gives_reference) *slot = reference;
  }
  if (clause.exception_slot != 0) {
    *reinterpret_cast<uint64_t*>(fp + static_cast<uintptr_t>(intptr_t{clause.exception_slot})) =
        reference;
  }
}

}  // namespace

/// Searches the frames of the innermost activation, from the one that called out last. If there is
/// a handler, `registers` are set for it. Cost: linear in the frames and clauses passed.
bool Store::find_handler(VmException& exception, UnwindRegisters& registers) {
  const jit::host_isa::EntryFrame& entry = *innermost_entry();
  const VmFrame* frame = entry.exit->caller;
  uintptr_t pc = entry.exit->return_pc();
  std::optional<CodeRange> range;
  while (frame < &entry.frame) {
    const auto fp = reinterpret_cast<uintptr_t>(frame);
    --pc;  // into the call: it may be the last instruction of its function, or of its region
    if (!range || pc < range->begin || pc >= range->end) range = code_registry::find(pc);
    CHECK(range && "only frames of wasm lie above an entry thunk");
    const Module& module = *range->module;
    const jit::FuncEntry& function = module.function_at(pc);
    jit::enter_frame(registers, jit::host_isa::kFrameRegisters, function, fp);

    const auto& instance = *static_cast<const Instance*>(
        reinterpret_cast<const VmContext*>(registers.gp[jit::host_isa::kFrameRegisters.context])
            ->instance);
    if (const jit::TryClause* const clause = find_clause(module, instance, pc, exception)) {
      place_operands(*clause, exception, registers, fp);
      registers.gp[jit::host_isa::kFrameRegisters.stack_pointer] = fp - function.frame_bytes;
      registers.gp[jit::host_isa::kFrameRegisters.frame_pointer] = fp;
      registers.pc = reinterpret_cast<uintptr_t>(module.text() + clause->handler);
      if (clause->gives_reference) exception.is_shared = 1;
      // One that is kept for `rethrow` is referred to by its frame alone, and given back by a
      // handler further out.
      if (!clause->keeps && exception.is_shared == 0) heap_.give_back(&exception);
      return true;
    }

    jit::leave_frame(registers, function, fp);
    CHECK(frame->caller > frame && "frames go up the stack");
    pc = frame->return_pc();
    frame = frame->caller;
  }
  return false;
}

Exception Store::uncaught(VmException& exception) const {
  exception.is_shared = 1;  // the embedder may keep it
  Exception result;
  result.object = &exception;
  const TypeRegistry& types = engine_->types();
  std::string list;
  for (const ValType type : types.func_type(result.tag().type.type).params)
    list += (list.empty() ? "" : ", ") + types.to_string(type);
  result.message = "uncaught exception (" + list + ")";
  return result;
}

Result<Exception> Store::make_exception(const Tag& tag, std::span<const Value> values) {
  CHECK(tag.owner == this);
  CHECK(values.size() == engine_->types().func_type(tag.type.type).params.size());
  VmException* const exception =
      TRY(heap_.make_exception(&tag, static_cast<uint32_t>(values.size())));
  std::ranges::copy(values, exception->values().begin());
  return uncaught(*exception);
}

}  // namespace swoop
