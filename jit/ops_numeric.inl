// Members of FunctionCompiler: numeric instructions. Spec: exec/numerics.

public:
#define SWOOP_INT(name, ...)             \
  void on(Op<Opcode::i32_##name>) {      \
    constexpr Width kWidth = Width::w32; \
    __VA_ARGS__;                         \
  }                                      \
  void on(Op<Opcode::i64_##name>) {      \
    constexpr Width kWidth = Width::w64; \
    __VA_ARGS__;                         \
  }
SWOOP_INT(eqz, compare_with_zero(kWidth))
SWOOP_INT(eq, compare(Cond::eq, kWidth))
SWOOP_INT(ne, compare(Cond::ne, kWidth))
SWOOP_INT(lt_s, compare(Cond::lt_s, kWidth))
SWOOP_INT(lt_u, compare(Cond::lt_u, kWidth))
SWOOP_INT(gt_s, compare(Cond::gt_s, kWidth))
SWOOP_INT(gt_u, compare(Cond::gt_u, kWidth))
SWOOP_INT(le_s, compare(Cond::le_s, kWidth))
SWOOP_INT(le_u, compare(Cond::le_u, kWidth))
SWOOP_INT(ge_s, compare(Cond::ge_s, kWidth))
SWOOP_INT(ge_u, compare(Cond::ge_u, kWidth))
SWOOP_INT(clz, count_bits(BitCount::clz, kWidth))
SWOOP_INT(ctz, count_bits(BitCount::ctz, kWidth))
SWOOP_INT(popcnt, count_bits(BitCount::popcnt, kWidth))
SWOOP_INT(add, alu(AluOp::add, kWidth))
SWOOP_INT(sub, alu(AluOp::sub, kWidth))
SWOOP_INT(mul, multiply(kWidth))
SWOOP_INT(div_s, divide(DivOp::div_s, kWidth))
SWOOP_INT(div_u, divide(DivOp::div_u, kWidth))
SWOOP_INT(rem_s, divide(DivOp::rem_s, kWidth))
SWOOP_INT(rem_u, divide(DivOp::rem_u, kWidth))
SWOOP_INT(and, alu(AluOp::and_, kWidth))
SWOOP_INT(or, alu(AluOp::or_, kWidth))
SWOOP_INT(xor, alu(AluOp::xor_, kWidth))
SWOOP_INT(shl, shift(ShiftOp::shl, kWidth))
SWOOP_INT(shr_s, shift(ShiftOp::shr_s, kWidth))
SWOOP_INT(shr_u, shift(ShiftOp::shr_u, kWidth))
SWOOP_INT(rotl, shift(ShiftOp::rotl, kWidth))
SWOOP_INT(rotr, shift(ShiftOp::rotr, kWidth))
SWOOP_INT(extend8_s, sign_extend(8, kWidth))
SWOOP_INT(extend16_s, sign_extend(16, kWidth))
#undef SWOOP_INT
void on(Op<Opcode::i64_extend32_s>) {
  sign_extend(32, Width::w64);
}
void on(Op<Opcode::i64_extend_i32_s>) {
  sign_extend(32, Width::w64);
}

#define SWOOP_FLOAT(name, ...)                     \
  void on(Op<Opcode::f32_##name>) {                \
    constexpr FloatWidth kWidth = FloatWidth::f32; \
    __VA_ARGS__;                                   \
  }                                                \
  void on(Op<Opcode::f64_##name>) {                \
    constexpr FloatWidth kWidth = FloatWidth::f64; \
    __VA_ARGS__;                                   \
  }
SWOOP_FLOAT(eq, float_compare(Cond::f_eq, kWidth))
SWOOP_FLOAT(ne, float_compare(Cond::f_ne, kWidth))
SWOOP_FLOAT(lt, float_compare(Cond::f_lt, kWidth))
SWOOP_FLOAT(gt, float_compare(Cond::f_gt, kWidth))
SWOOP_FLOAT(le, float_compare(Cond::f_le, kWidth))
SWOOP_FLOAT(ge, float_compare(Cond::f_ge, kWidth))
SWOOP_FLOAT(abs, float_unary(FloatUnary::abs, kWidth))
SWOOP_FLOAT(neg, float_unary(FloatUnary::neg, kWidth))
SWOOP_FLOAT(ceil, float_unary(FloatUnary::ceil, kWidth))
SWOOP_FLOAT(floor, float_unary(FloatUnary::floor, kWidth))
SWOOP_FLOAT(trunc, float_unary(FloatUnary::trunc, kWidth))
SWOOP_FLOAT(nearest, float_unary(FloatUnary::nearest, kWidth))
SWOOP_FLOAT(sqrt, float_unary(FloatUnary::sqrt, kWidth))
SWOOP_FLOAT(add, float_binary(FloatOp::add, kWidth))
SWOOP_FLOAT(sub, float_binary(FloatOp::sub, kWidth))
SWOOP_FLOAT(mul, float_binary(FloatOp::mul, kWidth))
SWOOP_FLOAT(div, float_binary(FloatOp::div, kWidth))
SWOOP_FLOAT(min, float_binary(FloatOp::min, kWidth))
SWOOP_FLOAT(max, float_binary(FloatOp::max, kWidth))
SWOOP_FLOAT(copysign, copysign(kWidth))
#undef SWOOP_FLOAT

#define SWOOP_TRUNC(op, to, sign, from, saturating)       \
  void on(Op<Opcode::op>) {                               \
    trunc(Width::to, sign, FloatWidth::from, saturating); \
  }
SWOOP_TRUNC(i32_trunc_f32_s, w32, true, f32, false)
SWOOP_TRUNC(i32_trunc_f32_u, w32, false, f32, false)
SWOOP_TRUNC(i32_trunc_f64_s, w32, true, f64, false)
SWOOP_TRUNC(i32_trunc_f64_u, w32, false, f64, false)
SWOOP_TRUNC(i64_trunc_f32_s, w64, true, f32, false)
SWOOP_TRUNC(i64_trunc_f32_u, w64, false, f32, false)
SWOOP_TRUNC(i64_trunc_f64_s, w64, true, f64, false)
SWOOP_TRUNC(i64_trunc_f64_u, w64, false, f64, false)
SWOOP_TRUNC(i32_trunc_sat_f32_s, w32, true, f32, true)
SWOOP_TRUNC(i32_trunc_sat_f32_u, w32, false, f32, true)
SWOOP_TRUNC(i32_trunc_sat_f64_s, w32, true, f64, true)
SWOOP_TRUNC(i32_trunc_sat_f64_u, w32, false, f64, true)
SWOOP_TRUNC(i64_trunc_sat_f32_s, w64, true, f32, true)
SWOOP_TRUNC(i64_trunc_sat_f32_u, w64, false, f32, true)
SWOOP_TRUNC(i64_trunc_sat_f64_s, w64, true, f64, true)
SWOOP_TRUNC(i64_trunc_sat_f64_u, w64, false, f64, true)
#undef SWOOP_TRUNC

#define SWOOP_CONVERT(op, to, from, sign)       \
  void on(Op<Opcode::op>) {                     \
    convert(FloatWidth::to, Width::from, sign); \
  }
SWOOP_CONVERT(f32_convert_i32_s, f32, w32, true)
SWOOP_CONVERT(f32_convert_i32_u, f32, w32, false)
SWOOP_CONVERT(f32_convert_i64_s, f32, w64, true)
SWOOP_CONVERT(f32_convert_i64_u, f32, w64, false)
SWOOP_CONVERT(f64_convert_i32_s, f64, w32, true)
SWOOP_CONVERT(f64_convert_i32_u, f64, w32, false)
SWOOP_CONVERT(f64_convert_i64_s, f64, w64, true)
SWOOP_CONVERT(f64_convert_i64_u, f64, w64, false)
#undef SWOOP_CONVERT

void on(Op<Opcode::f32_demote_f64>) {
  unary(MachineType::f32, [&](Reg d, Reg a) { masm_.demote(d, a); });
}
void on(Op<Opcode::f64_promote_f32>) {
  unary(MachineType::f64, [&](Reg d, Reg a) { masm_.promote(d, a); });
}
void on(Op<Opcode::i32_reinterpret_f32>) {
  reinterpret(MachineType::i32);
}
void on(Op<Opcode::i64_reinterpret_f64>) {
  reinterpret(MachineType::i64);
}
void on(Op<Opcode::f32_reinterpret_i32>) {
  reinterpret(MachineType::f32);
}
void on(Op<Opcode::f64_reinterpret_i64>) {
  reinterpret(MachineType::f64);
}

void on(Op<Opcode::i32_wrap_i64>) {  // free: whoever needs the upper half clean will clean it
  StackValue v = pop();
  if (is_any_const(v)) {
    push_i32(static_cast<int32_t>(const_bits(v)));
    return;
  }
  const bool is_clean = v.has_width() && v.width() <= 32;
  v.type = MachineType::i32;
  if (v.reg.valid() && !is_clean) v.bits = StackValue::kHighDirty;
  push(v);
}

