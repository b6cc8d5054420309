// Safety: these run between frames of machine code. They must not hold a resource across a return
// of a trap (they do not raise it themselves: their thunk does) and check every guest number before
// they touch memory.
#include "runtime/builtins.h"

#include "base/check.h"
#include "platform/stack_limit.h"
#include "runtime/instance.h"
#include "runtime/store.h"
#include "vm/context.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace swoop {
namespace {

Instance& instance_of(VmContext* context) {
  DCHECK(platform::is_stack_aligned());
  return *static_cast<Instance*>(context->instance);
}
Memory& memory_of(VmContext* context, uint64_t idx) {
  return instance_of(context).memory(MemoryIdx(static_cast<uint32_t>(idx)));
}
Table& table_of(VmContext* context, uint64_t idx) {
  return instance_of(context).table(TableIdx(static_cast<uint32_t>(idx)));
}

constexpr BuiltinResult kDone = builtin_value(0);
constexpr BuiltinResult kMemoryTrap = builtin_trap(TrapCode::out_of_bounds_memory_access);
constexpr BuiltinResult kTableTrap = builtin_trap(TrapCode::out_of_bounds_table_access);
constexpr BuiltinResult kFuelTrap = builtin_trap(TrapCode::out_of_fuel);

// What operations on so much cost beside the operator, which code has paid for. Bounds are looked
// at later, as they are where the compiler does without a builtin.
[[nodiscard]] bool pay_for_bytes(VmContext* context, Opcode opcode, uint64_t count) {
  return instance_of(context).store().fuel_meter().charge_bytes(opcode, count);
}
[[nodiscard]] bool pay_for_elements(VmContext* context, Opcode opcode, uint64_t count) {
  uint64_t size_bytes;
  if (__builtin_mul_overflow(count, jit::kBytesPerElement, &size_bytes)) size_bytes = UINT64_MAX;
  return pay_for_bytes(context, opcode, size_bytes);
}

// A tenth of a millisecond, or one in memory that was never touched: calls that may be ended look
// that often.
constexpr uint64_t kPieceBytes = uint64_t{1} << 20;

// Runs `step(offset, size)` over [0, count), in pieces if the call may be ended; from the end when
// `is_downward`.
template <class Step>
BuiltinResult in_pieces(VmContext* context, uint64_t count, uint64_t element_bytes,
                        bool is_downward, Step&& step) {
  const Interruption& interruption = instance_of(context).store().interruption();
  const uint64_t piece = kPieceBytes / element_bytes;
  if (count <= piece || !interruption.is_attached()) {
    if (count != 0) step(uint64_t{0}, count);
    return kDone;
  }
  for (uint64_t done = 0; done < count;) {
    if (interruption.is_stopped()) return builtin_trap(TrapCode::interrupted);
    const uint64_t size = std::min(piece, count - done);
    step(is_downward ? count - done - size : done, size);
    done += size;
  }
  return kDone;
}

// -1 of the address type, zero-extended as every i32 in a register.
BuiltinResult grown(std::optional<uint64_t> previous, AddressType type) {
  if (previous) return builtin_value(*previous);
  return builtin_value(type == AddressType::i32 ? uint64_t{0xffff'ffff} : ~uint64_t{0});
}

BuiltinResult memory_grow(VmContext* context, uint64_t memory_idx, uint64_t delta) {
  Memory& memory = memory_of(context, memory_idx);
  // What the type allows is paid for even if the system then refuses, which may depend on it.
  if (memory.may_grow(delta) &&
      !pay_for_bytes(context, Opcode::memory_grow, delta << memory.type().page_size_log2))
    return kFuelTrap;
  return grown(memory.grow(delta), memory.type().address_type);
}

BuiltinResult memory_copy(VmContext* context, uint64_t to, uint64_t from, uint64_t count,
                          uint64_t to_memory, uint64_t from_memory) {
  if (!pay_for_bytes(context, Opcode::memory_copy, count)) return kFuelTrap;
  const Memory& target = memory_of(context, to_memory);
  const Memory& source = memory_of(context, from_memory);
  if (!target.contains(to, count) || !source.contains(from, count)) return kMemoryTrap;
  uint8_t* const to_bytes = target.data() + to;
  const uint8_t* const from_bytes = source.data() + from;
  return in_pieces(context, count, 1, to_bytes > from_bytes, [&](uint64_t at, uint64_t size) {
    std::memmove(to_bytes + at, from_bytes + at, size);
  });
}

BuiltinResult memory_fill(VmContext* context, uint64_t to, uint64_t byte, uint64_t count,
                          uint64_t memory_idx) {
  if (!pay_for_bytes(context, Opcode::memory_fill, count)) return kFuelTrap;
  const Memory& memory = memory_of(context, memory_idx);
  if (!memory.contains(to, count)) return kMemoryTrap;
  return in_pieces(context, count, 1, false, [&](uint64_t at, uint64_t size) {
    std::memset(memory.data() + to + at, static_cast<uint8_t>(byte), size);
  });
}

BuiltinResult memory_init(VmContext* context, uint64_t to, uint64_t from, uint64_t count,
                          uint64_t memory_idx, uint64_t data) {
  if (!pay_for_bytes(context, Opcode::memory_init, count)) return kFuelTrap;
  const bool done =
      instance_of(context).memory_init(MemoryIdx(static_cast<uint32_t>(memory_idx)),
                                       DataIdx(static_cast<uint32_t>(data)), to, from, count);
  return done ? kDone : kMemoryTrap;
}

BuiltinResult data_drop(VmContext* context, uint64_t data) {
  instance_of(context).data_drop(DataIdx(static_cast<uint32_t>(data)));
  return kDone;
}

BuiltinResult table_grow(VmContext* context, uint64_t init, uint64_t delta, uint64_t table_idx) {
  Table& table = table_of(context, table_idx);
  if (table.may_grow(delta) && !pay_for_elements(context, Opcode::table_grow, delta))
    return kFuelTrap;
  return grown(table.grow(delta, init), table.type().address_type);
}

BuiltinResult table_fill(VmContext* context, uint64_t start, uint64_t reference, uint64_t count,
                         uint64_t table_idx) {
  if (!pay_for_elements(context, Opcode::table_fill, count)) return kFuelTrap;
  Table& table = table_of(context, table_idx);
  if (!table.contains(start, count)) return kTableTrap;
  return in_pieces(context, count, sizeof(VmFuncRef), false,
                   [&](uint64_t at, uint64_t size) { table.fill(start + at, size, reference); });
}

BuiltinResult table_copy(VmContext* context, uint64_t to, uint64_t from, uint64_t count,
                         uint64_t to_table, uint64_t from_table) {
  if (!pay_for_elements(context, Opcode::table_copy, count)) return kFuelTrap;
  Table& target = table_of(context, to_table);
  const Table& source = table_of(context, from_table);
  if (!target.contains(to, count) || !source.contains(from, count)) return kTableTrap;
  return in_pieces(context, count, sizeof(VmFuncRef), to > from, [&](uint64_t at, uint64_t size) {
    Table::copy(target, to + at, source, from + at, size);
  });
}

BuiltinResult table_init(VmContext* context, uint64_t to, uint64_t from, uint64_t count,
                         uint64_t table_idx, uint64_t elem) {
  if (!pay_for_elements(context, Opcode::table_init, count)) return kFuelTrap;
  const bool done =
      instance_of(context).table_init(TableIdx(static_cast<uint32_t>(table_idx)),
                                      ElemIdx(static_cast<uint32_t>(elem)), to, from, count);
  return done ? kDone : kTableTrap;
}

BuiltinResult elem_drop(VmContext* context, uint64_t elem) {
  instance_of(context).elem_drop(ElemIdx(static_cast<uint32_t>(elem)));
  return kDone;
}

BuiltinResult table_set(VmContext* context, uint64_t index, uint64_t reference,
                        uint64_t table_idx) {
  Table& table = table_of(context, table_idx);
  if (!table.contains(index, 1)) return kTableTrap;
  table.set(index, reference);
  return kDone;
}

BuiltinResult throw_(VmContext* context, uint64_t tag_idx, uint64_t first_slot) {
  const Instance& instance = instance_of(context);
  const Tag& tag = instance.tag(TagIdx(static_cast<uint32_t>(tag_idx)));
  const Engine& engine = instance.store().engine();
  const std::vector<ValType>& types = engine.types().func_type(tag.type.type).params;
  const Result<VmException*> made =
      instance.store().heap().make_exception(&tag, static_cast<uint32_t>(types.size()));
  if (!made.ok()) return builtin_trap(TrapCode::out_of_heap);
  VmException& exception = **made;
  const auto* slot = reinterpret_cast<const uint64_t*>(first_slot);
  for (size_t i = 0; i < types.size(); ++i, --slot) {
    const bool is_narrow = types[i] == ValType::i32 || types[i] == ValType::f32;
    exception.values()[i].low = is_narrow ? static_cast<uint32_t>(*slot) : *slot;
  }
  return builtin_exception(&exception);
}

BuiltinResult throw_ref(VmContext*, uint64_t reference) {
  if (reference == 0) return builtin_trap(TrapCode::null_exception_reference);
  return builtin_exception(reinterpret_cast<VmException*>(reference));
}

// The number of parameters is written in the row; a function with another number does not compile.
template <class... Parameters>
const void* checked(BuiltinResult (*function)(VmContext*, Parameters...)) {
  return reinterpret_cast<const void*>(function);
}
template <size_t kTextSize, class... Parameters>
const void* with_arity(const char (&)[kTextSize],
                       BuiltinResult (*function)(VmContext*, Parameters...)) {
  static_assert(kTextSize - 1 == sizeof...(Parameters), "as many parameters as the row says");
  return checked(function);
}

}  // namespace

std::span<const void* const, kNumBuiltins> builtin_functions() {
  static const std::array<const void*, kNumBuiltins> functions = {
#define BUILTIN(name, params) with_arity(params, name),
#include "vm/builtins.def"
  };
  return functions;
}

}  // namespace swoop
