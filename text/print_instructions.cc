#include "text/print_instructions.h"

#include "decoder/errors.h"
#include "decoder/function_decoder.h"
#include "decoder/validator_errors.h"

#include <cstring>
#include <iterator>
#include <string>

namespace swoop::text {

namespace {

// The rows' texts with their lengths.
constexpr auto kTexts = [] {
  std::array<std::string_view, std::size(kOpcodes)> texts;
  for (size_t i = 0; i < texts.size(); ++i) texts[i] = kOpcodes[i].text;
  return texts;
}();

}  // namespace

void InstructionPrinter::begin(ByteReader& reader, const Identifiers& locals, const NameMap& labels,
                               uint32_t num_results) {
  reader_ = &reader;
  locals_ = &locals;
  labels_ = &labels;
  next_label_ = 0;
  num_blocks_ = 0;
  innermost_.clear();
  frames_.clear();
  frames_.push_back({.num_results = num_results});
}

bool InstructionPrinter::read_opcode() {
  opcode_offset_ = reader_->offset();
  if (reader_->at_end()) {
    if (reader_->ok()) {
      reader_->fail_malformed(opcode_offset_,
                              std::string(errors::kEndExpected) + ", found the end of the body");
    }
    return false;
  }
  const uint8_t byte = reader_->read_u8();
  if (byte < 0xfb || byte == 0xff) {
    info_ = find_op_info(Opcode(byte));
    if (info_ != nullptr) [[likely]]
      return true;
    reader_->fail_malformed(opcode_offset_, internal::illegal_opcode_message(byte));
    return false;
  }
  const uint32_t number = reader_->read_u32();
  // A greater one would alias a row of the next prefix.
  info_ = number < 0x1000 ? find_op_info(Opcode(uint32_t{byte} << 12 | number)) : nullptr;
  if (info_ == nullptr) {
    reader_->fail_malformed(opcode_offset_, internal::illegal_opcode_message(byte, number));
  }
  return reader_->ok();
}

bool InstructionPrinter::ends_sequence() const {
  switch (opcode()) {
    case Opcode::else_:
    case Opcode::catch_:
    case Opcode::catch_all:
    case Opcode::delegate:
    case Opcode::end: return true;
    default: return false;
  }
}

void InstructionPrinter::put_instruction() {
  out_.put(kTexts[static_cast<size_t>(info_ - kOpcodes)]);
  put_immediates();
}

void InstructionPrinter::put_immediates() {
  ByteReader& reader = *reader_;
  switch (info_->immediate) {
    case Immediate::none:
      if (ends_sequence()) check_clause();
      break;
    case Immediate::block_type:
    case Immediate::try_table: put_block(); break;
    case Immediate::label:
      if (opcode() == Opcode::delegate) check_clause();
      index_ = reader.read_u32();
      put_space();
      put_label(index_);
      break;
    case Immediate::br_table: put_br_table(); break;
    case Immediate::func: index_ = read_and_put(NameKind::function); break;
    case Immediate::type: index_ = read_and_put(NameKind::type); break;
    case Immediate::local:
      put_space();
      locals_->put_reference(out_, reader.read_u32());
      break;
    case Immediate::global: read_and_put(NameKind::global); break;
    case Immediate::table: read_and_put(NameKind::table); break;
    case Immediate::elem: read_and_put(NameKind::elem); break;
    case Immediate::data:
      needs_data_count_ = true;
      read_and_put(NameKind::data);
      break;
    case Immediate::memory: put_ref_or_default(NameKind::memory, reader.read_u32()); break;
    case Immediate::tag:
      if (opcode() == Opcode::catch_) check_clause();
      index_ = read_and_put(NameKind::tag);
      break;
    case Immediate::call_indirect:
      index_ = reader.read_u32();
      put_ref_or_default(NameKind::table, reader.read_u32());
      put_space();
      put_type_use(index_);
      break;
    case Immediate::two_tables:
      read_and_put(NameKind::table);
      read_and_put(NameKind::table);
      break;
    case Immediate::elem_table: {
      const uint32_t elem = reader.read_u32();
      put_ref_or_default(NameKind::table, reader.read_u32());
      put_ref(NameKind::elem, elem);
      break;
    }
    case Immediate::two_mems: {
      const uint32_t target = reader.read_u32();
      const uint32_t source = reader.read_u32();
      if ((target | source) == 0) break;
      put_ref(NameKind::memory, target);
      put_ref(NameKind::memory, source);
      break;
    }
    case Immediate::data_mem: {
      needs_data_count_ = true;
      const uint32_t data = reader.read_u32();
      put_ref_or_default(NameKind::memory, reader.read_u32());
      put_ref(NameKind::data, data);
      break;
    }
    case Immediate::memarg: put_memarg(); break;
    case Immediate::memarg_lane:
      put_memarg();
      put_lanes(1);
      break;
    case Immediate::lane: put_lanes(1); break;
    case Immediate::shuffle: put_lanes(16); break;
    case Immediate::v128: put_vector(); break;
    case Immediate::i32:
      put_space();
      out_.put_signed(reader.read_s32());
      break;
    case Immediate::i64:
      put_space();
      out_.put_signed(reader.read_s64());
      break;
    case Immediate::f32:
      put_space();
      out_.put_f32(reader.read_f32_bits());
      break;
    case Immediate::f64:
      put_space();
      out_.put_f64(reader.read_f64_bits());
      break;
    case Immediate::select_types: put_select_types(); break;
    case Immediate::heap_type:
      if (opcode() == Opcode::ref_null) {
        put_space();
        type_printer_.put_heap_type(read_written_heap_type(reader));
      } else {
        put_ref_type(opcode() == Opcode::ref_test_null || opcode() == Opcode::ref_cast_null);
      }
      break;
    case Immediate::cast_br: put_cast_branch(); break;
    case Immediate::type_field: {
      const uint32_t type = read_and_put(NameKind::type);
      put_space();
      ids_.fields.of(type).put_reference(out_, reader.read_u32());
      break;
    }
    case Immediate::type_u32:
      read_and_put(NameKind::type);
      count_ = reader.read_u32();
      put_space();
      out_.put_unsigned(count_);
      break;
    case Immediate::type_data:
      needs_data_count_ = true;
      read_and_put(NameKind::type);
      read_and_put(NameKind::data);
      break;
    case Immediate::type_elem:
      read_and_put(NameKind::type);
      read_and_put(NameKind::elem);
      break;
    case Immediate::two_types:
      read_and_put(NameKind::type);
      read_and_put(NameKind::type);
      break;
    case Immediate::fence: {
      const size_t start = reader.offset();
      if (reader.read_u8() != 0) reader.fail_malformed(start, errors::kZeroByteExpected);
      break;
    }
  }
}

uint32_t InstructionPrinter::read_and_put(NameKind kind) {
  const uint32_t index = reader_->read_u32();
  put_ref(kind, index);
  return index;
}

void InstructionPrinter::put_type_use(uint32_t index) {
  out_.put("(type ");
  ids_.of(NameKind::type).put_reference(out_, index);
  out_.put(')');
}

void InstructionPrinter::put_label(uint32_t depth) {
  if (depth < frames_.size()) {
    const size_t position = frames_.size() - 1 - depth;
    const std::string_view label = frames_[position].label;
    if (!label.empty() && innermost_[label] == position + 1) {
      return put_id(out_, {label, id_form(label)});
    }
  }
  out_.put_unsigned(depth);
}

void InstructionPrinter::put_ref_type(bool is_nullable) {
  out_.put(is_nullable ? " (ref null " : " (ref ");
  type_printer_.put_heap_type(read_written_heap_type(*reader_));
  out_.put(')');
}

void InstructionPrinter::put_block() {
  Frame frame{.kind = opcode()};
  if (next_label_ < labels_->size() && (*labels_)[next_label_].first == num_blocks_) {
    const std::string_view name = (*labels_)[next_label_++].second;
    put_definition_id(out_, {name, id_form(name)});
    frame.label = name;
  }
  ++num_blocks_;

  const size_t start = reader_->offset();
  const uint8_t byte = reader_->peek_u8();
  if (byte == 0x40) {
    reader_->read_u8();
  } else if ((byte & 0xc0) == 0x40) {
    frame.num_results = 1;
    out_.put(" (result ");
    type_printer_.put_val_type(read_written_val_type(*reader_));
    out_.put(')');
  } else {
    const int64_t index = reader_->read_s33();
    if (index < 0) reader_->fail_malformed(start, errors::kBlockType);
    const auto type = static_cast<uint32_t>(index);
    const std::span<const WrittenType> params = types_.params(type);
    const std::span<const WrittenType> results = types_.results(type);
    frame.num_params = static_cast<uint32_t>(params.size());
    frame.num_results = static_cast<uint32_t>(results.size());
    put_space();
    put_type_use(type);
    constexpr size_t kMaxRepeated = 16;  // the index says it all
    if (params.size() + results.size() <= kMaxRepeated) {
      type_printer_.put_list("param", params);
      type_printer_.put_list("result", results);
    }
  }
  // Labels of clauses do not count the block itself.
  if (info_->immediate == Immediate::try_table) put_catch_clauses();
  push_frame(frame);
}

void InstructionPrinter::put_catch_clauses() {
  static constexpr std::string_view kKeywords[] = {"catch", "catch_ref", "catch_all",
                                                   "catch_all_ref"};
  const uint32_t count = reader_->read_count();
  for (uint32_t i = 0; i < count && reader_->ok(); ++i) {
    const size_t start = reader_->offset();
    const uint8_t kind = reader_->read_u8();
    if (kind >= std::size(kKeywords)) return reader_->fail_malformed(start, errors::kCatchClause);
    out_.put(" (");
    out_.put(kKeywords[kind]);
    if (kind <= 1) read_and_put(NameKind::tag);
    put_space();
    put_label(reader_->read_u32());
    out_.put(')');
  }
}

void InstructionPrinter::put_br_table() {
  const uint32_t count = reader_->read_count();
  for (uint64_t i = 0; i <= count && reader_->ok(); ++i) {
    index_ = reader_->read_u32();
    put_space();
    put_label(index_);
  }
}

void InstructionPrinter::put_memarg() {
  constexpr uint32_t kHasMemory = 0x40;
  const size_t start = reader_->offset();
  const uint32_t flags = reader_->read_u32();
  if (flags >= 2 * kHasMemory) return reader_->fail_malformed(start, errors::kMemopFlags);
  if (flags >= kHasMemory) put_ref_or_default(NameKind::memory, reader_->read_u32());
  if (const uint64_t offset = reader_->read_u64(); offset != 0) {
    out_.put(" offset=");
    out_.put_unsigned(offset);
  }
  const uint32_t align_log2 = flags & (kHasMemory - 1);
  if (align_log2 != natural_align_log2(opcode())) {
    out_.put(" align=");
    out_.put_unsigned(uint64_t{1} << align_log2);
  }
}

void InstructionPrinter::put_lanes(unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    put_space();
    out_.put_unsigned(reader_->read_u8());
  }
}

void InstructionPrinter::put_vector() {
  std::array<uint8_t, 16> bytes;
  reader_->read_16_bytes(bytes);
  out_.put(" i32x4");
  for (size_t i = 0; i < 16; i += 4) {
    uint32_t lane;
    std::memcpy(&lane, &bytes[i], sizeof(lane));
    put_space();
    out_.put_hex32(lane);
  }
}

void InstructionPrinter::put_select_types() {
  const uint32_t count = reader_->read_count();
  out_.put(" (result");
  for (uint32_t i = 0; i < count && reader_->ok(); ++i) {
    put_space();
    type_printer_.put_val_type(read_written_val_type(*reader_));
  }
  out_.put(')');
}

void InstructionPrinter::put_cast_branch() {
  const size_t start = reader_->offset();
  const uint8_t flags = reader_->read_u8();
  if (flags > 3) reader_->fail_malformed(start, errors::kCastFlags);
  index_ = reader_->read_u32();
  put_space();
  put_label(index_);
  put_ref_type((flags & 1) != 0);
  put_ref_type((flags & 2) != 0);
}

void InstructionPrinter::push_frame(Frame frame) {
  if (!frame.label.empty()) {
    size_t& innermost = innermost_[frame.label];
    frame.shadowed = innermost;
    innermost = frames_.size() + 1;
  }
  frames_.push_back(frame);
}

void InstructionPrinter::pop_frame() {
  const Frame& frame = frames_.back();
  if (!frame.label.empty()) innermost_[frame.label] = frame.shadowed;
  frames_.pop_back();
}

// What the text can say only where it belongs. The frame remembers the clause it is in.
void InstructionPrinter::check_clause() {
  Frame& frame = frames_.back();
  const auto require = [&](bool is_placed, const char* message) {
    if (!is_placed) reader_->fail_malformed(opcode_offset_, message);
  };
  switch (opcode()) {
    case Opcode::else_:
      require(frame.kind == Opcode::if_, errors::kMisplacedElse);
      frame.kind = Opcode::else_;
      break;
    case Opcode::catch_:
    case Opcode::catch_all:
      require(frame.kind == Opcode::try_ || frame.kind == Opcode::catch_, errors::kMisplacedCatch);
      frame.kind = opcode();
      break;
    case Opcode::delegate:
      require(frame.kind == Opcode::try_, errors::kMisplacedDelegate);
      if (reader_->ok()) pop_frame();
      break;
    default: pop_frame(); break;
  }
}

void put_branch_hint(PrintOutput& out, uint8_t hint) {
  out.put("(@metadata.code.branch_hint \"\\0");
  out.put(static_cast<char>('0' + hint));
  out.put("\")");
}

}  // namespace swoop::text