void on(Op<Opcode::i64_extend_i32_u>) {  // free: an i32 in a register is zero-extended
  StackValue v = pop();
  if (v.is_const()) {
    push_i64(static_cast<uint32_t>(v.aux));
    return;
  }
  if (v.kind != Kind::local || !v.reg.valid() || v.is_high_dirty()) in_clean_reg(v);
  v.type = MachineType::i64;
  push(v);
}

private:
static MachineType int_type(Width w) {
  return w == Width::w32 ? MachineType::i32 : MachineType::i64;
}
static MachineType float_type(FloatWidth w) {
  return w == FloatWidth::f32 ? MachineType::f32 : MachineType::f64;
}

/// The value of an integer operation on constants, computed at the operation's width.
template <class F>
void push_folded(Width w, const StackValue& a, const StackValue& b, F&& f) {
  const uint64_t x = static_cast<uint64_t>(const_bits(a));
  const uint64_t y = static_cast<uint64_t>(const_bits(b));
  if (w == Width::w32)
    push_i32(static_cast<int32_t>(f(static_cast<uint32_t>(x), static_cast<uint32_t>(y))));
  else
    push_i64(static_cast<int64_t>(f(x, y)));
}

static uint64_t fold_alu(AluOp op, uint64_t x, uint64_t y) {
  switch (op) {
    case AluOp::add: return x + y;
    case AluOp::sub: return x - y;
    case AluOp::and_: return x & y;
    case AluOp::or_: return x | y;
    case AluOp::xor_: return x ^ y;
  }
  UNREACHABLE();
}

template <class Int>
static bool holds(Cond cond, Int x, Int y) {
  using Signed = std::make_signed_t<Int>;
  switch (cond) {
    case Cond::eq: return x == y;
    case Cond::ne: return x != y;
    case Cond::lt_s: return Signed(x) < Signed(y);
    case Cond::ge_s: return Signed(x) >= Signed(y);
    case Cond::lt_u: return x < y;
    case Cond::ge_u: return x >= y;
    case Cond::gt_s: return Signed(x) > Signed(y);
    case Cond::le_s: return Signed(x) <= Signed(y);
    case Cond::gt_u: return x > y;
    case Cond::le_u: return x <= y;
    default: UNREACHABLE();
  }
}

/// Makes a popped value fit to be pushed again, perhaps at another position: only the next operator
/// could take a pending load, and a home belongs to one position.
void settle(StackValue& v) {
  const bool elsewhere = v.kind == Kind::home && static_cast<uint32_t>(v.aux) != height_;
  if (v.kind == Kind::memory || elsewhere) in_reg(v);
}

/// A destination for a op b: that of the next local.set, a temporary of an operand, or a new one.
/// May swap a and b.
Dest binary_dest(StackValue& a, StackValue& b, bool commutes, bool fp) {
  Dest d = local_dest(fp);
  if (d.is_local) return d;
  if (a.kind != Kind::reg && commutes && b.kind == Kind::reg) std::swap(a, b);
  d.reg = a.kind == Kind::reg ? a.reg : alloc(fp);
  return d;
}

/// Emits an operation with two operands, the right one in any form.
template <class F>
Dest binary(MachineType type, bool commutes, StackValue& a, StackValue& b, F&& emit) {
  if (b.kind == Kind::pool && !is_float(type)) in_reg(b);
  const Dest d = binary_dest(a, b, commutes, is_float(type));
  // A left operand that must be loaded goes to the destination at once, unless the right one is
  // there.
  const Reg left = in_reg(a, uses_register(b, d.reg) ? Reg() : d.reg);
  emit(d.reg, left, operand(b));
  release_unless(a, d.reg);
  release_unless(b, d.reg);
  finish(type, d);
  return d;
}

template <class F>
void unary(MachineType type, F&& emit) {
  StackValue v = pop();
  push_unary(type, v, emit);
}

template <class F>
void push_unary(MachineType type, StackValue& v, F&& emit) {
  const Reg a = in_reg(v);
  const Dest d = dest_reusing(v, is_float(type));
  emit(d.reg, a);
  release_unless(v, d.reg);
  finish(type, d);
}

void alu(AluOp op, Width w) {
  StackValue b = pop();
  StackValue a = pop();
  if (is_any_const(a) && is_any_const(b)) {
    push_folded(w, a, b, [op](uint64_t x, uint64_t y) { return fold_alu(op, x, y); });
    return;
  }
  if (b.kind == Kind::scaled) {
    if (op == AluOp::add)
      add_scaled(w, a, b);
    else
      and_not(w, a, b);
    return;
  }
  const bool commutes = op != AluOp::sub;
  if (commutes && is_any_const(a)) std::swap(a, b);
  if (is_any_const(b)) {
    if (b.is_const() && b.aux == 0 && op != AluOp::and_) {
      settle(a);
      push(a);
      return;
    }
    if (op == AluOp::xor_ && const_bits(b) == -1) {
      invert_bits(w, a);
      return;
    }
  } else if (op == AluOp::sub && a.is_const() && a.aux == 0) {
    push_unary(int_type(w), b, [&](Reg d, Reg s) { masm_.negate(w, d, s); });
    return;
  }
  if (op == AluOp::and_) {
    if (test_for_branch(w, a, b)) return;
    if (w == Width::w64 && is_any_const(b) && const_bits(b) == 0xffffffff) {
      push_unary(MachineType::i64, a, [&](Reg d, Reg s) { masm_.zero_extend_32(d, s); });
      return;
    }
  }
  unsigned width = 64;
  if (b.is_const()) {
    if (op == AluOp::add && a.has_width() && b.aux > 0 && is_load(next_byte()) &&
        fold_address(a, 0, static_cast<uint32_t>(b.aux)))
      return;
    if (op == AluOp::and_ || a.has_width()) width = alu_width(op, known_width(a), known_width(b));
  } else if (a.has_width() && b.has_width()) {
    width = alu_width(op, known_width(a), known_width(b));
  }
  const Dest dest = binary(int_type(w), commutes, a, b, [&](Reg d, Reg left, Operand right) {
    masm_.alu(op, w, d, left, right);
  });
  if (width < 32) note_width(dest, width);
}

/// How many bits the result may have.
static unsigned alu_width(AluOp op, unsigned left, unsigned right) {
  switch (op) {
    case AluOp::add: return std::max(left, right) + 1;
    case AluOp::sub: return 64;
    case AluOp::and_: return std::min(left, right);
    case AluOp::or_:
    case AluOp::xor_: return std::max(left, right);
  }
  UNREACHABLE();
}
unsigned known_width(const StackValue& v) const {
  if (v.kind == Kind::constant)
    return v.aux >= 0 ? static_cast<unsigned>(std::bit_width(static_cast<uint32_t>(v.aux))) : 64;
  return v.reg.valid() ? v.width() : 64;
}
/// The result that finish() has just pushed has so few bits, fewer than 32.
void note_width(const Dest& d, unsigned width) {
  if (d.is_local && !d.tee) return;
  StackValue& v = stack_[height_ - 1];
  if (!v.is_high_dirty()) v.set_width(width);
}

void add_scaled(Width w, StackValue& a, StackValue& b) {
  const Reg base = in_reg(a);
  Dest d = local_dest(false);
  const Reg index = pending_reg(b);
  if (!d.is_local) d.reg = a.kind == Kind::reg ? base : owns_index(b) ? index : alloc(false);
  masm_.add_scaled(w, d.reg, base, index, b.bits & StackValue::kShift);
  release_unless(a, d.reg);
  release_unless(b, d.reg);
  finish(int_type(w), d);
}

/// Bitwise not. An `and` behind it may take it over.
void invert_bits(Width w, StackValue& a) {
  const Opcode and_opcode = w == Width::w32 ? Opcode::i32_and : Opcode::i64_and;
  if (Opcode(next_byte()) != and_opcode || !masm_.has_and_not()) {
    push_unary(int_type(w), a, [&](Reg d, Reg s) { masm_.bit_not(w, d, s); });
    return;
  }
  const Reg reg = in_reg(a);
  const uint8_t owned = a.kind == Kind::reg ? StackValue::kOwnsIndex : 0;
  push({Kind::scaled, int_type(w), {}, owned, static_cast<int32_t>(reg.index())});
}

/// a & ~b
void and_not(Width w, StackValue& a, StackValue& b) {
  const Reg left = in_reg(a);
  const Reg inverted = pending_reg(b);
  Dest d = local_dest(false);
  if (!d.is_local) d.reg = a.kind == Kind::reg ? left : owns_index(b) ? inverted : alloc(false);
  masm_.and_not(w, d.reg, left, inverted);
  release_unless(a, d.reg);
  release_unless(b, d.reg);
  finish(int_type(w), d);
}

/// `and` right before a branch on it, or on its being zero, needs no result. Spec order is kept: no
/// trap lies between.
bool test_for_branch(Width w, StackValue& a, StackValue& b) {
  const Opcode next = Opcode(next_byte());
  if (w == Width::w64) {
    if (next != Opcode::i64_eqz) return false;
    skip_byte();
  } else if (next != Opcode::br_if && next != Opcode::if_ && next != Opcode::i32_eqz) {
    return false;
  }
  if (b.kind == Kind::pool) in_reg(b);
  const Reg left = in_reg(a);
  masm_.test(w, left, operand(b));
  release(a);
  release(b);
  push_condition(w == Width::w64 ? Cond::eq : Cond::ne);
  return true;
}

void multiply(Width w) {
  StackValue b = pop();
  StackValue a = pop();
  if (is_any_const(a) && is_any_const(b)) {
    push_folded(w, a, b, [](uint64_t x, uint64_t y) { return x * y; });
    return;
  }
  if (is_any_const(a)) std::swap(a, b);
  if constexpr (Masm::kFusesOperators)
    if (multiply_and_add(w, a, b)) return;
  binary(int_type(w), true, a, b,
         [&](Reg d, Reg left, Operand right) { masm_.multiply(w, d, left, right); });
}

void shift(ShiftOp op, Width w) {
  StackValue b = pop();
  StackValue a = pop();
  if (is_any_const(b)) {
    const unsigned count = static_cast<unsigned>(const_bits(b)) & (bits(w) - 1);
    if (is_any_const(a)) {
      push_folded(w, a, b, [&](auto x, auto) { return fold_shift(op, x, count); });
      return;
    }
    if (count == 0) {
      settle(a);
      push(a);
      return;
    }
    b = {Kind::constant, b.type, {}, 0, static_cast<int32_t>(count)};
    if (op == ShiftOp::shl && count <= 3 && w == Width::w32 && a.reg.valid() && a.has_width() &&
        fold_scaled_address(a, count))
      return;
    if constexpr (Masm::kFusesOperators)
      if (extract_bits(op, w, a, count) || shift_operand(op, w, a, b)) return;
    const Opcode add = w == Width::w32 ? Opcode::i32_add : Opcode::i64_add;
    if (op == ShiftOp::shl && count <= 3 && Opcode(next_byte()) == add) {
      const Reg reg = in_reg(a);
      const uint8_t owned = a.kind == Kind::reg ? StackValue::kOwnsIndex : 0;
      push({Kind::scaled,
            int_type(w),
            {},
            static_cast<uint8_t>(count | owned),
            static_cast<int32_t>(reg.index())});
      return;
    }
  }
  const unsigned width = op == ShiftOp::shr_u || a.has_width() ? shift_width(op, w, a, b) : 64;
  const Dest dest = binary(int_type(w), false, a, b, [&](Reg d, Reg left, Operand right) {
    masm_.shift(op, w, d, left, right);
  });
  if (width < 32) note_width(dest, width);
}

// --- Operators that one instruction does, where the machine has it (Masm::kFusesOperators). No
// trap and no side effect lies between them, so that the later ones can be taken with the first.

/// An operator that takes the result of the current one as its right operand, or as either operand
/// with a local for the other.
struct Consumer {
  AluOp op;
  StackValue left;  // the other operand, popped
};
std::optional<Consumer> take_consumer(Width w, bool sums, bool logic) {
  const uint8_t* at = reader_->position();
  const bool with_local = *at == static_cast<uint8_t>(Opcode::local_get) && at[1] < 0x80;
  if (with_local) at += 2;
  Consumer consumer;
  static_assert(static_cast<int>(Opcode::i32_xor) - static_cast<int>(Opcode::i32_add) == 9 &&
                static_cast<int>(Opcode::i64_xor) - static_cast<int>(Opcode::i64_add) == 9);
  const auto first = static_cast<uint8_t>(w == Width::w32 ? Opcode::i32_add : Opcode::i64_add);
  switch (*at - first) {
    case 0: consumer.op = AluOp::add; break;
    case 1: consumer.op = AluOp::sub; break;
    case 7: consumer.op = AluOp::and_; break;
    case 8: consumer.op = AluOp::or_; break;
    case 9: consumer.op = AluOp::xor_; break;
    default: return std::nullopt;
  }
  if (consumer.op <= AluOp::sub ? !sums : !logic) return std::nullopt;
  if (with_local) {
    if (consumer.op == AluOp::sub) return std::nullopt;
    consumer.left = locals_[at[-1]].alias;
  } else {
    if (is_any_const(stack_[height_ - 1])) return std::nullopt;  // better as an immediate
    consumer.left = pop();
  }
  reader_->set_position(at + 1);
  return consumer;
}

/// Where the result goes of an instruction that reads all of its operands before it writes.
template <class... Values>
Dest dest_of(const Values&... operands) {
  Dest d = local_dest(false);
  if (d.is_local) return d;
  ((d.reg = !d.reg.valid() && operands.kind == Kind::reg ? operands.reg : d.reg), ...);
  if (!d.reg.valid()) d.reg = alloc(false);
  return d;
}

/// left op (a shifted by a constant b)
bool shift_operand(ShiftOp shift, Width w, StackValue& a, const StackValue& b) {
  std::optional<Consumer> consumer = take_consumer(w, shift < ShiftOp::rotl, true);
  if (!consumer) return false;
  StackValue& left = consumer->left;
  unsigned width = 64;
  if (shift == ShiftOp::shr_u || a.has_width())
    width = alu_width(consumer->op, known_width(left), shift_width(shift, w, a, b));
  const Reg shifted = in_reg(a);
  const Reg other = in_reg(left);
  const Dest d = dest_of(a, left);
  masm_.alu_shifted(consumer->op, w, d.reg, other, shifted, shift, static_cast<unsigned>(b.aux));
  release_unless(a, d.reg);
  release_unless(left, d.reg);
  finish(int_type(w), d);
  if (width < 32) note_width(d, width);
  return true;
}

/// left + a * b, left - a * b
bool multiply_and_add(Width w, StackValue& a, StackValue& b) {
  // Powers of two and their successors are cheaper without.
  if (is_any_const(b) && (const_bits(b) & (const_bits(b) - 1) & (const_bits(b) - 2)) == 0)
    return false;
  std::optional<Consumer> consumer = take_consumer(w, true, false);
  if (!consumer) return false;
  StackValue& left = consumer->left;
  const Reg x = in_reg(a);
  const Reg y = in_reg(b);
  const Reg addend = in_reg(left);
  const Dest d = dest_of(a, b, left);
  masm_.multiply_add(w, consumer->op == AluOp::sub, d.reg, addend, x, y);
  release_unless(a, d.reg);
  release_unless(b, d.reg);
  release_unless(left, d.reg);
  finish(int_type(w), d);
  return true;
}

/// `(a << b) >> c` and `(a >> b) & mask`: a field of bits. Before a branch on the latter, a test.
bool extract_bits(ShiftOp op, Width w, StackValue& a, unsigned count) {
  const bool narrow = w == Width::w32;
  const uint8_t* at = reader_->position();
  if (*at != static_cast<uint8_t>(narrow ? Opcode::i32_const : Opcode::i64_const)) return false;
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const uint8_t byte = *++at;
    if (shift > 28) return false;
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) {
      if ((byte & 0x40) != 0) return false;  // negative
      break;
    }
  }
  const Opcode next = Opcode(*++at);
  bool is_signed = false;
  unsigned lsb = count;
  unsigned size = 0;
  if (op == ShiftOp::shl) {
    is_signed = next == (narrow ? Opcode::i32_shr_s : Opcode::i64_shr_s);
    if (!is_signed && next != (narrow ? Opcode::i32_shr_u : Opcode::i64_shr_u)) return false;
    const unsigned back = static_cast<unsigned>(value) & (bits(w) - 1);
    if (back < count) return false;
    lsb = back - count;
    size = bits(w) - back;
  } else {
    if (op != ShiftOp::shr_u || next != (narrow ? Opcode::i32_and : Opcode::i64_and)) return false;
    const Opcode after = Opcode(at[1]);
    if (narrow ? after == Opcode::br_if || after == Opcode::if_ || after == Opcode::i32_eqz
               : after == Opcode::i64_eqz) {
      reader_->set_position(narrow ? at + 1 : at + 2);
      const Reg reg = in_reg(a);
      masm_.test(w, reg, Operand::immediate(static_cast<int64_t>(value << count)));
      release(a);
      push_condition(narrow ? Cond::ne : Cond::eq);
      return true;
    }
    size = static_cast<unsigned>(std::bit_width(value));
    if (value == 0 || (value & (value + 1)) != 0 || lsb + size > bits(w)) return false;
  }
  reader_->set_position(at + 1);
  const Reg reg = in_reg(a);
  const Dest d = dest_of(a);
  masm_.extract_bits(is_signed, w, d.reg, reg, lsb, size);
  release_unless(a, d.reg);
  finish(int_type(w), d);
  if (!is_signed && size < 32) note_width(d, size);
  return true;
}

unsigned shift_width(ShiftOp op, Width w, const StackValue& a, const StackValue& b) const {
  if (!b.is_const()) return 64;
  const unsigned count = static_cast<unsigned>(b.aux);
  const unsigned width = std::min(known_width(a), bits(w));
  if (op == ShiftOp::shl) return width + count;
  if (op == ShiftOp::shr_u) return width > count ? width - count : 1;
  return 64;
}

template <class Int>
static Int fold_shift(ShiftOp op, Int x, unsigned count) {
  switch (op) {
    case ShiftOp::shl: return x << count;
    case ShiftOp::shr_u: return x >> count;
    case ShiftOp::shr_s: return static_cast<Int>(static_cast<std::make_signed_t<Int>>(x) >> count);
    case ShiftOp::rotl: return std::rotl(x, static_cast<int>(count));
    case ShiftOp::rotr: return std::rotr(x, static_cast<int>(count));
  }
  UNREACHABLE();
}

void divide(DivOp op, Width w) {
  StackValue b = pop();
  StackValue a = pop();
  if (is_any_const(b) && divide_by_constant(op, w, a, b)) return;
  if (b.kind == Kind::pool) in_reg(b);
  constexpr RegSet kClobbers = Masm::kDivideClobbers;
  claim(kClobbers);
  const Reg divisor = b.reg;
  const bool into_place = !kClobbers.empty() && !(divisor.valid() && kClobbers.has(divisor));
  const Reg left = in_reg(a, into_place ? kClobbers.first() : Reg());
  const Dest d = dest_in(kClobbers, Masm::divide_result(op), a);
  masm_.divide(op, w, d.reg, left, operand(b), wasm_offset());
  release(b);
  finish_in(kClobbers, int_type(w), a, d);
}

/// Where the result of a division goes: that of the next local.set, where the machine leaves it if
/// it clobbers fixed registers, else a register as for other operators.
Dest dest_in(RegSet clobbers, Reg result, const StackValue& a) {
  Dest d = local_dest(false);
  if (!d.is_local) {
    d.reg = !clobbers.empty() ? result : a.kind == Kind::reg ? a.reg : alloc(false);
  }
  return d;
}
void finish_in(RegSet clobbers, MachineType type, const StackValue& a, const Dest& d) {
  release(a);
  free_ = free_ | clobbers;
  if (!d.is_local) free_.remove(d.reg);
  finish(type, d);
}

/// Makes fixed registers free and takes them, except where operands that are popped have them.
void claim(RegSet wanted) {
  for (RegSet regs = wanted; !regs.empty();) {
    const Reg reg = regs.take_first();
    if (!free_.has(reg) && owner_of(reg) != kNoOwner) evacuate(reg, wanted);
    if (free_.has(reg)) take(reg);
  }
}

/// False for what may trap.
bool divide_by_constant(DivOp op, Width w, StackValue& a, StackValue& b) {
  const int64_t value = const_bits(b);
  const bool is_minus_one = is_signed(op) && value == -1;
  if (value == 0 || (is_minus_one && op == DivOp::div_s)) return false;
  if (is_any_const(a)) {
    push_folded(w, a, b, [op](auto x, auto y) { return fold_divide(op, x, y); });
    return true;
  }
  if (value == 1 || is_minus_one) {
    if (!is_remainder(op)) {
      settle(a);
      push(a);
      return true;
    }
    release(a);
    push_bits(int_type(w), 0, true);
    return true;
  }
  const uint64_t divisor =
      w == Width::w32 ? static_cast<uint32_t>(value) : static_cast<uint64_t>(value);
  if (is_signed(op) || !std::has_single_bit(divisor)) {
    multiply_instead(op, w, a, divisor);
  } else if (op == DivOp::div_u) {
    StackValue count{Kind::constant, b.type, {}, 0, std::countr_zero(divisor)};
    binary(int_type(w), false, a, count,
           [&](Reg d, Reg left, Operand right) { masm_.shift(ShiftOp::shr_u, w, d, left, right); });
  } else {
    push_bits(
        int_type(w),
        w == Width::w32 ? static_cast<int32_t>(divisor - 1) : static_cast<int64_t>(divisor - 1),
        w == Width::w32 || divisor - 1 <= INT32_MAX);
    StackValue mask = pop();
    binary(int_type(w), false, a, mask,
           [&](Reg d, Reg left, Operand right) { masm_.alu(AluOp::and_, w, d, left, right); });
  }
  return true;
}

template <class Int>
static Int fold_divide(DivOp op, Int x, Int y) {
  using Signed = std::make_signed_t<Int>;
  switch (op) {
    case DivOp::div_s: return static_cast<Int>(Signed(x) / Signed(y));
    case DivOp::div_u: return x / y;
    case DivOp::rem_s: return Signed(y) == -1 ? 0 : static_cast<Int>(Signed(x) % Signed(y));
    case DivOp::rem_u: return x % y;
  }
  UNREACHABLE();
}

void multiply_instead(DivOp op, Width w, StackValue& a, uint64_t divisor) {
  const RegSet clobbers = Masm::constant_divide_clobbers(w);
  claim(clobbers);
  const Reg left = is_signed(op) ? in_reg(a) : in_clean_reg(a);
  const Dest d = dest_in(clobbers, Masm::constant_divide_result(op), a);
  masm_.divide_by_constant(op, w, d.reg, left, divisor);
  finish_in(clobbers, int_type(w), a, d);
}

void count_bits(BitCount op, Width w) {
  unary(int_type(w), [&](Reg d, Reg a) { masm_.count_bits(op, w, d, a); });
}

void sign_extend(uint32_t from_bits, Width w) {
  if (is_any_const(stack_[height_ - 1])) {
    const StackValue v = pop();
    const unsigned unused = 64 - from_bits;
    const int64_t value =
        static_cast<int64_t>(static_cast<uint64_t>(const_bits(v)) << unused) >> unused;
    if (w == Width::w32)
      push_i32(static_cast<int32_t>(value));
    else
      push_i64(value);
    return;
  }
  unary(int_type(w), [&](Reg d, Reg a) { masm_.sign_extend(from_bits, w, d, a); });
}

void compare(Cond cond, Width w) {
  StackValue b = pop();
  StackValue a = pop();
  if (is_any_const(a)) {
    if (is_any_const(b)) {
      const uint64_t x = static_cast<uint64_t>(const_bits(a));
      const uint64_t y = static_cast<uint64_t>(const_bits(b));
      push_i32(w == Width::w32 ? holds(cond, static_cast<uint32_t>(x), static_cast<uint32_t>(y))
                               : holds(cond, x, y));
      return;
    }
    std::swap(a, b);
    cond = swap_operands(cond);
  }
  if (b.kind == Kind::pool) in_reg(b);
  const bool slot_form = in_slot(a) && (b.is_const() || b.reg.valid());
  const Operand left = slot_form ? Operand::of(slot_of(a)) : Operand::of(in_reg(a));
  if (b.is_const() && b.aux == 0 && cond > Cond::ne && !slot_form)
    masm_.test(w, left.reg(), left);
  else
    masm_.compare(w, left, operand(b));
  release(a);
  release(b);
  push_condition(cond);
}

void compare_with_zero(Width w) {
  StackValue v = pop();
  if (is_any_const(v)) {
    push_i32(const_bits(v) == 0);
    return;
  }
  masm_.compare(w, in_slot(v) ? Operand::of(slot_of(v)) : Operand::of(in_reg(v)),
                Operand::immediate(0));
  release(v);
  push_condition(Cond::eq);
}

void float_binary(FloatOp op, FloatWidth w) {
  StackValue b = pop();
  StackValue a = pop();
  const bool fixed_order = op != FloatOp::add && op != FloatOp::mul;
  if (op == FloatOp::min || op == FloatOp::max) in_reg(b);
  binary(float_type(w), !fixed_order, a, b,
         [&](Reg d, Reg left, Operand right) { masm_.float_binary(op, w, d, left, right); });
}

void float_unary(FloatUnary op, FloatWidth w) {
  unary(float_type(w), [&](Reg d, Reg a) { masm_.float_unary(op, w, d, a); });
}

void copysign(FloatWidth w) {
  StackValue b = pop();
  StackValue a = pop();
  in_reg(b);
  binary(float_type(w), false, a, b,
         [&](Reg d, Reg left, Operand right) { masm_.float_copysign(w, d, left, right.reg()); });
}

void float_compare(Cond cond, FloatWidth w) {
  StackValue b = pop();
  StackValue a = pop();
  const Reg left = in_reg(a);
  masm_.float_compare(cond, w, left, operand(b));
  release(a);
  release(b);
  push_condition(cond);
}

void trunc(Width to, bool is_signed, FloatWidth from, bool saturating) {
  StackValue v = pop();
  const Reg a = in_reg(v);
  const Dest d = any_dest(false);
  masm_.trunc(to, is_signed, from, d.reg, a, saturating, wasm_offset());
  release(v);
  finish(int_type(to), d);
}

void convert(FloatWidth to, Width from, bool is_signed) {
  StackValue v = pop();
  const Reg a = is_signed ? in_reg(v) : in_clean_reg(v);
  const Dest d = any_dest(true);
  masm_.convert(to, from, is_signed, d.reg, a);
  release(v);
  finish(float_type(to), d);
}

void reinterpret(MachineType type) {
  StackValue v = pop();
  if (is_any_const(v)) {
    const int64_t bits = const_bits(v);
    push_bits(type, bits,
              type == MachineType::i32 || type == MachineType::f32 ||
                  (type == MachineType::i64 ? bits == static_cast<int32_t>(bits) : bits == 0));
    return;
  }
  if (in_slot(v)) {  // the slot holds the same bits
    v.type = type;
    push(v);
    return;
  }
  const Reg a = in_reg(v);
  const Dest d = any_dest(is_float(type));
  masm_.reinterpret(type, d.reg, a);
  release(v);
  finish(type, d);
}

public:
