// Members of FunctionCompiler: parametric, variable, constant, reference and table instructions.
// Spec: exec/instructions#parametric-instructions and following.

public:
void on(Op<Opcode::drop>) {
  release(pop());
}

void on(Op<Opcode::select>) {
  select();
}
void on(Op<Opcode::select_t>, const SelectTypes&) {
  select();
}

void on(Op<Opcode::local_get>, LocalIdx local) {
  push(locals_[to_underlying(local)].alias);
}
void on(Op<Opcode::local_set>, LocalIdx local) {
  set_local(to_underlying(local), false);
}
void on(Op<Opcode::local_tee>, LocalIdx local) {
  set_local(to_underlying(local), true);
}

void on(Op<Opcode::global_get>, GlobalIdx global) {
  const GlobalDecl& decl = context_.module.globals[global];
  const MachineType type = machine_type(decl.type.type);
  if (!decl.type.is_mutable && to_underlying(global) >= context_.module.num_imported_globals) {
    switch (decl.init.kind) {
      case ConstExpr::Kind::i32: push_i32(static_cast<int32_t>(decl.init.bits)); return;
      case ConstExpr::Kind::i64: push_i64(static_cast<int64_t>(decl.init.bits)); return;
      case ConstExpr::Kind::f32:
      case ConstExpr::Kind::f64:
        push_bits(type, static_cast<int64_t>(decl.init.bits),
                  type == MachineType::f32 || decl.init.bits == 0);
        return;
      default: break;
    }
  }
  const Dest d = any_dest(is_float(type));
  if (context_.layout.global_is_indirect(global))
    masm_.load_global_indirect(type, d.reg, context_.layout.global(global));
  else
    masm_.load_context(type, d.reg, context_.layout.global(global));
  finish(type, d);
}

void on(Op<Opcode::global_set>, GlobalIdx global) {
  StackValue v = pop();
  const Reg reg = in_reg(v);
  if (context_.layout.global_is_indirect(global))
    masm_.store_global_indirect(v.type, context_.layout.global(global), reg);
  else
    masm_.store_context(v.type, context_.layout.global(global), reg);
  release(v);
}

void on(Op<Opcode::i32_const>, int32_t value) {
  push_i32(value);
}
void on(Op<Opcode::i64_const>, int64_t value) {
  push_i64(value);
}
void on(Op<Opcode::f32_const>, uint32_t bits) {
  push_bits(MachineType::f32, bits, true);
}
void on(Op<Opcode::f64_const>, uint64_t bits) {
  push_bits(MachineType::f64, static_cast<int64_t>(bits), bits == 0);
}

void on(Op<Opcode::ref_null>, HeapType) {
  push_i64(0);
}
void on(Op<Opcode::ref_is_null>) {
  compare_with_zero(Width::w64);
}
void on(Op<Opcode::ref_func>, FuncIdx func) {
  const Dest d = any_dest(false);
  masm_.load_func_ref(d.reg, to_underlying(func));
  finish(MachineType::i64, d);
}

// One word is a reference's identity, and the same word on both sides of extern (vm/object.h).
void on(Op<Opcode::ref_eq>) {
  compare(Cond::eq, Width::w64);
}
void on(Op<Opcode::any_convert_extern>) {}
void on(Op<Opcode::extern_convert_any>) {}

void on(Op<Opcode::ref_i31>) {
  if (is_any_const(stack_[height_ - 1])) {
    push_i64(static_cast<int64_t>(i31_reference(static_cast<uint32_t>(const_bits(pop())))));
    return;
  }
  unary(MachineType::i64, [&](Reg d, Reg a) {
    masm_.shift(ShiftOp::shl, Width::w32, d, a, Operand::immediate(1));
    masm_.alu(AluOp::or_, Width::w32, d, d, Operand::immediate(1));
  });
}
void on(Op<Opcode::i31_get_s>) {
  get_i31(ShiftOp::shr_s);
}
void on(Op<Opcode::i31_get_u>) {
  get_i31(ShiftOp::shr_u);
}

void on(Op<Opcode::table_get>, TableIdx table) {
  StackValue index = pop();
  const Reg index_reg = in_clean_reg(index);
  const Dest d = dest_reusing(index, false);
  masm_.table_get(d.reg, index_reg, context_.layout.table(table), holds_functions(table),
                  wasm_offset());
  release_unless(index, d.reg);
  finish(MachineType::i64, d);
}

void on(Op<Opcode::table_set>, TableIdx table) {
  StackValue value = pop();
  StackValue index = pop();
  if (holds_functions(table)) {
    call_builtin<3>(Builtin::table_set, {index, value, constant_i32(to_underlying(table))});
    return;
  }
  const Reg value_reg = in_reg(value);
  masm_.table_set(in_clean_reg(index), value_reg, context_.layout.table(table), wasm_offset());
  release(value);
  release(index);
}

void on(Op<Opcode::table_size>, TableIdx table) {
  const Dest d = any_dest(false);
  masm_.table_size(d.reg, context_.layout.table(table));
  finish(MachineType::i32, d);
}

void on(Op<Opcode::table_grow>, TableIdx table) {
  StackValue delta = pop();
  StackValue init = pop();
  call_builtin<3>(Builtin::table_grow, {init, delta, constant_i32(to_underlying(table))});
  push_builtin_result(MachineType::i32);
}

void on(Op<Opcode::table_fill>, TableIdx table) {
  StackValue count = pop();
  StackValue value = pop();
  StackValue start = pop();
  call_builtin<4>(Builtin::table_fill, {start, value, count, constant_i32(to_underlying(table))});
}

void on(Op<Opcode::table_copy>, TableIdx destination, TableIdx source) {
  copy_like(Builtin::table_copy, to_underlying(destination), to_underlying(source));
}
void on(Op<Opcode::table_init>, ElemIdx elem, TableIdx table) {
  copy_like(Builtin::table_init, to_underlying(table), to_underlying(elem));
}
void on(Op<Opcode::elem_drop>, ElemIdx elem) {
  call_builtin<1>(Builtin::elem_drop, {constant_i32(to_underlying(elem))});
}

private:
bool holds_functions(TableIdx table) const {
  return context_.types.is_subtype(context_.module.tables[table].type.element, ValType::funcref);
}

void get_i31(ShiftOp op) {
  unary(MachineType::i32, [&](Reg d, Reg a) {
    masm_.compare(Width::w64, Operand::of(a), Operand::immediate(0));
    masm_.trap_if(Cond::eq, TrapCode::null_i31_reference, wasm_offset());
    masm_.shift(op, Width::w32, d, a, Operand::immediate(1));
  });
}

void push_builtin_result(MachineType type) {
  free_.remove(Masm::kResultGp);
  push_reg(type, Masm::kResultGp);
}

/// Destination, source and size from the stack, then two indices.
void copy_like(Builtin builtin, uint32_t first, uint32_t second) {
  StackValue count = pop();
  StackValue source = pop();
  StackValue destination = pop();
  call_builtin<5>(builtin, {destination, source, count, constant_i32(first), constant_i32(second)});
}

void set_local(uint32_t index, bool tee) {
  const Local& local = locals_[index];
  StackValue v = pop();
  if (v.kind == Kind::local && static_cast<uint32_t>(v.aux) == index) {
    if (tee) push(v);
    return;
  }
  materialize_aliases(index);
  if (local.reg().valid()) {
    load_into(v, local.reg());
    release(v);
    if (tee) push(local.alias);
    return;
  }
  if (is_any_const(v)) {
    masm_.store_slot_const(v.type, local.slot, const_bits(v));
    if (tee) push(v);
    return;
  }
  const Reg reg = in_reg(v);
  masm_.store_slot(v.type, local.slot, reg);
  if (context_.poison_upper_halves && v.type == MachineType::i32)
    masm_.poison_upper_half(local.slot);
  if (tee && v.kind == Kind::reg) {
    push(v);  // a register is the better alias
  } else {
    release(v);
    if (tee) push(local.alias);
  }
}

void select() {
  const Cond cond = pop_condition();
  StackValue if_false = pop();
  StackValue if_true = pop();
  const MachineType type = if_true.type;
  const bool fp = is_float(type);
  const Reg true_reg = in_reg(if_true);
  const Reg false_reg = in_reg(if_false);
  Dest d = local_dest(fp);
  if (!d.is_local) {
    if (if_true.kind == Kind::reg)
      d.reg = true_reg;
    else if (if_false.kind == Kind::reg)
      d.reg = false_reg;
    else
      d.reg = alloc(fp);
  }
  masm_.select(cond, type, d.reg, true_reg, false_reg);
  release_unless(if_true, d.reg);
  release_unless(if_false, d.reg);
  finish(type, d);
}

public:
