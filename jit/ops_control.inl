// Members of FunctionCompiler: control instructions and calls. Spec:
// exec/instructions#control-instructions.

void on(Op<Opcode::unreachable>) {
  masm_.trap(TrapCode::unreachable, wasm_offset());
  mark_unreachable();
}
void on(Op<Opcode::nop>) {}

void on(Op<Opcode::block>, const BlockType& type) {
  begin_block(Control::Kind::block, type);
}
void on(Op<Opcode::loop>, const BlockType& type) {
  begin_block(Control::Kind::loop, type);
}
void on(Op<Opcode::if_>, const BlockType& type) {
  const Cond cond = pop_condition();
  begin_block(Control::Kind::if_, type);  // only stores: the flags live on
  masm_.jump_if(invert(cond), control_.back().to_else);
}

void on(Op<Opcode::else_>) {
  Control& control = control_.back();
  if (!unreachable_) {
    place_results_for_end(control);
    masm_.jump(control.exits);
  }
  masm_.bind(control.to_else);
  control.to_else = {};
  control.kind = Control::Kind::else_;
  unreachable_ = false;
  drop_to(control.height);
  forget_registers();
  if (control.num_params != 0) push_home(control.type->params);
}

void on(Op<Opcode::end>) {
  Control& control = control_.back();
  if (!unreachable_) place_results_for_end(control);
  if (control.may_catch()) end_region(control);
  if (!control.to_else.empty()) {
    // An `if` without `else`: parameters are the results, and a lone one must change its place.
    if (control.takes_result_register()) {
      if (!unreachable_) masm_.jump(control.exits);
      masm_.bind(control.to_else);
      masm_.load_slot(control.result_type, result_reg(control.result_type), home(control.height));
    } else {
      masm_.bind(control.to_else);
    }
    unreachable_ = false;
  }
  if (!control.exits.empty() || control.has_table_entries) {
    masm_.bind(control.exits);
    if (control.table_label != kNoLabel && control.kind != Control::Kind::loop)
      masm_.bind_label(control.table_label, masm_.offset());
    unreachable_ = false;
  }
  if (control.is_function) {
    if (!unreachable_) end_function(control);
    control_.pop_back();
    return;
  }
  continue_after_end(control);
}

void on(Op<Opcode::br>, LabelIdx label) {
  branch(control_at(label));
  mark_unreachable();
}
void on(Op<Opcode::return_>) {
  branch(control_.front());
  mark_unreachable();
}
void on(Op<Opcode::br_if>, LabelIdx label) {
  const Cond cond = pop_condition();
  branch_if(cond, control_at(label));
}

void on(Op<Opcode::br_table>, const BrTable& table) {
  constexpr uint32_t kMaxCompares = 3;
  StackValue index = pop();
  LabelIdx last{};
  uint32_t left = table.count();
  table.for_each([&](LabelIdx label) { last = label; });
  Control& fallback = control_at(last);
  if (left == 0) {
    release(index);
    branch(fallback);
    mark_unreachable();
    return;
  }

  const Reg reg = in_own_reg(index);
  Reg index_reg = reg;
  if (fallback.label_arity() == 1) {  // the result register must not hold the index
    const MachineType type = stack_[height_ - 1].type;
    if (index_reg == result_reg(type)) {
      index_reg = alloc(false);
      masm_.move(MachineType::i32, index_reg, reg);
      free_.add(reg);
    }
    place_result(type);
  }

  if (left <= kMaxCompares) {
    uint32_t i = 0;
    table.for_each([&](LabelIdx label) {
      if (i == left) return;
      masm_.compare(Width::w32, Operand::of(index_reg), Operand::immediate(i++));
      branch_if(Cond::eq, control_at(label));
    });
    free_.add(index_reg);
    branch(fallback);
    mark_unreachable();
    return;
  }

  masm_.compare(Width::w32, Operand::of(index_reg), Operand::immediate(left));
  branch_if(Cond::ge_u, fallback);
  masm_.jump_table(index_reg);
  free_.add(index_reg);
  stubs_.clear();
  table.for_each([&](LabelIdx label) {
    if (left-- == 0) return;
    Control& target = control_at(label);
    if (!branch_needs_moves(target)) {
      masm_.add_jump_table_entry(table_label(target));
      return;
    }
    if (target.stub_of != wasm_offset() + 1) {
      target.stub_of = wasm_offset() + 1;
      target.stub_label = masm_.new_label();
      stubs_.push_back(label);
    }
    masm_.add_jump_table_entry(target.stub_label);
  });
  for (const LabelIdx label : stubs_) {
    Control& target = control_at(label);
    masm_.bind_label(target.stub_label, masm_.offset());
    branch_moves(target);
    jump_to(target);
  }
  mark_unreachable();
}

void on(Op<Opcode::call>, FuncIdx func) {
  const FuncDecl& decl = context_.module.funcs[func];
  const FuncType& type = *context_.func_types[decl.type_idx];
  const CallLayout& layout = context_.call_layouts[decl.type_idx];
  pop_args(type, layout, nullptr);
  if (context_.module.is_imported(func))
    masm_.call_import(context_.layout.imported_func(func), wasm_offset());
  else
    masm_.call_function(to_underlying(func) - context_.module.num_imported_funcs, wasm_offset());
  push_results(type, layout);
  check_budget();
}

void on(Op<Opcode::call_indirect>, TypeIdx type_idx, TableIdx table) {
  const FuncType& type = *context_.func_types[type_idx];
  const CallLayout& layout = context_.call_layouts[type_idx];
  const StackValue index = pop();
  pop_args(type, layout, &index);
  masm_.call_indirect(context_.layout.table(table), to_underlying(type_idx), wasm_offset());
  push_results(type, layout);
  check_budget();
}

private:
static constexpr Reg result_reg(MachineType type) {
  return is_float(type) ? Masm::kResultFp : Masm::kResultGp;
}

void drop_to(uint32_t height) {
  while (height_ > height) release(pop());
}

void pop_args(const FuncType& type, const CallLayout& layout, const StackValue* index) {
  const uint32_t first = height_ - static_cast<uint32_t>(type.params.size());
  spill_below(first);
  place_args({stack_.data() + first, type.params.size()}, layout.params, index);
  height_ = first;
}

void begin_block(typename Control::Kind kind, const BlockType& type) {
  const auto params = type.params();
  const auto results = type.results();
  flush_all();
  Control control;
  control.kind = kind;
  control.type = type.type;
  control.num_params = static_cast<uint32_t>(params.size());
  control.num_results = static_cast<uint32_t>(results.size());
  control.height = height_ - control.num_params;
  if (results.size() == 1) control.result_type = machine_type(results[0]);
  // What will be entered again finds its parameters in home slots.
  if (kind == Control::Kind::loop || kind == Control::Kind::if_) flush(control.height, true);
  if (kind == Control::Kind::loop) control.target = masm_.loop_header(wasm_offset());
  control.region = region_;
  control_.push_back(control);
}

/// Brings the top of the stack into the result register, where it stays. Keeps the flags.
void place_result(MachineType type) {
  const Reg result = result_reg(type);
  StackValue& top = stack_[height_ - 1];
  if (top.kind == Kind::reg && top.reg == result && !top.is_high_dirty()) return;
  StackValue v = pop();
  if (v.kind == Kind::reg && v.reg == result) {
    masm_.zero_extend_32(result, result);
  } else {
    take(result);
    load_into(v, result);
    release(v);
  }
  free_.remove(result);
  push({Kind::reg, type, result, 0, 0});
}

/// The top num_results entries go where the code behind the end expects them.
void place_results_for_end(const Control& control) {
  if (control.num_results == 0) return;
  if (control.num_results == 1)
    place_result(control.result_type);
  else
    flush(control.height, true);
}

/// Whether a branch to `target` must move operands; a lone result is in its register already.
bool branch_needs_moves(const Control& target) const {
  const uint32_t arity = target.label_arity();
  return arity != 0 && !target.takes_result_register();
}

/// Moves the operands of a branch whose label expects them in home slots. Their entries stay as
/// they are.
void branch_moves(const Control& target) {
  const uint32_t arity = target.label_arity();
  const uint32_t from = height_ - arity;
  for (uint32_t i = 0; i < arity; ++i) {  // upwards: a slot is written before one above it is read
    const StackValue& v = stack_[from + i];
    const Slot to = home(target.height + i);
    if (is_any_const(v))
      masm_.store_slot_const(v.type, to, const_bits(v));
    else if (v.reg.valid())
      masm_.store_slot(v.type, to, v.reg);
    else if (slot_of(v).offset != to.offset)
      masm_.copy_slot(to, slot_of(v));
  }
  check_budget();
}

void jump_to(Control& target) {
  if (target.kind == Control::Kind::loop)
    masm_.jump_back(target.target);
  else
    masm_.jump(target.exits);
}

void branch(Control& target) {
  if (target.takes_result_register())
    place_result(target.result_type);
  else if (target.label_arity() != 0)
    branch_moves(target);
  jump_to(target);
}

void branch_if(Cond cond, Control& target) {
  // So many operands that lie just where the label wants them are stored once, for all branches to
  // come, and on the way that does not branch too.
  constexpr uint32_t kManyOperands = 16;
  const uint32_t arity = target.label_arity();
  if (target.takes_result_register()) {
    place_result(target.result_type);
  } else if (arity > kManyOperands && height_ - arity == target.height) {
    flush(target.height, true);  // only stores: the flags live on
    check_budget();
  } else if (arity != 0) {
    PatchChain skip;
    masm_.jump_if(invert(cond), skip);
    branch_moves(target);
    jump_to(target);
    masm_.bind(skip);
    return;
  }
  if (target.kind == Control::Kind::loop)
    masm_.jump_back_if(cond, target.target);
  else
    masm_.jump_if(cond, target.exits);
}

uint32_t table_label(Control& target) {
  if (target.table_label == kNoLabel) {
    target.table_label = masm_.new_label();
    if (target.kind == Control::Kind::loop) masm_.bind_label(target.table_label, target.target);
  }
  target.has_table_entries = true;
  return target.table_label;
}

void continue_after_end(const Control& ended) {
  const Control control = ended;
  control_.pop_back();
  if (unreachable_) {
    mark_unreachable();
    return;
  }
  drop_to(control.height);
  forget_registers();
  if (control.num_results == 1) {
    const Reg result = result_reg(control.result_type);
    free_.remove(result);
    push({Kind::reg, control.result_type, result, 0, 0});
    return;
  }
  if (control.num_results != 0) push_home(control.type->results);
}

/// Values of these types lie in the home slots from here on.
void push_home(std::span<const ValType> types) {
  for (const ValType type : types)
    push({Kind::home, machine_type(type), {}, 0, static_cast<int32_t>(height_)});
}

void end_function(Control& control) {
  if (control.num_results > 1) {
    for (uint32_t i = 0; i < control.num_results; ++i) {
      const ValueLocation& place = layout_->results[i];
      const MachineType type = machine_type(type_->results[i]);
      if (place.kind == ValueLocation::Kind::stack)
        masm_.copy_slot({static_cast<int32_t>(16 + place.stack_offset)}, home(i));
      else
        masm_.load_slot(type, reg_at(place), home(i));
    }
  }
  masm_.epilogue(frame_);
}

public:
