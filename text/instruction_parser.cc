#include "text/instruction_parser.h"

#include "base/check.h"
#include "text/keywords.h"
#include "text/vector_literal.h"

#include <bit>
#include <utility>

namespace swoop::text {

namespace {

/// Whether it begins a block that `end` closes.
bool is_block(const OpInfo& info) {
  return info.immediate == Immediate::block_type || info.immediate == Immediate::try_table;
}

}  // namespace

void InstructionParser::parse_body(ByteWriter& out, const NameSpace& locals, uint32_t func_index) {
  locals_ = &locals;
  num_blocks_ = 0;
  hints_.clear();
  label_names_.clear();
  parse(out, false);
  if (!label_names_.empty()) {
    scope_.names.labels.push_back({func_index, std::exchange(label_names_, {})});
  }
  if (!hints_.empty()) scope_.hints.push_back({func_index, std::exchange(hints_, {})});
  locals_ = nullptr;
}

void InstructionParser::parse_expression(ByteWriter& out) {
  parse(out, false);
}

void InstructionParser::parse_folded_expression(ByteWriter& out) {
  if (!cursor_.at_left()) return cursor_.fail_unexpected("a folded instruction");
  parse(out, true);
}

void InstructionParser::parse(ByteWriter& out, bool is_single) {
  out_ = &out;
  // Nothing is left over of a sequence with an error: the module ends with it.
  DCHECK(frames_.empty() && num_labels_ == 0 && pending_.empty());
  do {
    switch (cursor_.kind()) {
      case TokenKind::atom: read_flat(); break;
      case TokenKind::left: read_left(); break;
      case TokenKind::annotation: read_hint(); break;
      case TokenKind::right:
        if (frames_.empty()) {
          is_single = true;  // nothing more
        } else {
          read_right();
        }
        break;
      default: cursor_.fail_unexpected("an instruction"); break;
    }
  } while (cursor_.ok() && !(is_single && frames_.empty()));
  if (hint_) cursor_.fail(hint_offset_, "@metadata.code.branch_hint annotation: invalid target");
  // A constant expression has the place of its last instruction, which makes the value.
  if (locals_ == nullptr) return out.u8(static_cast<uint32_t>(Opcode::end));
  place_ = cursor_.offset();
  write_opcode(Opcode::end, out);
}

// --- Sequences

const OpInfo* InstructionParser::read_opcode() {
  const OpInfo* const info = find_op_info(cursor_.text());
  if (info == nullptr) {
    cursor_.fail(cursor_.offset(), "unknown operator " + std::string(cursor_.text().substr(0, 40)));
  } else {
    place_ = cursor_.offset();
    cursor_.take();
  }
  return info;
}

void InstructionParser::read_flat() {
  if (!frames_.empty()) {
    switch (frames_.back().kind) {
      case FrameKind::plain:
      case FrameKind::condition: return cursor_.fail_unexpected("a folded instruction");
      case FrameKind::after_then:
      case FrameKind::after_else:
      case FrameKind::try_:
      case FrameKind::after_do:
      case FrameKind::after_catch_all:
      case FrameKind::after_delegate: return cursor_.fail_unexpected("\")\"");
      default: break;
    }
  }
  const size_t offset = cursor_.offset();
  const OpInfo* const info = read_opcode();
  if (info == nullptr) return;
  const std::optional<uint8_t> hint = take_hint(*info);
  if (is_block(*info)) {
    record_hint(hint);
    Frame frame = read_block_start(info->opcode, *out_);
    frame.offset = offset;
    frame.kind = info->opcode == Opcode::if_    ? FrameKind::flat_if
                 : info->opcode == Opcode::try_ ? FrameKind::flat_try
                                                : FrameKind::flat;
    push_label(frame);
    frames_.push_back(std::move(frame));
    return;
  }
  switch (info->opcode) {
    case Opcode::else_: return flat_else();
    case Opcode::end: return flat_end();
    case Opcode::catch_:
    case Opcode::catch_all: return flat_catch(*info);
    case Opcode::delegate: return flat_delegate();
    default: break;
  }
  record_hint(hint);
  write_instruction(*info, *out_);
}

void InstructionParser::read_left() {
  const size_t start = cursor_.position();
  const size_t offset = cursor_.offset();
  cursor_.take();
  if (cursor_.kind() != TokenKind::atom) return cursor_.fail_unexpected("an instruction");
  if (!frames_.empty()) {
    Frame& frame = frames_.back();
    switch (frame.kind) {
      case FrameKind::condition:
        if (!cursor_.at_atom("then")) break;
        [[fallthrough]];
      case FrameKind::after_then:
      case FrameKind::try_:
      case FrameKind::after_do: return read_clause(frame, cursor_.text());
      case FrameKind::after_else:
      case FrameKind::after_catch_all:
      case FrameKind::after_delegate: cursor_.seek(start); return cursor_.fail_unexpected("\")\"");
      default: break;
    }
  }
  if (const OpInfo* const info = read_opcode()) {
    read_folded(*info);
    if (cursor_.ok()) frames_.back().offset = offset;
  }
}

void InstructionParser::read_folded(const OpInfo& info) {
  const std::optional<uint8_t> hint = take_hint(info);
  const auto pending_start = static_cast<uint32_t>(pending_.size());
  Frame frame;
  if (info.opcode == Opcode::if_) {
    frame = read_block_start(info.opcode, pending_);
    frame.kind = FrameKind::condition;
  } else if (info.opcode == Opcode::try_) {
    frame = read_block_start(info.opcode, *out_);
    frame.kind = FrameKind::try_;
    push_label(frame);
  } else if (is_block(info)) {
    frame = read_block_start(info.opcode, *out_);
    frame.kind = FrameKind::block;
    push_label(frame);
  } else {
    frame.kind = FrameKind::plain;
    write_instruction(info, pending_);
  }
  frame.pending_start = pending_start;
  frame.hint = hint;
  frames_.push_back(std::move(frame));
}

void InstructionParser::read_clause(Frame& frame, std::string_view keyword) {
  place_ = cursor_.offset();
  cursor_.take();
  const auto emit_waiting = [&] {
    record_hint(frame.hint);
    out_->append(pending_, frame.pending_start);
    pending_.truncate(frame.pending_start);
  };
  if (frame.kind == FrameKind::condition && keyword == "then") {
    emit_waiting();
    push_label(frame);
    frame.kind = FrameKind::after_then;
  } else if (frame.kind == FrameKind::after_then && keyword == "else") {
    write_opcode(Opcode::else_, *out_);
    frame.kind = FrameKind::after_else;
  } else if (frame.kind == FrameKind::try_ && keyword == "do") {
    frame.kind = FrameKind::after_do;
  } else if (frame.kind == FrameKind::after_do && keyword == "catch") {
    write_opcode(Opcode::catch_, *out_);
    out_->unsigned_leb(scope_.read_index(Space::tag));
  } else if (frame.kind == FrameKind::after_do && keyword == "catch_all") {
    write_opcode(Opcode::catch_all, *out_);
    frame.kind = FrameKind::after_catch_all;
  } else if (frame.kind == FrameKind::after_do && keyword == "delegate") {
    // It ends the block, and its label counts from outside.
    pop_label(frame);
    write_opcode(Opcode::delegate, *out_);
    out_->unsigned_leb(read_label());
    frame.kind = FrameKind::after_delegate;
  } else {
    return fail_at_keyword(frame.kind == FrameKind::try_ ? "do" : "\")\"");
  }
  Frame clause;
  clause.kind = FrameKind::clause;
  frames_.push_back(std::move(clause));
}

void InstructionParser::read_right() {
  Frame& frame = frames_.back();
  place_ = cursor_.offset();
  switch (frame.kind) {
    case FrameKind::plain:
      record_hint(frame.hint);
      out_->append(pending_, frame.pending_start);
      pending_.truncate(frame.pending_start);
      break;
    case FrameKind::block:
    case FrameKind::after_then:
    case FrameKind::after_else:
    case FrameKind::after_do:
    case FrameKind::after_catch_all:
      write_opcode(Opcode::end, *out_);
      pop_label(frame);
      break;
    case FrameKind::clause:
    case FrameKind::after_delegate: break;
    case FrameKind::condition: return cursor_.fail_unexpected("then");
    case FrameKind::try_: return cursor_.fail_unexpected("do");
    default: return cursor_.fail_unexpected("end");
  }
  cursor_.take();
  frames_.pop_back();
}

/// The keyword that was just taken cannot stand here.
void InstructionParser::fail_at_keyword(std::string_view wanted) {
  cursor_.seek(cursor_.position() - 1);
  cursor_.fail_unexpected(wanted);
}

// --- Branch hints

void InstructionParser::read_hint() {
  const size_t offset = cursor_.offset();
  if (locals_ == nullptr ||
      !cursor_.take_form("metadata.code.branch_hint", TokenKind::annotation)) {
    return cursor_.fail_unexpected("an instruction");
  }
  if (hint_) {
    return cursor_.fail(offset, "@metadata.code.branch_hint annotation: duplicate annotation");
  }
  const std::string value = cursor_.read_strings();
  if (cursor_.ok() && (value.size() != 1 || static_cast<uint8_t>(value[0]) > 1)) {
    return cursor_.fail(offset, "@metadata.code.branch_hint annotation: invalid hint");
  }
  cursor_.expect_right();
  if (!cursor_.ok()) return;
  hint_ = static_cast<uint8_t>(value[0]);
  hint_offset_ = offset;
}

std::optional<uint8_t> InstructionParser::take_hint(const OpInfo& info) {
  if (hint_ && info.opcode != Opcode::if_ && info.opcode != Opcode::br_if) {
    cursor_.fail(hint_offset_, "@metadata.code.branch_hint annotation: invalid target",
                 ErrorKind::invalid);
  }
  return std::exchange(hint_, std::nullopt);
}

void InstructionParser::record_hint(std::optional<uint8_t> hint) {
  if (hint) hints_.push_back({static_cast<uint32_t>(out_->size()), *hint});
}

// --- Blocks and labels

InstructionParser::Frame InstructionParser::read_block_start(Opcode opcode, ByteWriter& out) {
  Frame frame;
  frame.label = cursor_.read_id();
  frame.label_name = read_name_annotation(cursor_, frame.label);
  write_opcode(opcode, out);
  read_block_type(out);
  if (opcode == Opcode::try_table) read_catches(out);
  return frame;
}

void InstructionParser::read_block_type(ByteWriter& out) {
  const TypeUse use = scope_.types.read_use(false);
  const Signature& signature = use.signature;
  if (use.index || !signature.params.empty() || signature.results.size() > 1) {
    out.signed_leb(scope_.types.resolve(use));
  } else if (signature.results.empty()) {
    out.u8(0x40);
  } else {
    out.raw(signature.results[0].bytes());
  }
}

void InstructionParser::read_catches(ByteWriter& out) {
  static constexpr const char* kCatches[] = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
  ByteWriter catches;
  uint32_t count = 0;
  for (bool found = true; found && cursor_.ok();) {
    found = false;
    for (uint8_t kind = 0; kind < std::size(kCatches); ++kind) {
      if (!cursor_.take_form(kCatches[kind])) continue;
      found = true;
      ++count;
      catches.u8(kind);
      if (kind < 2) catches.unsigned_leb(scope_.read_index(Space::tag));
      catches.unsigned_leb(read_label());
      cursor_.expect_right();
    }
  }
  out.unsigned_leb(count);
  out.raw(catches.bytes());
}

void InstructionParser::push_label(const Frame& frame) {
  if (frame.label) labels_[*frame.label].push_back(num_labels_);
  if (frame.label_name) label_names_.push_back({num_blocks_, *frame.label_name});
  ++num_labels_;
  ++num_blocks_;
}

void InstructionParser::pop_label(const Frame& frame) {
  --num_labels_;
  if (!frame.label) return;
  const auto found = labels_.find(*frame.label);
  found->second.pop_back();
  if (found->second.empty()) labels_.erase(found);
}

uint32_t InstructionParser::read_label() {
  if (cursor_.kind() != TokenKind::id) return cursor_.read_u32();
  const size_t offset = cursor_.offset();
  const std::string id = *cursor_.read_id();
  const auto found = labels_.find(id);
  if (found == labels_.end()) {
    cursor_.fail(offset, "unknown label $" + id);
    return 0;
  }
  return num_labels_ - 1 - found->second.back();
}

/// The label that may be repeated at `else`, `end` and the like.
void InstructionParser::check_label(const Frame& frame) {
  if (cursor_.kind() != TokenKind::id) return;
  const size_t offset = cursor_.offset();
  const std::optional<std::string> id = cursor_.read_id();
  if (id == frame.label) return;
  cursor_.fail(offset, "mismatching label $" + *id +
                           (frame.label ? ", expected $" + *frame.label : ", expected none"));
}

void InstructionParser::flat_else() {
  if (frames_.empty() || frames_.back().kind != FrameKind::flat_if) {
    return fail_at_keyword("");
  }
  check_label(frames_.back());
  frames_.back().kind = FrameKind::flat_else;
  write_opcode(Opcode::else_, *out_);
}

void InstructionParser::flat_end() {
  if (frames_.empty() || frames_.back().kind > FrameKind::flat_catch_all) {
    return fail_at_keyword("");
  }
  check_label(frames_.back());
  write_opcode(Opcode::end, *out_);
  pop_label(frames_.back());
  frames_.pop_back();
}

void InstructionParser::flat_catch(const OpInfo& info) {
  if (frames_.empty() || (frames_.back().kind != FrameKind::flat_try &&
                          frames_.back().kind != FrameKind::flat_catch)) {
    return fail_at_keyword("");
  }
  const bool is_all = info.opcode == Opcode::catch_all;
  frames_.back().kind = is_all ? FrameKind::flat_catch_all : FrameKind::flat_catch;
  if (is_all) check_label(frames_.back());
  write_opcode(info.opcode, *out_);
  if (!is_all) out_->unsigned_leb(scope_.read_index(Space::tag));
}

void InstructionParser::flat_delegate() {
  if (frames_.empty() || frames_.back().kind != FrameKind::flat_try) {
    return fail_at_keyword("");
  }
  pop_label(frames_.back());
  frames_.pop_back();
  write_opcode(Opcode::delegate, *out_);
  out_->unsigned_leb(read_label());
}

// --- One instruction

void InstructionParser::write_opcode(Opcode opcode, ByteWriter& out) {
  if (scope_.has_places) out.mark(place_);
  const auto code = static_cast<uint32_t>(opcode);
  if (code >> 12 == 0) return out.u8(code);
  out.u8(code >> 12);
  out.unsigned_leb(code & 0xfff);
}

void InstructionParser::write_instruction(const OpInfo& info, ByteWriter& out) {
  switch (info.immediate) {
    case Immediate::select_types: break;
    case Immediate::none:
      if (info.opcode == Opcode::select && cursor_.at_form("result")) {
        write_opcode(Opcode::select_t, out);
        const TypeUse use = scope_.types.read_use(false);
        out.unsigned_leb(use.signature.results.size());
        for (const EncodedType& type : use.signature.results) out.raw(type.bytes());
        return;
      }
      if (info.opcode == Opcode::else_ || info.opcode == Opcode::end ||
          info.opcode == Opcode::catch_all) {
        return fail_at_keyword("an instruction");
      }
      return write_opcode(info.opcode, out);
    case Immediate::heap_type: {
      if (info.opcode == Opcode::ref_null) {
        write_opcode(info.opcode, out);
        return out.raw(scope_.types.read_heap_type().bytes());
      }
      // ref.test and ref.cast have a row for non-null types and the next for nullable ones.
      const RefType type = scope_.types.read_ref_type();
      write_opcode(Opcode(static_cast<uint32_t>(info.opcode) + (type.is_nullable ? 1 : 0)), out);
      return out.raw(type.heap_type.bytes());
    }
    default: break;
  }
  if (info.opcode == Opcode::catch_ || info.opcode == Opcode::delegate) {
    return fail_at_keyword("an instruction");
  }
  write_opcode(info.opcode, out);
  write_immediates(info, out);
}

void InstructionParser::write_immediates(const OpInfo& info, ByteWriter& out) {
  const auto write_index = [&](Space space) { out.unsigned_leb(scope_.read_index(space)); };
  const auto write_type = [&] {
    const uint32_t type = scope_.types.read_index();
    out.unsigned_leb(type);
    return type;
  };
  switch (info.immediate) {
    case Immediate::label: return out.unsigned_leb(read_label());
    case Immediate::br_table: return write_br_table(out);
    case Immediate::func: return write_index(Space::func);
    case Immediate::type: write_type(); return;
    case Immediate::local: return out.unsigned_leb(read_local());
    case Immediate::global: return write_index(Space::global);
    case Immediate::tag: return write_index(Space::tag);
    case Immediate::elem: return write_index(Space::elem);
    case Immediate::data: scope_.needs_data_count = true; return write_index(Space::data);
    case Immediate::table: return out.unsigned_leb(read_optional_index(Space::table));
    case Immediate::memory: return out.unsigned_leb(read_optional_index(Space::memory));
    case Immediate::call_indirect: {
      const uint32_t table = read_optional_index(Space::table);
      out.unsigned_leb(scope_.types.resolve(scope_.types.read_use(false)));
      return out.unsigned_leb(table);
    }
    case Immediate::two_tables:
    case Immediate::two_mems: {
      const Space space = info.immediate == Immediate::two_mems ? Space::memory : Space::table;
      // Both or none.
      const bool is_written = scope_.at_index();
      out.unsigned_leb(is_written ? scope_.read_index(space) : 0);
      return out.unsigned_leb(is_written ? scope_.read_index(space) : 0);
    }
    case Immediate::elem_table:
    case Immediate::data_mem: {
      // The memory or table is first in the text, second in the binary, and may be left out.
      const bool is_data = info.immediate == Immediate::data_mem;
      if (is_data) scope_.needs_data_count = true;
      const size_t start = cursor_.position();
      cursor_.take();
      const bool has_both = scope_.at_index();
      cursor_.seek(start);
      const uint32_t target =
          has_both ? scope_.read_index(is_data ? Space::memory : Space::table) : 0;
      write_index(is_data ? Space::data : Space::elem);
      return out.unsigned_leb(target);
    }
    case Immediate::memarg: return write_memarg(info, false, out);
    case Immediate::memarg_lane: write_memarg(info, true, out); return out.u8(read_lane_index());
    case Immediate::lane: return out.u8(read_lane_index());
    case Immediate::shuffle: return write_shuffle(out);
    case Immediate::v128: return out.raw(read_vector(cursor_));
    case Immediate::i32: return out.signed_leb(static_cast<int32_t>(cursor_.read_integer(32)));
    case Immediate::i64: return out.signed_leb(static_cast<int64_t>(cursor_.read_integer(64)));
    case Immediate::f32: return out.fixed(cursor_.read_f32(), 4);
    case Immediate::f64: return out.fixed(cursor_.read_f64(), 8);
    case Immediate::cast_br: return write_cast_branch(out);
    case Immediate::type_field: {
      const uint32_t type = write_type();
      return out.unsigned_leb(scope_.types.read_field_index(type));
    }
    case Immediate::type_u32: write_type(); return out.unsigned_leb(cursor_.read_u32());
    case Immediate::type_data:
      write_type();
      scope_.needs_data_count = true;
      return write_index(Space::data);
    case Immediate::type_elem: write_type(); return write_index(Space::elem);
    case Immediate::two_types:
      write_type();
      write_type();
      return;
    case Immediate::fence: return out.u8(0);
    case Immediate::none:
    case Immediate::block_type:
    case Immediate::try_table:
    case Immediate::select_types:
    case Immediate::heap_type: break;
  }
  UNREACHABLE();
}

uint32_t InstructionParser::read_optional_index(Space space) {
  return scope_.at_index() ? scope_.read_index(space) : 0;
}

uint32_t InstructionParser::read_local() {
  if (cursor_.kind() != TokenKind::id) return cursor_.read_u32();
  const size_t offset = cursor_.offset();
  const std::string id = *cursor_.read_id();
  const auto index = locals_ == nullptr ? std::nullopt : locals_->find(id);
  if (!index) cursor_.fail(offset, "unknown local $" + id);
  return index.value_or(0);
}

void InstructionParser::write_br_table(ByteWriter& out) {
  ByteWriter labels;
  uint64_t count = 0;
  do {
    labels.unsigned_leb(read_label());
    ++count;
  } while (scope_.at_index());
  out.unsigned_leb(count - 1);
  out.raw(labels.bytes());
}

uint8_t InstructionParser::read_lane_index() {
  const size_t offset = cursor_.offset();
  const uint64_t lane = cursor_.read_unsigned();
  if (lane > 255) cursor_.fail(offset, "malformed lane index");
  return static_cast<uint8_t>(lane);
}

void InstructionParser::write_shuffle(ByteWriter& out) {
  for (int i = 0; i < 16 && cursor_.ok(); ++i) {
    if (!cursor_.at_number()) {
      return cursor_.fail(cursor_.offset(), "invalid lane length: i8x16.shuffle has 16 lanes");
    }
    out.u8(read_lane_index());
  }
}

void InstructionParser::write_memarg(const OpInfo& info, bool has_lane, ByteWriter& out) {
  // A lone number in front of nothing but the end is a lane.
  bool has_memory = scope_.at_index();
  if (has_memory && has_lane && cursor_.kind() != TokenKind::id) {
    const size_t start = cursor_.position();
    cursor_.take();
    has_memory = cursor_.at_number() || cursor_.text().starts_with("offset=") ||
                 cursor_.text().starts_with("align=");
    cursor_.seek(start);
  }
  const uint32_t memory = has_memory ? scope_.read_index(Space::memory) : 0;
  const auto read_field = [&](std::string_view prefix, uint64_t otherwise) {
    if (cursor_.kind() != TokenKind::atom || !cursor_.text().starts_with(prefix)) return otherwise;
    const Literal<uint64_t> number = parse_unsigned(cursor_.text().substr(prefix.size()));
    if (number.error == LiteralError::out_of_range) {
      cursor_.fail(cursor_.offset(), "i64 constant out of range");
    } else if (!number.ok()) {
      cursor_.fail(cursor_.offset(), "unknown operator " + std::string(cursor_.text()));
    }
    cursor_.take();
    return number.value;
  };
  const uint64_t offset = read_field("offset=", 0);
  const size_t align_offset = cursor_.offset();
  const uint64_t align = read_field("align=", uint64_t{1} << natural_align_log2(info.opcode));
  if (!std::has_single_bit(align)) {
    return cursor_.fail(align_offset, "alignment must be a power of two");
  }
  out.unsigned_leb(static_cast<unsigned>(std::countr_zero(align)) | (memory != 0 ? 0x40u : 0u));
  if (memory != 0) out.unsigned_leb(memory);
  out.unsigned_leb(offset);
}

void InstructionParser::write_cast_branch(ByteWriter& out) {
  const uint32_t label = read_label();
  const RefType from = scope_.types.read_ref_type();
  const RefType to = scope_.types.read_ref_type();
  out.u8((from.is_nullable ? 1u : 0u) | (to.is_nullable ? 2u : 0u));
  out.unsigned_leb(label);
  out.raw(from.heap_type.bytes());
  out.raw(to.heap_type.bytes());
}

}  // namespace swoop::text
