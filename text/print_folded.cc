#include "text/print_folded.h"

namespace swoop::text {

namespace {

constexpr size_t kMaxWidth = 80;

}  // namespace

void FoldedPrinter::begin() {
  scratch_.clear();
  nodes_.clear();
  pending_.clear();
  blocks_.clear();
}

void FoldedPrinter::add_instruction(std::optional<uint8_t> hint) {
  const size_t begin = scratch_.size();
  const Opcode opcode = instructions_.opcode();
  switch (opcode) {
    case Opcode::end: instructions_.put_immediates(); return end_block();
    case Opcode::else_:
    case Opcode::catch_:
    case Opcode::catch_all:
    case Opcode::delegate: {
      instructions_.put_instruction();
      if (blocks_.empty()) return;  // an error
      end_clause();
      const uint32_t clause = add_node(begin);
      nodes_[clause].is_block = true;
      if (opcode != Opcode::delegate) return begin_clause(clause);
      pending_.push_back(clause);
      return end_block();
    }
    default: break;
  }

  instructions_.put_instruction();
  const Arity arity = find_arity();
  const uint32_t node = add_node(begin);
  nodes_[node].hint = hint;
  nodes_[node].num_results = arity.num_results;
  switch (instructions_.info().immediate) {
    case Immediate::block_type:
    case Immediate::try_table: return begin_block(node, arity);
    default: fold_operands(node, arity.num_operands); pending_.push_back(node);
  }
}

void FoldedPrinter::finish() {
  // After an error blocks may be open; then the text is of no use.
  if (!blocks_.empty() || pending_.empty()) return;
  scratch_.flush();
  if (scratch_.is_full()) return out_.set_full();
  for (size_t i = 0; i + 1 < pending_.size(); ++i) nodes_[pending_[i]].next = pending_[i + 1];
  put_trees(pending_.front());
}

uint32_t FoldedPrinter::add_node(size_t text_begin) {
  const auto index = static_cast<uint32_t>(nodes_.size());
  Node node;
  node.begin = text_begin;
  node.end = scratch_.size();
  node.width = node.end - node.begin + 2;
  nodes_.push_back(node);
  return index;
}

uint32_t FoldedPrinter::add_text_node(std::string_view text) {
  const size_t begin = scratch_.size();
  scratch_.put(text);
  const uint32_t node = add_node(begin);
  nodes_[node].is_block = true;
  return node;
}

void FoldedPrinter::fold_operands(uint32_t node, uint32_t num_operands) {
  const size_t base = blocks_.empty() ? 0 : blocks_.back().base;
  size_t first = pending_.size();
  while (num_operands != 0 && first > base) {
    const uint32_t num_results = nodes_[pending_[first - 1]].num_results;
    if (num_results == 0 || num_results > num_operands) break;
    num_operands -= num_results;
    --first;
  }
  adopt(node, first);
}

// The pending nodes from there on become children, after those the parent has.
void FoldedPrinter::adopt(uint32_t parent, size_t first_pending) {
  if (first_pending == pending_.size()) return;
  for (size_t i = first_pending; i < pending_.size(); ++i) {
    const Node& child = nodes_[pending_[i]];
    const bool is_long = child.is_block || child.hint.has_value() || child.width > kMaxWidth;
    nodes_[parent].width += is_long ? kMaxWidth + 1 : child.width + 1;
    nodes_[pending_[i]].next = i + 1 < pending_.size() ? pending_[i + 1] : kNone;
  }
  uint32_t* link = &nodes_[parent].first_child;
  while (*link != kNone) link = &nodes_[*link].next;
  *link = pending_[first_pending];
  pending_.resize(first_pending);
}

// Parameters cannot be inside a block; the condition of an `if` stands in front of its clauses.
void FoldedPrinter::begin_block(uint32_t node, Arity arity) {
  nodes_[node].is_block = true;
  const Opcode opcode = instructions_.opcode();
  if (opcode == Opcode::if_) fold_operands(node, arity.num_operands);
  blocks_.push_back({.node = node, .base = pending_.size()});
  if (opcode == Opcode::if_) begin_clause(add_text_node("then"));
  if (opcode == Opcode::try_) begin_clause(add_text_node("do"));
}

// Clauses wait among the pending nodes, below those of the sequence inside.
void FoldedPrinter::begin_clause(uint32_t clause) {
  blocks_.back().clause = clause;
  pending_.push_back(clause);
}

void FoldedPrinter::end_clause() {
  if (blocks_.back().clause == kNone) return;
  size_t first = pending_.size();
  while (pending_[first - 1] != blocks_.back().clause) --first;
  adopt(blocks_.back().clause, first);
  blocks_.back().clause = kNone;
}

void FoldedPrinter::end_block() {
  end_clause();
  const OpenBlock block = blocks_.back();
  blocks_.pop_back();
  adopt(block.node, block.base);
  pending_.push_back(block.node);
}

void FoldedPrinter::put_trees(uint32_t first) {
  struct Level {
    uint32_t next;
    uint32_t parent;
    bool is_on_one_line;
  };
  const std::string_view text = scratch_.view();
  std::vector<Level> levels{{first, kNone, false}};
  while (!levels.empty()) {
    Level& level = levels.back();
    const size_t depth = levels.size() + 1;
    if (level.next == kNone) {
      if (level.parent != kNone) {
        if (nodes_[level.parent].is_block) out_.put_line(depth - 1);
        out_.put(')');
      }
      levels.pop_back();
      continue;
    }
    const uint32_t index = level.next;
    const Node& node = nodes_[index];
    level.next = node.next;
    if (node.hint) {
      out_.put_line(depth);
      put_branch_hint(out_, *node.hint);
    }
    if (level.is_on_one_line) {
      out_.put(' ');
    } else {
      out_.put_line(depth);
    }
    out_.put('(');
    out_.put(text.substr(node.begin, node.end - node.begin));
    if (node.first_child == kNone) {
      out_.put(')');
    } else {
      const bool is_on_one_line =
          level.is_on_one_line || (!node.is_block && node.width <= kMaxWidth);
      levels.push_back({node.first_child, index, is_on_one_line});
    }
  }
}

// How many operands an instruction takes and how many results it leaves.

FoldedPrinter::Arity FoldedPrinter::find_arity() const {
  const OpInfo& info = instructions_.info();
  if (info.signature == Signature::special) return find_special_arity();
  return {static_cast<uint32_t>(signature_params(info.signature).size()),
          static_cast<uint32_t>(signature_results(info.signature).size())};
}

uint32_t FoldedPrinter::label_arity() const {
  const auto& frames = instructions_.frames();
  const uint32_t depth = instructions_.index();
  return depth < frames.size() ? frames[frames.size() - 1 - depth].label_arity() : 0;
}

FoldedPrinter::Arity FoldedPrinter::find_special_arity() const {
  const auto call = [&](uint32_t type, uint32_t num_more, bool returns) -> Arity {
    const auto num_params = static_cast<uint32_t>(layout_.types.params(type).size());
    const auto num_results = static_cast<uint32_t>(layout_.types.results(type).size());
    return {num_params + num_more, returns ? num_results : 0};
  };
  const uint32_t index = instructions_.index();
  const auto function_type = [&] {
    return index < layout_.func_types.size() ? layout_.func_types[index] : UINT32_MAX;
  };
  switch (instructions_.opcode()) {
    case Opcode::block:
    case Opcode::loop:
    case Opcode::if_:
    case Opcode::try_:
    case Opcode::try_table: {
      const InstructionPrinter::Frame& frame = instructions_.frames().back();
      return {frame.num_params + (instructions_.opcode() == Opcode::if_ ? 1 : 0),
              frame.num_results};
    }
    case Opcode::br: return {label_arity(), 0};
    case Opcode::br_if: return {label_arity() + 1, label_arity()};
    case Opcode::br_table: return {label_arity() + 1, 0};
    case Opcode::br_on_null: return {label_arity() + 1, label_arity() + 1};
    case Opcode::br_on_non_null: return {label_arity(), label_arity() - (label_arity() != 0)};
    case Opcode::br_on_cast:
    case Opcode::br_on_cast_fail: return {label_arity(), label_arity()};
    case Opcode::return_: return {instructions_.frames().front().num_results, 0};
    case Opcode::call: return call(function_type(), 0, true);
    case Opcode::return_call: return call(function_type(), 0, false);
    case Opcode::call_indirect:
    case Opcode::call_ref: return call(index, 1, true);
    case Opcode::return_call_indirect:
    case Opcode::return_call_ref: return call(index, 1, false);
    case Opcode::throw_:
      return call(index < layout_.tag_types.size() ? layout_.tag_types[index] : UINT32_MAX, 0,
                  false);
    case Opcode::throw_ref:
    case Opcode::drop:
    case Opcode::local_set:
    case Opcode::global_set: return {1, 0};
    case Opcode::select:
    case Opcode::select_t: return {3, 1};
    case Opcode::local_get:
    case Opcode::global_get:
    case Opcode::ref_null:
    case Opcode::ref_func:
    case Opcode::table_size: return {0, 1};
    case Opcode::local_tee:
    case Opcode::table_get:
    case Opcode::ref_is_null:
    case Opcode::ref_as_non_null: return {1, 1};
    case Opcode::ref_eq:
    case Opcode::table_grow: return {2, 1};
    case Opcode::table_set: return {2, 0};
    case Opcode::table_init:
    case Opcode::table_copy:
    case Opcode::table_fill: return {3, 0};
    default: return find_aggregate_arity();
  }
}

FoldedPrinter::Arity FoldedPrinter::find_aggregate_arity() const {
  switch (instructions_.opcode()) {
    case Opcode::struct_new:
      return {static_cast<uint32_t>(layout_.types.fields(instructions_.index()).size()), 1};
    case Opcode::array_new_fixed: return {instructions_.count(), 1};
    case Opcode::struct_new_default: return {0, 1};
    case Opcode::struct_get:
    case Opcode::struct_get_s:
    case Opcode::struct_get_u:
    case Opcode::array_new_default:
    case Opcode::array_len:
    case Opcode::ref_test:
    case Opcode::ref_test_null:
    case Opcode::ref_cast:
    case Opcode::ref_cast_null:
    case Opcode::any_convert_extern:
    case Opcode::extern_convert_any:
    case Opcode::ref_i31:
    case Opcode::i31_get_s:
    case Opcode::i31_get_u: return {1, 1};
    case Opcode::struct_set: return {2, 0};
    case Opcode::array_new:
    case Opcode::array_new_data:
    case Opcode::array_new_elem:
    case Opcode::array_get:
    case Opcode::array_get_s:
    case Opcode::array_get_u: return {2, 1};
    case Opcode::array_set: return {3, 0};
    case Opcode::array_fill:
    case Opcode::array_init_data:
    case Opcode::array_init_elem: return {4, 0};
    case Opcode::array_copy: return {5, 0};
    default: return {};
  }
}

}  // namespace swoop::text
