// Members of FunctionCompiler: memory instructions. Spec: exec/instructions#memory-instructions.

public:
#define SWOOP_LOAD(name, op)                        \
  void on(Op<Opcode::name>, const MemArg& memarg) { \
    load(LoadOp::op, memarg);                       \
  }
SWOOP_LOAD(i32_load, i32)
SWOOP_LOAD(i64_load, i64)
SWOOP_LOAD(f32_load, f32)
SWOOP_LOAD(f64_load, f64)
SWOOP_LOAD(i32_load8_s, i32_s8)
SWOOP_LOAD(i32_load8_u, i32_u8)
SWOOP_LOAD(i32_load16_s, i32_s16)
SWOOP_LOAD(i32_load16_u, i32_u16)
SWOOP_LOAD(i64_load8_s, i64_s8)
SWOOP_LOAD(i64_load8_u, i64_u8)
SWOOP_LOAD(i64_load16_s, i64_s16)
SWOOP_LOAD(i64_load16_u, i64_u16)
SWOOP_LOAD(i64_load32_s, i64_s32)
SWOOP_LOAD(i64_load32_u, i64_u32)
#undef SWOOP_LOAD

#define SWOOP_STORE(name, op)                       \
  void on(Op<Opcode::name>, const MemArg& memarg) { \
    store(StoreOp::op, memarg);                     \
  }
SWOOP_STORE(i32_store, i32)
SWOOP_STORE(i64_store, i64)
SWOOP_STORE(f32_store, f32)
SWOOP_STORE(f64_store, f64)
SWOOP_STORE(i32_store8, i8)
SWOOP_STORE(i32_store16, i16)
SWOOP_STORE(i64_store8, i8)
SWOOP_STORE(i64_store16, i16)
SWOOP_STORE(i64_store32, i32)
#undef SWOOP_STORE

void on(Op<Opcode::memory_size>, MemoryIdx memory) {
  const Dest d = any_dest(false);
  masm_.memory_size(d.reg, context_.layout.memory(memory));
  finish(MachineType::i32, d);
}

void on(Op<Opcode::memory_grow>, MemoryIdx memory) {
  StackValue delta = pop();
  call_builtin<2>(Builtin::memory_grow, {constant_i32(to_underlying(memory)), delta});
  masm_.reload_memory_base();  // any memory may be memory 0 under another index
  push_builtin_result(MachineType::i32);
}

void on(Op<Opcode::memory_copy>, MemoryIdx destination, MemoryIdx source) {
  if (copy_inline(destination, source)) return;
  copy_like(Builtin::memory_copy, to_underlying(destination), to_underlying(source));
}
void on(Op<Opcode::memory_init>, DataIdx data, MemoryIdx memory) {
  copy_like(Builtin::memory_init, to_underlying(memory), to_underlying(data));
}
void on(Op<Opcode::memory_fill>, MemoryIdx memory) {
  if (fill_inline(memory)) return;
  StackValue count = pop();
  StackValue byte = pop();
  StackValue start = pop();
  call_builtin<4>(Builtin::memory_fill, {start, byte, count, constant_i32(to_underlying(memory))});
}
void on(Op<Opcode::data_drop>, DataIdx data) {
  call_builtin<1>(Builtin::data_drop, {constant_i32(to_underlying(data))});
}

private:
/// Turns a popped address into a reference; `v` then owns the index register, if there is one to
/// own.
MemRef address(StackValue& v, const MemArg& memarg, uint32_t size) {
  uint32_t site = wasm_offset();
  if constexpr (Masm::kSkipsComparisons)
    if (is_in_bounds(v, memarg, size)) site = MemRef::kInBounds;
  const uint32_t offset = static_cast<uint32_t>(memarg.offset);
  const int32_t memory = context_.layout.memory(memarg.memory);
  if (v.is_const()) {
    const uint64_t effective = uint64_t{static_cast<uint32_t>(v.aux)} + offset;
    if (effective <= INT32_MAX) return {{}, static_cast<uint32_t>(effective), site, memory};
  }
  return {in_clean_reg(v), offset, site, memory};
}

/// As address(), for one load or store: one whose index is a local may find its address where an
/// earlier one left it, or leave it to later ones.
MemRef access_address(StackValue& v, const MemArg& memarg, uint32_t size) {
  if constexpr (Masm::kKeepsAddresses) {
    if (v.kind == Kind::local && memarg.memory == MemoryIdx{0} && memarg.offset <= INT32_MAX &&
        masm_.can_keep_addresses()) {
      const auto local = static_cast<uint32_t>(v.aux);
      const auto offset = static_cast<uint32_t>(memarg.offset);
      const bool is_pinned = v.reg.valid();
      if (offset != 0 || !is_pinned) {
        Reg at = masm_.kept_address(local);
        if (!at.valid() && offset != 0) {
          StackValue index = v;
          at = masm_.keep_address(local, in_reg(index));
          if (!is_pinned) release(index);
        }
        if (at.valid()) return Masm::at_kept(at, offset, wasm_offset());
      }
    }
  }
  return address(v, memarg, size);
}

/// Whether an access is in bounds because the memory is never smaller, or because another one was
/// that went at least as far from the same local; if not, it will be compared, and tells for later
/// ones. Memories never shrink.
bool is_in_bounds(const StackValue& v, const MemArg& memarg, uint32_t size) {
  const uint64_t end = memarg.offset + size;
  if (end > INT32_MAX) return false;
  if (max_index(v) + end <= least_bytes(memarg.memory)) return true;
  if (v.kind != Kind::local || memarg.memory != MemoryIdx{0}) return false;
  Checked& checked = checked_[static_cast<uint32_t>(v.aux)];
  const uint32_t joins = masm_.num_joins();
  if (checked.joins == joins && end <= checked.end) return true;
  checked = {static_cast<uint32_t>(end), joins};
  return false;
}

uint64_t max_index(const StackValue& v) const {
  if (v.is_const()) return static_cast<uint32_t>(v.aux);
  return (uint64_t{1} << std::min(known_width(v), 32u)) - 1;
}

uint64_t least_bytes(MemoryIdx memory) const {
  const MemoryType& type = context_.module.memories[memory].type;
  return type.limits.min << type.page_size_log2;
}

/// What the next operator, a load, adds to its address, and above, the power of two by which it
/// multiplies the operand before.
uint64_t address_parts_ = 0;

/// A load from what fold_address left for it.
[[gnu::noinline]] MemRef address_of_parts(StackValue& v, const MemArg& memarg,
                                          [[maybe_unused]] uint32_t size) {
  const uint32_t addition = static_cast<uint32_t>(address_parts_);
  const uint8_t scale = static_cast<uint8_t>(address_parts_ >> 32);
  address_parts_ = 0;
  const uint64_t offset = memarg.offset + addition;
  MemRef memory{in_reg(v), static_cast<uint32_t>(offset), wasm_offset(),
                context_.layout.memory(memarg.memory), scale};
  if constexpr (Masm::kSkipsComparisons)
    if ((max_index(v) << scale) + offset + size <= least_bytes(memarg.memory))
      memory.wasm_offset = MemRef::kInBounds;
  if (offset > INT32_MAX) {  // the machine could not reach it: the address after all
    const Reg d = v.kind == Kind::reg ? v.reg : alloc(false);
    masm_.shift(ShiftOp::shl, Width::w32, d, v.reg, Operand::immediate(scale));
    masm_.alu(AluOp::add, Width::w32, d, d, Operand::immediate(addition));
    v = {Kind::reg, MachineType::i32, d, 0, 0};
    memory = {d, static_cast<uint32_t>(memarg.offset), wasm_offset(), memory.memory};
  }
  return memory;
}

static bool is_load(uint8_t opcode) {
  return opcode >= static_cast<uint8_t>(Opcode::i32_load) &&
         opcode <= static_cast<uint8_t>(Opcode::i64_load32_u);
}

/// Leaves a shift or an addition to the load that follows, if the sum cannot wrap around.
bool fold_address(StackValue& a, unsigned scale, uint32_t offset) {
  if (!a.reg.valid() || a.width() + scale > 31 || offset > INT32_MAX / 2) return false;
  address_parts_ = offset | uint64_t{scale} << 32;
  push(a);
  return true;
}

/// After a shift by `scale`: the same with a constant that is added before the load.
bool fold_scaled_address(StackValue& a, unsigned scale) {
  if (a.width() + scale > 31) return false;
  const uint8_t* at = reader_->position();
  if (is_load(*at)) return fold_address(a, scale, 0);
  if (*at != static_cast<uint8_t>(Opcode::i32_const)) return false;
  uint32_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const uint32_t byte = *++at;
    value |= (byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (shift < 28 && (byte & 0x40) != 0) return false;  // negative
    break;
  }
  if (at[1] != static_cast<uint8_t>(Opcode::i32_add) || !is_load(at[2])) return false;
  if (!fold_address(a, scale, value)) return false;
  reader_->set_position(at + 2);
  return true;
}

/// Whether the next operator can take what is loaded now as its memory operand, on the right.
bool next_folds_load(LoadOp op) const {
  if (height_ == control_.back().height) return false;
  const uint8_t next = next_byte();
  const auto between = [next](Opcode first, Opcode last) {
    return next >= static_cast<uint8_t>(first) && next <= static_cast<uint8_t>(last);
  };
  switch (op) {
    case LoadOp::i32:
      return between(Opcode::i32_add, Opcode::i32_mul) ||
             between(Opcode::i32_and, Opcode::i32_xor) || between(Opcode::i32_eq, Opcode::i32_ge_u);
    case LoadOp::i64:
      return between(Opcode::i64_add, Opcode::i64_mul) ||
             between(Opcode::i64_and, Opcode::i64_xor) || between(Opcode::i64_eq, Opcode::i64_ge_u);
    case LoadOp::f32:
      return between(Opcode::f32_add, Opcode::f32_div) || between(Opcode::f32_eq, Opcode::f32_ge);
    case LoadOp::f64:
      return between(Opcode::f64_add, Opcode::f64_div) || between(Opcode::f64_eq, Opcode::f64_ge);
    default: return false;
  }
}

void load(LoadOp op, const MemArg& memarg) {
  StackValue v = pop();
  const MemRef memory = address_parts_ == 0 ? access_address(v, memarg, access_size(op))
                                            : address_of_parts(v, memarg, access_size(op));
  const MachineType type = result_type(op);
  if (next_folds_load(op)) {
    pending_load_ = memory;
    push({Kind::memory, type, {}, v.kind == Kind::reg ? StackValue::kOwnsIndex : uint8_t{0}, 0});
    return;
  }
  const Dest d = dest_reusing(v, is_float(type));
  masm_.load(op, d.reg, memory);
  release_unless(v, d.reg);
  finish(type, d);
  if (const unsigned width = loaded_width(op); width != 0) note_width(d, width);
}

void store(StoreOp op, const MemArg& memarg) {
  StackValue value = pop();
  StackValue index = pop();
  const bool immediate = value.is_const();
  const Operand operand =
      immediate ? Operand::immediate(const_bits(value)) : Operand::of(in_reg(value));
  masm_.store(op, operand, access_address(index, memarg, access_size(op)));
  release(value);
  release(index);
}

/// Whether [v, v + size) can be a memory operand.
static bool is_addressable(const StackValue& v, uint32_t size) {
  return !v.is_const() || static_cast<uint32_t>(v.aux) <= INT32_MAX - size;
}

/// memory.copy of a few bytes. False: that is not what it is.
bool copy_inline(MemoryIdx destination, MemoryIdx source) {
  const StackValue& count = stack_[height_ - 1];
  const auto size = static_cast<uint32_t>(count.aux);
  if (!count.is_const() || size < Masm::kMinCopy || size > Masm::kMaxRange) return false;
  if (!is_addressable(stack_[height_ - 2], size) || !is_addressable(stack_[height_ - 3], size))
    return false;
  charge_bytes(Opcode::memory_copy, size);
  pop();
  StackValue from = pop();
  StackValue to = pop();
  const MemRef from_memory = address(from, {source}, size);
  const MemRef to_memory = address(to, {destination}, size);
  RegSet temps;
  for (uint32_t i = Masm::copy_temps(size); i > 0; --i) temps.add(alloc(true));
  masm_.copy(to_memory, from_memory, size, temps);
  free_ = free_ | temps;
  release(from);
  release(to);
  return true;
}

/// The same for a constant byte.
bool fill_inline(MemoryIdx memory) {
  const StackValue& count = stack_[height_ - 1];
  const StackValue& byte = stack_[height_ - 2];
  const auto size = static_cast<uint32_t>(count.aux);
  if (!count.is_const() || !byte.is_const() || size == 0 || size > Masm::kMaxRange) return false;
  if (!is_addressable(stack_[height_ - 3], size)) return false;
  charge_bytes(Opcode::memory_fill, size);
  const auto value = static_cast<uint8_t>(byte.aux);
  pop();
  pop();
  StackValue to = pop();
  masm_.fill(address(to, {memory}, size), size, value);
  release(to);
  return true;
}

public:
