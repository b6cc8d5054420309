// Members of FunctionCompiler that are no operators: frame, registers, operand stack, calls.
#pragma once

namespace swoop::jit {

template <MacroAssembler Masm>
FuncEntry FunctionCompiler<Masm>::compile(FuncIdx func, const FuncInfo& info,
                                          std::span<const uint8_t> body, size_t body_offset) {
  Decoder decoder(context_.module, context_.types, body, body_offset, *this);
  const FuncDecl& decl = context_.module.funcs[func];
  type_ = context_.func_types[decl.type_idx];
  layout_ = &context_.call_layouts[decl.type_idx];
  [[maybe_unused]] const Result<> locals = decoder.read_locals(type_->params.size(), runs_);
  DCHECK(locals.ok());

  stack_.resize(info.max_operand_height + 1);
  height_ = 0;
  flushed_ = 0;
  pool_.clear();
  control_.clear();
  unreachable_ = false;
  too_large_ = false;
  has_rethrow_ = info.num_exception_slots != 0;
  num_caught_ = 0;
  region_ = TryTables::kNone;
  const uint64_t budget =
      limits::kMinCodeBudget + limits::kMaxCodeBytesPerBodyByte * uint64_t{body.size()};
  code_end_ = masm_.offset() + budget;

  FuncEntry entry;
  set_up_locals(info);
  frame_.body_bytes = static_cast<uint32_t>(body.size());
  entry.first_site = static_cast<uint32_t>(masm_.sites().size());
  entry.offset = masm_.prologue(frame_, 0);
  enter_function();

  Control& outermost = control_.emplace_back();
  outermost.is_function = true;
  outermost.type = type_;
  outermost.num_results = static_cast<uint32_t>(type_->results.size());
  if (outermost.num_results == 1) outermost.result_type = machine_type(type_->results[0]);
  if (context_.fuel_costs == nullptr) [[likely]] {
    [[maybe_unused]] const Result<> done = decoder.run();
    DCHECK(done.ok());
  } else {
    run_metered(decoder, body.data());
  }
  DCHECK(control_.empty() || too_large_);

  entry.data_offset = masm_.finish_function();
  entry.size = masm_.offset() - entry.offset;
  entry.frame_bytes = frame_.size;
  entry.saved = frame_.saved;
  entry.leaves_instance = frame_.leaves_instance;
  return entry;
}

// --- Fuel

/// Basic block by basic block, each behind the code that pays for it. What it costs comes from a
/// look ahead, so that operators which consume others need not know of it; each is read once more,
/// and only those that can be reached.
template <MacroAssembler Masm>
void FunctionCompiler<Masm>::run_metered(Decoder& decoder, const uint8_t* body) {
  while (!control_.empty() && !too_large_) {
    const uint8_t* const begin = reader_->position();
    if (unreachable_) {  // an `end`, `else` or handler, to which nothing falls through
      decoder.run_until(begin + 1);
      continue;
    }
    UncheckedReader ahead({begin, reader_->end()}, 0);
    uint64_t cost = 0;
    for (bool is_last = false; !is_last;) {
      const Opcode opcode = skip_operator(ahead);
      cost += context_.fuel_costs->of(opcode);
      is_last = ends_basic_block(opcode);
    }
    if (cost != 0) masm_.charge(cost, static_cast<uint32_t>(begin - body));
    decoder.run_until(ahead.position());
    DCHECK(too_large_ || unreachable_ || reader_->position() == ahead.position());
  }
}

/// Of a bulk operation that no builtin does.
template <MacroAssembler Masm>
void FunctionCompiler<Masm>::charge_bytes(Opcode opcode, uint32_t size_bytes) {
  if (context_.fuel_costs == nullptr) return;
  const uint64_t cost = context_.fuel_costs->of_bytes(opcode, size_bytes);
  if (cost != 0) masm_.charge(cost, wasm_offset());
}

// --- Frame

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::set_up_locals(const FuncInfo& info) {
  locals_.resize(info.num_used_locals);
  if constexpr (Masm::kSkipsComparisons) checked_.assign(info.num_used_locals, {});
  uint32_t index = 0;
  const auto add_locals = [&](ValType type, uint32_t count) {
    const uint32_t end = index + std::min(count, info.num_used_locals - index);
    const MachineType machine = machine_type(type);
    for (; index < end; ++index)
      locals_[index] = {{Kind::local, machine, {}, 0, static_cast<int32_t>(index)}, {}};
  };
  for (const ValType param : type_->params) add_locals(param, 1);
  for (const LocalRun& run : runs_) add_locals(run.type, run.count);

  frame_ = {};
  frame_.is_leaf = info.call_weight == 0;
  frame_.leaves_instance = info.leaves_instance;
  RegSet pinned;
  const auto pin = [&](const auto& plan, size_t next, std::span<const Reg> regs, uint64_t above) {
    for (const Reg reg : regs) {
      if (next == plan.size() || plan[next].weight <= above) break;
      locals_[plan[next++].local].alias.reg = reg;
      pinned.add(reg);
    }
    return next;
  };
  std::span<const Reg> pinned_gp = Masm::kPinnedGp;
  if (context_.fuel_costs != nullptr) pinned_gp = Masm::kPinnedGpOfCounting;
  call_saved_.clear();
  if (frame_.is_leaf) {
    const size_t next = pin(info.pinned_gp, 0, Masm::kPinnedTemps, 0);
    pin(info.pinned_gp, next, pinned_gp, 0);
  } else {
    const size_t next = pin(info.pinned_gp, 0, pinned_gp, 0);
    // A call costs a store and a load, so the local must be used in loops, far from calls. Nothing
    // would load it where a handler begins.
    constexpr uint64_t kMinWeight = 32;
    const uint64_t above = kMinWeight + 2 * info.call_weight;
    const size_t end =
        info.has_handler ? next : pin(info.pinned_gp, next, Masm::kPinnedTemps, above);
    for (size_t i = next; i < end; ++i) call_saved_.push_back(info.pinned_gp[i].local);
  }
  const size_t num_free = frame_.is_leaf ? pin(info.pinned_fp, 0, Masm::kPinnedFpTemps, 0) : 0;
  pin(info.pinned_fp, num_free, Masm::kPinnedFp, 0);
  temps_ = Masm::kTemps - pinned;
  free_ = temps_;
  frame_.saved = pinned - Masm::kTemps;

  uint32_t bytes = Masm::frame_header_bytes(frame_);
  for (const uint32_t local : call_saved_)
    locals_[local].slot = {-static_cast<int32_t>(bytes += 8)};
  const size_t num_params = type_->params.size();
  for (size_t i = 0; i < locals_.size(); ++i) {
    if (locals_[i].reg().valid()) continue;
    if (i < num_params && layout_->params[i].kind == ValueLocation::Kind::stack) {
      locals_[i].slot = {static_cast<int32_t>(16 + layout_->params[i].stack_offset)};
    } else {
      bytes += 8;
      locals_[i].slot = {-static_cast<int32_t>(bytes)};
    }
  }
  exception_base_ = bytes;
  bytes += 8 * info.num_exception_slots;
  home_base_ = bytes;
  bytes += 8 * info.max_operand_height + info.outgoing_bytes;
  frame_.size = (bytes + 15) & ~15u;
}

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::enter_function() {
  const size_t num_params = type_->params.size();
  size_t num_moves = 0;
  for (size_t i = 0; i < num_params; ++i) {
    const Local& local = locals_[i];
    const ValueLocation& place = layout_->params[i];
    if (place.kind == ValueLocation::Kind::stack) continue;
    const Reg from = reg_at(place);
    if (local.reg().valid()) {
      moves_[num_moves++] = {local.type(), local.reg(), from};
    } else {
      masm_.store_slot(local.type(), local.slot, from);
      if (context_.poison_upper_halves && local.type() == MachineType::i32)
        masm_.poison_upper_half(local.slot);
    }
  }
  if (num_moves != 0) parallel_moves({moves_.data(), num_moves});
  for (size_t i = 0; i < num_params; ++i) {
    const ValueLocation& place = layout_->params[i];
    if (place.kind == ValueLocation::Kind::stack && locals_[i].reg().valid())
      masm_.load_slot(locals_[i].type(), locals_[i].reg(),
                      {static_cast<int32_t>(16 + place.stack_offset)});
  }

  uint32_t num_slots = 0;
  Slot lowest;
  for (size_t i = num_params; i < locals_.size(); ++i) {
    if (locals_[i].reg().valid()) {
      masm_.zero(locals_[i].type(), locals_[i].reg());
    } else {  // slots of locals that are not parameters follow each other downwards
      lowest = locals_[i].slot;
      ++num_slots;
    }
  }
  masm_.zero_slots(lowest, num_slots);
}

// --- Registers

template <MacroAssembler Masm>
Reg FunctionCompiler<Masm>::spill_one(bool fp) {
  Reg victim;
  uint32_t deepest = kNoOwner;
  for (RegSet regs = temps_ & (fp ? kAllFp : kAllGp); !regs.empty();) {
    const Reg reg = regs.take_first();
    if (const uint32_t owner = owner_of(reg); owner < deepest) {
      deepest = owner;
      victim = reg;
    }
  }
  CHECK(victim.valid() && "an operator needs more registers than there are");
  spill(deepest);
  return victim;
}

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::spill(uint32_t index) {
  StackValue& v = stack_[index];
  DCHECK(v.kind == Kind::reg);
  masm_.store_slot(v.type, home(index), v.reg);
  if (context_.poison_upper_halves && v.type == MachineType::i32)
    masm_.poison_upper_half(home(index));
  free_.add(v.reg);
  v = {Kind::home, v.type, {}, 0, static_cast<int32_t>(index)};
}

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::evacuate(Reg reg, RegSet avoid) {
  const uint32_t index = owner_of(reg);
  CHECK(index != kNoOwner && "a register in use is wanted twice");
  const RegSet candidates = (free_ & (reg.is_fp() ? kAllFp : kAllGp)) - RegSet::of(reg) - avoid;
  if (candidates.empty()) {
    spill(index);
    return;
  }
  StackValue& v = stack_[index];
  const Reg to = candidates.first();
  masm_.move(v.type == MachineType::i32 ? MachineType::i64 : v.type, to,
             reg);  // a dirty half moves along
  free_.remove(to);
  free_.add(reg);
  owner_[to.index()] = index;
  v.reg = to;
}

// --- Operand stack

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::load_into(const StackValue& v, Reg d) {
  if (is_any_const(v)) {
    masm_.load_const(v.type, d, const_bits(v));
  } else if (in_slot(v)) {
    masm_.load_slot(v.type, d, slot_of(v));
  } else if (v.kind == Kind::memory) {
    masm_.load(v.type == MachineType::i32   ? LoadOp::i32
               : v.type == MachineType::i64 ? LoadOp::i64
               : v.type == MachineType::f32 ? LoadOp::f32
                                            : LoadOp::f64,
               d, pending_load_);
  } else {
    DCHECK(v.reg.valid());
    if (v.is_high_dirty() && v.type == MachineType::i32)
      masm_.zero_extend_32(d, v.reg);
    else
      masm_.move(v.type, d, v.reg);
  }
}

template <MacroAssembler Masm>
Reg FunctionCompiler<Masm>::bring_in(StackValue& v, Reg hint) {
  if (hint.valid()) {
    load_into(v, hint);
    return hint;
  }
  // The index of a pending load may become its result.
  const bool reuse = v.kind == Kind::memory && owns_index(v) && !is_float(v.type);
  const Reg d = reuse ? pending_load_.index : alloc(is_float(v.type));
  load_into(v, d);
  if (!reuse) release(v);
  v = {Kind::reg, v.type, d, 0, 0};
  return d;
}

template <MacroAssembler Masm>
Reg FunctionCompiler<Masm>::in_clean_reg(StackValue& v) {
  if (v.is_high_dirty() && v.reg.valid()) {
    const Reg d = v.kind == Kind::reg ? v.reg : alloc(false);
    masm_.zero_extend_32(d, v.reg);
    v = {Kind::reg, v.type, d, 0, 0};
    return d;
  }
  return in_reg(v);
}

template <MacroAssembler Masm>
Reg FunctionCompiler<Masm>::in_own_reg(StackValue& v) {
  if (v.kind == Kind::local && v.reg.valid()) {
    const Reg d = alloc(is_float(v.type));
    load_into(v, d);
    v = {Kind::reg, v.type, d, 0, 0};
    return d;
  }
  return in_clean_reg(v);
}

template <MacroAssembler Masm>
Operand FunctionCompiler<Masm>::operand(StackValue& v) {
  if (v.kind == Kind::constant || (v.kind == Kind::pool && is_float(v.type)))
    return Operand::immediate(const_bits(v));
  if (in_slot(v)) return Operand::of(slot_of(v));
  if (v.kind == Kind::memory) return Operand::of(pending_load_);
  return Operand::of(in_reg(v));
}

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::find_aliases(uint32_t local) {
  // Entries below a short walk go home once and for all, so that none is walked over again and
  // again.
  constexpr uint32_t kShortWalk = 32;
  if (height_ - flushed_ > kShortWalk) {
    flush(flushed_, height_ - kShortWalk, false);
    flushed_ = height_ - kShortWalk;
  }
  for (uint32_t i = flushed_; i < height_; ++i) {
    StackValue& v = stack_[i];
    if (v.kind != Kind::local || static_cast<uint32_t>(v.aux) != local) continue;
    const StackValue alias = v;
    const bool fp = is_float(v.type);
    if ((free_ & (fp ? kAllFp : kAllGp)).empty()) {
      flush_one(i, false);
      continue;
    }
    const Reg d = alloc(fp);
    load_into(alias, d);
    v = {Kind::reg, alias.type, d, 0, 0};
    owner_[d.index()] = i;
  }
}

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::flush_one(uint32_t index, bool constants_too) {
  StackValue& v = stack_[index];
  switch (v.kind) {
    case Kind::home: return;
    case Kind::constant:
    case Kind::pool:
      if (!constants_too) return;
      masm_.store_slot_const(v.type, home(index), const_bits(v));
      break;
    case Kind::reg: spill(index); return;
    case Kind::local:
      if (v.reg.valid())
        masm_.store_slot(v.type, home(index), v.reg);
      else
        masm_.copy_slot(home(index), slot_of(v));
      break;
    case Kind::flags:
    case Kind::memory:
    case Kind::scaled: UNREACHABLE();
  }
  v = {Kind::home, v.type, {}, 0, static_cast<int32_t>(index)};
}

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::flush(uint32_t from, uint32_t to, bool constants_too) {
  for (uint32_t i = from; i < to; ++i) flush_one(i, constants_too);
}

// --- Results

template <MacroAssembler Masm>
typename FunctionCompiler<Masm>::Dest FunctionCompiler<Masm>::find_local_dest(bool fp) {
  const uint8_t* at = reader_->position();
  uint32_t local = at[1];
  const uint8_t* after = at + 2;
  if (local >= 0x80) {
    local &= 0x7f;
    unsigned shift = 7;
    uint8_t byte;
    do {
      byte = *after++;
      local |= static_cast<uint32_t>(byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
  }
  const Local& target = locals_[local];
  if (!target.reg().valid() || target.reg().is_fp() != fp) return {};
  materialize_aliases(local);
  reader_->set_position(after);
  return {target.reg(), true, *at == static_cast<uint8_t>(Opcode::local_tee), local};
}

// --- Conditions

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::push_condition(Cond cond) {
  for (;;) {
    switch (Opcode(next_byte())) {
      case Opcode::i32_eqz:
        skip_byte();
        cond = invert(cond);
        continue;
      case Opcode::br_if:
      case Opcode::if_:
      case Opcode::select:
      case Opcode::select_t:
        push({Kind::flags, MachineType::i32, {}, static_cast<uint8_t>(cond), 0});
        return;
      default: {
        const Dest d = any_dest(false);
        masm_.set_cond(cond, d.reg);
        finish(MachineType::i32, d);
        return;
      }
    }
  }
}

template <MacroAssembler Masm>
Cond FunctionCompiler<Masm>::pop_condition() {
  StackValue v = pop();
  if (v.kind == Kind::flags) return Cond(v.bits);
  if (in_slot(v)) {
    masm_.compare(Width::w32, Operand::of(slot_of(v)), Operand::immediate(0));
  } else {
    masm_.compare(Width::w32, Operand::of(in_reg(v)), Operand::immediate(0));
    release(v);
  }
  return Cond::ne;
}

// --- Calls

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::spill_below(uint32_t index) {
  for (RegSet regs = temps_ - free_; !regs.empty();) {
    const uint32_t owner = owner_of(regs.take_first());
    if (owner < index) spill(owner);
  }
}

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::parallel_moves(std::span<Move> moves) {
  size_t count = moves.size();
  while (count > 0) {
    bool progress = false;
    for (size_t i = 0; i < count;) {
      const Reg to = moves[i].to;
      bool blocked = false;
      for (size_t j = 0; j < count; ++j) blocked |= j != i && moves[j].from == to;
      if (blocked) {
        ++i;
        continue;
      }
      masm_.move(moves[i].type, to, moves[i].from);
      moves[i] = moves[--count];
      progress = true;
    }
    if (progress) continue;
    // Only cycles are left. Exchanging two registers finishes one move and shortens its cycle.
    const Move done = moves[0];
    masm_.swap(done.to, done.from);
    moves[0] = moves[--count];
    for (size_t j = 0; j < count; ++j) {
      if (moves[j].from == done.to) moves[j].from = done.from;
    }
  }
}

/// Puts arguments in their places: those on the stack first, while all registers still hold what
/// they held, then temporaries among themselves, then what is copied from elsewhere. Locals whose
/// registers are among the places are in their slots by then, too. Registers of other entries must
/// have been spilled.
/// `index` is the table index of an indirect call.
template <MacroAssembler Masm>
void FunctionCompiler<Masm>::place_args(std::span<const StackValue> args,
                                        std::span<const ValueLocation> places,
                                        const StackValue* index) {
  for (const uint32_t local : call_saved_)
    masm_.store_slot(MachineType::i64, locals_[local].slot, locals_[local].reg());
  size_t num_moves = 0;
  size_t num_loads = 0;
  for (size_t i = 0; i < args.size(); ++i) {
    const StackValue& v = args[i];
    if (v.is_high_dirty() && v.kind == Kind::reg) masm_.zero_extend_32(v.reg, v.reg);
    if (places[i].kind != ValueLocation::Kind::stack) {
      if (v.kind != Kind::reg)
        ++num_loads;
      else if (const Reg to = reg_at(places[i]); to != v.reg)
        moves_[num_moves++] = {v.type, to, v.reg};
    } else if (v.reg.valid()) {
      masm_.store_outgoing(v.type, places[i].stack_offset, v.reg);
    } else if (is_any_const(v)) {
      masm_.store_outgoing_const(v.type, places[i].stack_offset, const_bits(v));
    } else {
      masm_.copy_to_outgoing(places[i].stack_offset, slot_of(v));
    }
  }
  if (index != nullptr) load_into(*index, Masm::kIndirectIndex);  // no argument's place
  if (num_moves != 0) parallel_moves({moves_.data(), num_moves});
  for (size_t i = 0; num_loads != 0; ++i) {
    if (args[i].kind == Kind::reg || places[i].kind == ValueLocation::Kind::stack) continue;
    StackValue v = args[i];
    if (v.reg.valid() && !frame_.saved.has(v.reg)) v.reg = {};
    load_into(v, reg_at(places[i]));
    --num_loads;
  }
}

template <MacroAssembler Masm>
void FunctionCompiler<Masm>::push_results(const FuncType& type, const CallLayout& layout) {
  forget_registers();
  // Registers are claimed before any of them could be handed out for the others.
  for (size_t i = 0; i < type.results.size(); ++i) {
    const ValueLocation& place = layout.results[i];
    const MachineType result = machine_type(type.results[i]);
    if (place.kind != ValueLocation::Kind::stack && temps_.has(reg_at(place))) {
      const Reg reg = reg_at(place);
      free_.remove(reg);
      push_reg(result, reg);
      continue;
    }
    if (place.kind == ValueLocation::Kind::stack)
      masm_.copy_from_outgoing(home(height_), place.stack_offset);
    else
      masm_.store_slot(result, home(height_), reg_at(place));
    push({Kind::home, result, {}, 0, static_cast<int32_t>(height_)});
  }
  load_call_saved();
}

template <MacroAssembler Masm>
template <size_t kCount>
void FunctionCompiler<Masm>::call_builtin(Builtin builtin, std::array<StackValue, kCount> args) {
  spill_below(height_);
  place_args(args, context_.builtin_layouts[static_cast<size_t>(builtin)].params, nullptr);
  masm_.call_builtin(static_cast<uint32_t>(builtin), wasm_offset());
  load_call_saved();
  forget_registers();
}

}  // namespace swoop::jit
