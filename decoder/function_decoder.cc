#include "decoder/function_decoder.h"

#include <algorithm>

namespace swoop {

namespace {

std::string hex(uint32_t value) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value != 0);
  if (text.size() == 1) text.insert(text.begin(), '0');
  return text;
}

template <class Reader>
void read_runs(Reader& reader, const TypeScope& scope, size_t num_params,
               std::vector<LocalRun>& runs) {
  runs.clear();
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  uint64_t locals = 0;
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const uint32_t run = reader.read_u32();
    locals += run;
    runs.push_back({run, read_val_type(reader, scope)});
  }
  if (locals > UINT32_MAX) {
    reader.fail_malformed(start, errors::kTooManyLocals);
  } else if (locals + num_params > limits::kMaxLocals) {
    reader.fail(start, ErrorKind::limit_exceeded,
                std::string(errors::kTooManyLocals) + ": " + std::to_string(locals + num_params) +
                    " with parameters, at most " + std::to_string(limits::kMaxLocals));
  }
}

// Moves over what follows an opcode.
void skip_immediates(UncheckedReader& reader, Immediate immediate) {
  const auto skip_block_type = [&] {
    // (ref null ht) and (ref ht) are two parts, all others are one number.
    const uint8_t first = reader.peek_u8();
    reader.skip_leb();
    if (first == 0x63 || first == 0x64) reader.skip_leb();
  };
  switch (immediate) {
    case Immediate::none: break;
    case Immediate::block_type: skip_block_type(); break;
    case Immediate::br_table:
      for (uint64_t left = uint64_t{reader.read_u32()} + 1; left != 0; --left) reader.skip_leb();
      break;
    case Immediate::try_table:
      skip_block_type();
      for (uint32_t left = reader.read_u32(); left != 0; --left) {
        if (reader.read_u8() <= 1) reader.skip_leb();
        reader.skip_leb();
      }
      break;
    case Immediate::select_types:
      for (uint32_t left = reader.read_u32(); left != 0; --left) skip_block_type();
      break;
    case Immediate::memarg:
    case Immediate::memarg_lane:
      if (reader.read_u32() >= 0x40) reader.skip_leb();
      reader.skip_leb();
      if (immediate == Immediate::memarg_lane) reader.skip(1);
      break;
    case Immediate::lane:
    case Immediate::fence: reader.skip(1); break;
    case Immediate::f32: reader.skip(4); break;
    case Immediate::f64: reader.skip(8); break;
    case Immediate::shuffle:
    case Immediate::v128: reader.skip(16); break;
    case Immediate::cast_br:
      reader.skip(1);
      reader.skip_leb();
      reader.skip_leb();
      reader.skip_leb();
      break;
    case Immediate::label:
    case Immediate::func:
    case Immediate::type:
    case Immediate::local:
    case Immediate::global:
    case Immediate::table:
    case Immediate::elem:
    case Immediate::data:
    case Immediate::memory:
    case Immediate::tag:
    case Immediate::i32:
    case Immediate::i64:
    case Immediate::heap_type: reader.skip_leb(); break;
    case Immediate::call_indirect:
    case Immediate::two_tables:
    case Immediate::elem_table:
    case Immediate::two_mems:
    case Immediate::data_mem:
    case Immediate::type_field:
    case Immediate::type_u32:
    case Immediate::type_data:
    case Immediate::type_elem:
    case Immediate::two_types:
      reader.skip_leb();
      reader.skip_leb();
      break;
  }
}

}  // namespace

namespace internal {

std::string illegal_opcode_message(uint8_t byte) {
  return std::string(errors::kIllegalOpcode) + " " + hex(byte);
}
std::string illegal_opcode_message(uint8_t prefix, uint32_t number) {
  return illegal_opcode_message(prefix) + " " + hex(number);
}
std::string disabled_opcode_message(Opcode opcode) {
  const uint32_t code = static_cast<uint32_t>(opcode);
  const std::string message =
      code < 0x1000 ? illegal_opcode_message(static_cast<uint8_t>(code))
                    : illegal_opcode_message(static_cast<uint8_t>(code >> 12), code & 0xfff);
  const OpInfo& info = op_info(opcode);
  return message + ": " + info.text + " (feature " + to_string(info.feature) + " is disabled)";
}

}  // namespace internal

void read_local_decls(ByteReader& reader, const TypeScope& scope, size_t num_params,
                      std::vector<LocalRun>& runs) {
  read_runs(reader, scope, num_params, runs);
}

void read_local_decls(UncheckedReader& reader, const TypeScope& scope, size_t num_params,
                      std::vector<LocalRun>& runs) {
  read_runs(reader, scope, num_params, runs);
}

Opcode skip_operator(UncheckedReader& reader) {
  uint32_t code = reader.read_u8();
  if (code >= 0xfb) code = code << 12 | reader.read_u32();
  skip_immediates(reader, op_info(Opcode(code)).immediate);
  return Opcode(code);
}

void CodePosition::skip_dead_code() {
  UncheckedReader reader({position(), end()}, 0);
  size_t depth = 0;
  for (;;) {
    const uint8_t* start = reader.position();
    uint32_t code = reader.read_u8();
    switch (Opcode(code)) {
      case Opcode::block:
      case Opcode::loop:
      case Opcode::if_:
      case Opcode::try_:
      case Opcode::try_table: ++depth; break;
      case Opcode::else_:
      case Opcode::catch_:
      case Opcode::catch_all:
        if (depth == 0) return set_position(start);
        break;
      case Opcode::delegate:
      case Opcode::end:
        if (depth == 0) return set_position(start);
        --depth;
        break;
      default: break;
    }
    if (code >= 0xfb) code = code << 12 | reader.read_u32();
    skip_immediates(reader, op_info(Opcode(code)).immediate);
  }
}

}  // namespace swoop
