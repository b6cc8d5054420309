// Members of FunctionCompiler: exceptions. Spec: exec/instructions#exception-instructions, and
// the legacy proposal's exec.
//
// Nothing is done at run time where nothing is thrown: blocks that catch open a region of the code,
// and where a handler begins and finds its operands is noted in the region's clauses (TryTables).
// Handlers begin in the canonical state of a label, so that no code of theirs is needed either.

public:
void on(Op<Opcode::throw_>, TagIdx tag) {
  const TypeId type = context_.module.tags[tag].type.type;
  const auto num_values = static_cast<uint32_t>(context_.types.func_type(type).params.size());
  const uint32_t first = height_ - num_values;
  flush(first, true);  // home slots follow each other, so the builtin finds all by the first
  check_budget();
  drop_to(control_.back().height);
  const Reg address = alloc(false);
  masm_.slot_address(address, home(first));
  call_builtin<2>(Builtin::throw_, {constant_i32(to_underlying(tag)),
                                    StackValue{Kind::reg, MachineType::i64, address, 0, 0}});
  mark_unreachable();
}

void on(Op<Opcode::throw_ref>) {
  throw_again(pop());
}

void on(Op<Opcode::rethrow>, LabelIdx label) {
  const Control& caught = control_at(label);
  DCHECK(caught.kind == Control::Kind::catch_);
  const Reg exception = alloc(false);
  masm_.load_slot(MachineType::i64, exception, caught.exception);
  throw_again({Kind::reg, MachineType::i64, exception, 0, 0});
}

void on(Op<Opcode::try_table>, const BlockType& type, const CatchList& catches) {
  begin_block(Control::Kind::try_table, type);
  if (catches.count() == 0) return;
  open_region();
  // Labels are those around the block.
  const size_t outside = control_.size() - 2;
  catches.for_each([&](const CatchClause& caught) {
    Control& target = control_[outside - to_underlying(caught.label)];
    TryClause clause;
    if (caught.has_tag()) clause.tag = to_underlying(caught.tag);
    clause.handler = table_label(target);
    clause.slot = home(target.height).offset;
    clause.gives_reference = caught.has_exnref();
    clause.in_register = target.label_arity() == 1 && target.takes_result_register();
    clause.keeps = caught.has_exnref() || has_rethrow_;
    add_clause(control_.back(), clause);
  });
}

void on(Op<Opcode::try_>, const BlockType& type) {
  begin_block(Control::Kind::try_, type);
  open_region();
}

void on(Op<Opcode::catch_>, TagIdx tag) {
  begin_catch(to_underlying(tag));
  push_home(context_.types.func_type(context_.module.tags[tag].type.type).params);
}
void on(Op<Opcode::catch_all>) {
  begin_catch(TryClause::kAnyTag);
}

/// What the block's instructions throw is thrown where the label's block stands.
void on(Op<Opcode::delegate>, LabelIdx label) {
  const Control& block = control_.back();
  const Control& target = control_[control_.size() - 2 - to_underlying(label)];
  masm_.tries().regions[block.try_region].parent = target.region;
  on(Op<Opcode::end>{});
}

private:
void throw_again(StackValue exception) {
  drop_to(control_.back().height);
  call_builtin<1>(Builtin::throw_ref, {exception});
  mark_unreachable();
}

/// The innermost block catches from here on.
void open_region() {
  Control& block = control_.back();
  std::vector<TryRegion>& regions = masm_.tries().regions;
  block.try_region = static_cast<uint32_t>(regions.size());
  regions.push_back({region_, TryTables::kNone});
  block.region = block.try_region;
  enter_region(block.try_region);
}

void enter_region(uint32_t region) {
  if (region == region_) return;
  region_ = region;
  masm_.enter_try_region(region);
}

void add_clause(Control& block, const TryClause& clause) {
  TryTables& tries = masm_.tries();
  const auto index = static_cast<uint32_t>(tries.clauses.size());
  if (block.last_clause == TryTables::kNone)
    tries.regions[block.try_region].first_clause = index;
  else
    tries.clauses[block.last_clause].next = index;
  block.last_clause = index;
  tries.clauses.push_back(clause);
}

/// Ends the instructions of a `try`, or of the `catch` before, and begins those of a handler: its
/// operands are in home slots.
void begin_catch(uint32_t tag) {
  Control& block = control_.back();
  if (!unreachable_) {
    place_results_for_end(block);
    masm_.jump(block.exits);
  }
  unreachable_ = false;
  drop_to(block.height);
  forget_registers();
  if (block.kind == Control::Kind::try_) {
    block.kind = Control::Kind::catch_;
    if (has_rethrow_) block.exception = exception_slot(num_caught_++);
    block.region = control_[control_.size() - 2].region;
    enter_region(block.region);
  }
  TryClause clause;
  clause.tag = tag;
  clause.handler = masm_.new_label();
  clause.slot = home(block.height).offset;
  clause.exception_slot = block.exception.offset;
  clause.keeps = has_rethrow_;
  masm_.bind_label(clause.handler, masm_.offset());
  add_clause(block, clause);
}

/// At the end of a block that may have opened a region.
void end_region(const Control& block) {
  if (block.kind == Control::Kind::catch_ && has_rethrow_) --num_caught_;
  enter_region(control_[control_.size() - 2].region);
}

public:
