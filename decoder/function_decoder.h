// The one loop over the instructions of a body. A sink has a member `on(Op<opcode>, immediates...)`
// for each instruction; the switch is made from wasm/opcodes.def, so a sink without a handler for a
// row does not compile. Checked, the decoder refuses malformed bytes and what has no meaning
// without a type (unknown type indices, disabled features); the sink checks all else. Unchecked, it
// reads again what was validated, and checks nothing. Spec: binary/instructions.
#pragma once

#include "base/check.h"
#include "base/index_vector.h"
#include "base/inline.h"
#include "base/result.h"
#include "decoder/byte_reader.h"
#include "decoder/errors.h"
#include "decoder/type_reader.h"
#include "wasm/features.h"
#include "wasm/limits.h"
#include "wasm/module.h"
#include "wasm/opcode.h"
#include "wasm/type_registry.h"
#include "wasm/types.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace swoop {

/// The type of a block: a function type, or no parameters and at most one result.
struct BlockType {
  const FuncType* type = nullptr;  // lives as long as the TypeRegistry
  ValType result;                  // bot: none; used when type == nullptr

  std::span<const ValType> params() const {
    return type ? std::span<const ValType>(type->params) : std::span<const ValType>();
  }
  std::span<const ValType> results() const {
    if (type) return type->results;
    return {&result, result == ValType::bot ? size_t{0} : size_t{1}};
  }
};

/// Spec: syntax/instructions#memory-instructions.
struct MemArg {
  MemoryIdx memory{};
  uint64_t offset = 0;
  uint32_t align_log2 = 0;
};

/// The labels of a br_table, read from the body each time they are asked for.
class BrTable {
 public:
  BrTable(const uint8_t* labels, uint32_t count) : labels_(labels), count_(count) {}

  /// Without the default label.
  uint32_t count() const { return count_; }
  /// Calls `visit(LabelIdx)` count() + 1 times: for 0, 1, ... and last the default.
  template <class Visit>
  void for_each(Visit&& visit) const {
    UncheckedReader reader({labels_, size_t{1}}, 0);
    for (uint64_t i = 0; i <= count_; ++i) visit(LabelIdx(reader.read_u32()));
  }

 private:
  const uint8_t* labels_;
  uint32_t count_;
};

/// Spec: syntax/instructions#exception-instructions.
struct CatchClause {
  enum class Kind : uint8_t { catch_, catch_ref, catch_all, catch_all_ref };
  Kind kind;
  TagIdx tag{};  // of catch_ and catch_ref
  LabelIdx label{};

  bool has_tag() const { return kind <= Kind::catch_ref; }
  /// The label also gets the exception itself.
  bool has_exnref() const { return kind == Kind::catch_ref || kind == Kind::catch_all_ref; }
};

/// The clauses of a try_table, read from the body each time they are asked for.
class CatchList {
 public:
  CatchList(const uint8_t* clauses, uint32_t count) : clauses_(clauses), count_(count) {}

  uint32_t count() const { return count_; }
  /// Calls `visit(const CatchClause&)` for each, in order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    UncheckedReader reader({clauses_, size_t{1}}, 0);
    for (uint32_t i = 0; i < count_; ++i) {
      CatchClause clause{CatchClause::Kind(reader.read_u8())};
      if (clause.has_tag()) clause.tag = TagIdx(reader.read_u32());
      clause.label = LabelIdx(reader.read_u32());
      visit(clause);
    }
  }

 private:
  const uint8_t* clauses_;
  uint32_t count_;
};

/// The annotation of a typed select. Only one with a single type is valid, so only the first one is
/// kept.
struct SelectTypes {
  uint32_t count = 0;
  ValType first;

  size_t size() const { return count; }
};

/// `count` locals of one type. Spec: binary/modules#code-section.
struct LocalRun {
  uint32_t count = 0;
  ValType type;
};

/// Reads the declarations of locals in front of a body's instructions. `num_params` count as locals
/// for the limit. Allocates by the bytes there are. Errors: malformed and limit_exceeded, both "too
/// many locals".
void read_local_decls(ByteReader& reader, const TypeScope& scope, size_t num_params,
                      std::vector<LocalRun>& runs);
void read_local_decls(UncheckedReader& reader, const TypeScope& scope, size_t num_params,
                      std::vector<LocalRun>& runs);

/// Moves over an operator of a validated body and tells which one it was.
Opcode skip_operator(UncheckedReader& reader);

namespace internal {

std::string illegal_opcode_message(uint8_t byte);
std::string illegal_opcode_message(uint8_t prefix, uint32_t number);
std::string disabled_opcode_message(Opcode opcode);

}  // namespace internal

/// Operators that leave the decoder's position alone in every sink, also in one that consumes
/// instructions. The decoder need not look for it behind them.
constexpr bool keeps_position(Opcode opcode) {
  switch (opcode) {
    case Opcode::nop:
    case Opcode::block:
    case Opcode::loop:
    case Opcode::if_:
    case Opcode::else_:
    case Opcode::br_if:
    case Opcode::drop:
    case Opcode::local_get:
    case Opcode::local_set:
    case Opcode::local_tee:
    case Opcode::global_set:
    case Opcode::i32_store:
    case Opcode::i64_store:
    case Opcode::i32_const:
    case Opcode::i64_const:
    case Opcode::f32_const:
    case Opcode::f64_const: return true;
    default: return false;
  }
}

/// The part of a decoder that sinks may use during a callback. A sink that wants it has a member
/// `attach(CodePosition&)`, which is called before the first operator.
class CodePosition {
 public:
  /// Of the first byte of the operator being decoded, from the start of the module.
  size_t op_offset() const { return reader_.offset_of(op_); }
  /// The same from the start of the body.
  uint32_t op_body_offset() const { return static_cast<uint32_t>(op_ - body_); }
  const uint8_t* op_position() const { return op_; }

  /// The next unread byte. Unchecked only: a sink may peek at it and consume whole instructions.
  const uint8_t* position() const { return reader_.position(); }
  void set_position(const uint8_t* position) { reader_.set_position(position); }
  const uint8_t* end() const { return reader_.end(); }
  /// The same three for who asks often.
  ReaderBase& reader() { return reader_; }

  /// Checked only: no operator after this one is decoded. For a sink that has failed.
  void stop() { limit_ = nullptr; }

  /// Unchecked only: moves to the `else`, `end`, `catch`, `catch_all` or `delegate` that ends the
  /// current sequence of instructions; it is decoded next. Linear in the bytes that are skipped.
  void skip_dead_code();

 protected:
  CodePosition(ReaderBase& reader, const uint8_t* body) : reader_(reader), op_(body), body_(body) {}

  ReaderBase& reader_;
  const uint8_t* op_;
  const uint8_t* body_;
  const uint8_t* limit_ = nullptr;  // no operator is decoded from here on
};

template <class Sink, bool kChecked = true>
class FunctionDecoder final : public CodePosition {
 public:
  using Reader = std::conditional_t<kChecked, ByteReader, UncheckedReader>;

  /// `body` begins with the declarations of locals; body[0] has the offset `body_offset` in the
  /// module. What is referenced must outlive the decoder. An unchecked decoder takes only bodies
  /// that were validated.
  FunctionDecoder(const ModuleInfo& module, const TypeRegistry& types,
                  std::span<const uint8_t> body, size_t body_offset, Sink& sink,
                  Features features = Features())
      : CodePosition(bytes_, body.data()),
        bytes_(body, body_offset),
        module_(module),
        types_(types),
        scope_{module.types, features},
        sink_(sink) {
    if constexpr (requires { sink_.attach(static_cast<CodePosition&>(*this)); })
      sink_.attach(*this);
  }
  FunctionDecoder(const FunctionDecoder&) = delete;
  FunctionDecoder& operator=(const FunctionDecoder&) = delete;

  /// Must be called once before run(). Appends nothing to what was in `runs`: clears it.
  Result<> read_locals(size_t num_params, std::vector<LocalRun>& runs) {
    read_local_decls(bytes_, scope_, num_params, runs);
    return status();
  }

  /// As run(), but there may be more bytes after the `end` that closes the expression: position()
  /// is there.
  Result<> run_expression() requires kChecked {
    may_end_early_ = true;
    return run();
  }

  /// Decodes all instructions up to the `end` that closes the function. The first error, of the
  /// bytes or of the sink, ends it. A sink that can fail calls CodePosition::stop() when it does,
  /// and has `bool failed() const` and `Error take_error()`. An operator whose immediates are
  /// malformed may still reach it, with zeros for them; the error is then that of the bytes.
  Result<> run() {
    if constexpr (kChecked) depth_ = 1;
    decode_until(bytes_.end());
    if constexpr (kChecked) check_end();
    if constexpr (kChecked && requires { sink_.failed(); }) {
      if (bytes_.ok() && sink_.failed()) return sink_.take_error();
    }
    return status();
  }

  /// Decodes the operators that begin before `limit`, those that are left when it is called.
  void run_until(const uint8_t* limit) requires(!kChecked) { decode_until(limit); }

 private:
  Result<> status() {
    if constexpr (kChecked) {
      if (!bytes_.ok()) return bytes_.take_error();
    }
    return {};
  }

  void decode_until(const uint8_t* limit) {
    limit_ = limit;
    // A local, so that it is in a register from one operator to the next: what follows an operator
    // waits for nothing that was stored.
    const uint8_t* at = bytes_.position();
    while (at < limit_) decode_operator(at);
  }

  // Reads one operator and hands it to the sink. Inlined, so that the loop saves its registers once
  // and not for each operator.
  SWOOP_INLINE void decode_operator(const uint8_t*& at) {
    op_ = at;
    switch (const uint8_t byte = *at++) {
#define OP(name, code, ...) \
  case code:                \
    return emit<Opcode::name>(at);
#define SWOOP_ONE_BYTE_OPCODES
#include "wasm/opcodes.def"
      case 0xfb:
      case 0xfc:
      case 0xfd:
      case 0xfe: at = decode_prefixed(byte, at); return;
      default:
        if constexpr (kChecked) return fail_illegal(byte);
        UNREACHABLE();
    }
  }

  [[gnu::noinline]] const uint8_t* decode_prefixed(uint8_t prefix, const uint8_t* at) {
    const uint32_t number = read_u32(at);
    // A greater one would alias a row of the next prefix.
    const bool is_prefixable = !kChecked || (bytes_.ok() && number < 0x1000);
    if (is_prefixable) [[likely]] {
      emit_prefixed(uint32_t{prefix} << 12 | number, at);
    } else if (bytes_.ok()) {
      fail_illegal(prefix, number);
    }
    return at;
  }

  SWOOP_INLINE void emit_prefixed(uint32_t code, const uint8_t*& at) {
    switch (code) {
#define OP(name, code, ...) \
  case code:                \
    return emit<Opcode::name>(at);
#define SWOOP_PREFIXED_OPCODES
#include "wasm/opcodes.def"
      default:
        if constexpr (kChecked) return fail_illegal(static_cast<uint8_t>(code >> 12), code & 0xfff);
        UNREACHABLE();
    }
  }

  // Bytes become the arguments of the sink.
  template <Opcode kOpcode>
  SWOOP_INLINE void emit(const uint8_t*& at) {
    constexpr const OpInfo& info = op_info(kOpcode);
    if constexpr (kChecked && info.feature != Feature::core) {
      if (!scope_.features.has(info.feature)) [[unlikely]]
        return fail_disabled(kOpcode);
    }
    if constexpr (kChecked) count_nesting<kOpcode>();

    constexpr Immediate kind = info.immediate;
    if constexpr (kind == Immediate::none) {
      return call<kOpcode>(at);
    } else if constexpr (kind == Immediate::label) {
      return call<kOpcode>(at, LabelIdx(read_u32(at)));
    } else if constexpr (kind == Immediate::func) {
      return call<kOpcode>(at, FuncIdx(read_u32(at)));
    } else if constexpr (kind == Immediate::local) {
      return call<kOpcode>(at, LocalIdx(read_u32(at)));
    } else if constexpr (kind == Immediate::global) {
      return call<kOpcode>(at, GlobalIdx(read_u32(at)));
    } else if constexpr (kind == Immediate::memarg) {
      return call<kOpcode>(at, read_memarg(at));
    } else if constexpr (kind == Immediate::i32) {
      return call<kOpcode>(at, read_s32(at));
    } else if constexpr (kind == Immediate::i64) {
      return call<kOpcode>(at, read_s64(at));
    } else {
      bytes_.set_position(at);
      const auto hand_over = [&](const auto&... immediates) SWOOP_INLINE_LAMBDA {
        at = bytes_.position();
        call<kOpcode>(at, immediates...);
      };
      emit_others<kind>(hand_over);
    }
  }

  // The immediates of all operators that are not read with the position in a register.
  template <Immediate kind, class HandOver>
  SWOOP_INLINE void emit_others(HandOver&& hand_over) {
    if constexpr (kind == Immediate::block_type) {
      const BlockType type = read_block_type();
      return hand_over(type);
    } else if constexpr (kind == Immediate::br_table) {
      return hand_over(read_br_table());
    } else if constexpr (kind == Immediate::try_table) {
      const BlockType type = read_block_type();
      return hand_over(type, read_catch_list());
    } else if constexpr (kind == Immediate::type) {
      return hand_over(read_type_idx());
    } else if constexpr (kind == Immediate::table) {
      return hand_over(TableIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::elem) {
      return hand_over(ElemIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::data) {
      return hand_over(DataIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::memory) {
      return hand_over(read_memory_idx());
    } else if constexpr (kind == Immediate::tag) {
      return hand_over(TagIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::call_indirect) {
      const TypeIdx type = read_type_idx();
      return hand_over(type, read_table_idx());
    } else if constexpr (kind == Immediate::two_tables) {
      const TableIdx dst = TableIdx(bytes_.read_u32());
      return hand_over(dst, TableIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::elem_table) {
      const ElemIdx elem = ElemIdx(bytes_.read_u32());
      return hand_over(elem, TableIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::two_mems) {
      const MemoryIdx dst = read_memory_idx();
      return hand_over(dst, read_memory_idx());
    } else if constexpr (kind == Immediate::data_mem) {
      const DataIdx data = DataIdx(bytes_.read_u32());
      return hand_over(data, read_memory_idx());
    } else if constexpr (kind == Immediate::memarg_lane) {
      const uint8_t* position = bytes_.position();
      const MemArg memarg = read_memarg(position);
      bytes_.set_position(position);
      return hand_over(memarg, bytes_.read_u8());
    } else if constexpr (kind == Immediate::lane) {
      return hand_over(bytes_.read_u8());
    } else if constexpr (kind == Immediate::shuffle || kind == Immediate::v128) {
      std::array<uint8_t, 16> value;
      bytes_.read_16_bytes(value);
      return hand_over(std::as_const(value));
    } else if constexpr (kind == Immediate::f32) {
      return hand_over(bytes_.read_f32_bits());
    } else if constexpr (kind == Immediate::f64) {
      return hand_over(bytes_.read_f64_bits());
    } else if constexpr (kind == Immediate::select_types) {
      return hand_over(read_select_types());
    } else if constexpr (kind == Immediate::heap_type) {
      return hand_over(read_heap_type(bytes_, scope_));
    } else if constexpr (kind == Immediate::cast_br) {
      const uint8_t flags = read_cast_flags();
      const LabelIdx label = LabelIdx(bytes_.read_u32());
      const ValType source = ValType::ref(read_heap_type(bytes_, scope_), (flags & 1) != 0);
      const ValType target = ValType::ref(read_heap_type(bytes_, scope_), (flags & 2) != 0);
      return hand_over(label, source, target);
    } else if constexpr (kind == Immediate::type_field) {
      const TypeIdx type = read_type_idx();
      return hand_over(type, FieldIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::type_u32) {
      const TypeIdx type = read_type_idx();
      return hand_over(type, bytes_.read_u32());
    } else if constexpr (kind == Immediate::type_data) {
      const TypeIdx type = read_type_idx();
      return hand_over(type, DataIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::type_elem) {
      const TypeIdx type = read_type_idx();
      return hand_over(type, ElemIdx(bytes_.read_u32()));
    } else if constexpr (kind == Immediate::two_types) {
      const TypeIdx dst = read_type_idx();
      return hand_over(dst, read_type_idx());
    } else {
      static_assert(kind == Immediate::fence);
      read_zero_byte();
      return hand_over();
    }
  }

  // Zeros in place of these do a sink no harm.
  static constexpr bool is_harmless(Immediate kind) {
    switch (kind) {
      case Immediate::none:
      case Immediate::label:
      case Immediate::func:
      case Immediate::local:
      case Immediate::global:
      case Immediate::memarg:
      case Immediate::i32:
      case Immediate::i64:
      case Immediate::f32:
      case Immediate::f64: return true;
      default: return false;
    }
  }

  template <Opcode kOpcode, class... Immediates>
  SWOOP_INLINE void call(const uint8_t*& at, const Immediates&... immediates) {
    if constexpr (kChecked) {
      if constexpr (!is_harmless(op_info(kOpcode).immediate)) {
        if (!bytes_.ok()) [[unlikely]]
          return;
      }
      sink_.on(Op<kOpcode>{}, immediates...);
      if constexpr (kOpcode == Opcode::end || kOpcode == Opcode::delegate) {
        if (depth_ == 0) {
          expression_end_ = at;
          stop();
        }
      }
    } else {
      bytes_.set_position(at);
      sink_.on(Op<kOpcode>{}, immediates...);
      DCHECK(!keeps_position(kOpcode) || at == bytes_.position());
      if constexpr (!keeps_position(kOpcode)) at = bytes_.position();
    }
  }

  template <Opcode kOpcode>
  void count_nesting() {
    if constexpr (kOpcode == Opcode::block || kOpcode == Opcode::loop || kOpcode == Opcode::if_ ||
                  kOpcode == Opcode::try_ || kOpcode == Opcode::try_table) {
      ++depth_;
    } else if constexpr (kOpcode == Opcode::end || kOpcode == Opcode::delegate) {
      --depth_;
    }
  }

  // Where the last `end` was found; whether it was depends on no sink.
  void check_end() {
    const bool is_stopped = [&] {
      if constexpr (requires { sink_.failed(); }) return !bytes_.ok() || sink_.failed();
      return !bytes_.ok();
    }();
    if (is_stopped) return;
    if (depth_ != 0) {
      bytes_.fail_malformed(bytes_.offset_of(bytes_.end()),
                            std::string(errors::kEndExpected) + ", found the end of the body");
    } else if (expression_end_ != bytes_.end() && !may_end_early_) {
      bytes_.fail_malformed(
          bytes_.offset_of(expression_end_),
          std::string(errors::kSectionSize) + ", the function ends before its body");
    } else {
      bytes_.set_position(expression_end_);
    }
  }

  // Numbers of one byte are read here, longer ones by the reader.
  SWOOP_INLINE bool is_short(const uint8_t* at) const {
    return (!kChecked || at < bytes_.end()) && *at < 0x80;
  }
  template <class Read>
  SWOOP_INLINE auto read_long(const uint8_t*& at, Read&& read) {
    bytes_.set_position(at);
    const auto value = read();
    at = bytes_.position();
    return value;
  }
  SWOOP_INLINE uint32_t read_u32(const uint8_t*& at) {
    if (is_short(at)) [[likely]]
      return *at++;
    return read_long(at, [this] { return bytes_.read_u32(); });
  }
  SWOOP_INLINE uint64_t read_u64(const uint8_t*& at) {
    if (is_short(at)) [[likely]]
      return *at++;
    return read_long(at, [this] { return bytes_.read_u64(); });
  }
  SWOOP_INLINE int32_t read_s32(const uint8_t*& at) {
    if (is_short(at)) [[likely]]
      return sign_extend7(*at++);
    return read_long(at, [this] { return bytes_.read_s32(); });
  }
  SWOOP_INLINE int64_t read_s64(const uint8_t*& at) {
    if (is_short(at)) [[likely]]
      return sign_extend7(*at++);
    return read_long(at, [this] { return bytes_.read_s64(); });
  }

  BlockType read_block_type() {
    const uint8_t byte = bytes_.peek_u8();
    if (byte == 0x40) {
      bytes_.set_position(bytes_.position() + 1);
      return {};
    }
    if ((byte & 0xc0) == 0x40) return {nullptr, read_val_type(bytes_, scope_)};
    return read_func_block_type();
  }

  [[gnu::noinline]] BlockType read_func_block_type() {
    const size_t start = bytes_.offset();
    const int64_t index = bytes_.read_s33();
    if constexpr (kChecked) {
      if (!bytes_.ok()) return {};
      if (index < 0) {
        bytes_.fail_malformed(start, errors::kBlockType);
        return {};
      }
      if (!scope_.features.has(Feature::multi_value)) {
        bytes_.fail_malformed(
            start, std::string(errors::kBlockType) + " (feature multi-value is disabled)");
        return {};
      }
      if (static_cast<uint64_t>(index) >= module_.types.size() ||
          !types_.is_func(module_.types[TypeIdx(static_cast<uint32_t>(index))])) {
        bytes_.fail_invalid(start, std::string(errors::kUnknownType) + ": block type " +
                                       std::to_string(index) + " is no function type");
        return {};
      }
    }
    return {&types_.func_type(module_.types[TypeIdx(static_cast<uint32_t>(index))]), ValType::bot};
  }

  // What kind of type it must be, and the check of that, is the sink's.
  TypeIdx read_type_idx() {
    if constexpr (kChecked) {
      const uint8_t* start = bytes_.position();
      const TypeIdx type = TypeIdx(bytes_.read_u32());
      if (!module_.types.contains(type)) [[unlikely]] {
        bytes_.fail_invalid(bytes_.offset_of(start), std::string(errors::kUnknownType) + " " +
                                                         std::to_string(to_underlying(type)));
      }
      return type;
    } else {
      return TypeIdx(bytes_.read_u32());
    }
  }

  // Wasm 1.0 had a zero byte here, which is not an index in LEB128.
  MemoryIdx read_memory_idx() {
    if constexpr (kChecked) {
      if (!scope_.features.has(Feature::multi_memory)) {
        read_zero_byte();
        return MemoryIdx(0);
      }
    }
    return MemoryIdx(bytes_.read_u32());
  }
  TableIdx read_table_idx() {
    if constexpr (kChecked) {
      if (!scope_.features.has(Feature::reference_types)) {
        read_zero_byte();
        return TableIdx(0);
      }
    }
    return TableIdx(bytes_.read_u32());
  }

  void read_zero_byte() {
    const size_t start = bytes_.offset();
    if (bytes_.read_u8() != 0) bytes_.fail_malformed(start, errors::kZeroByteExpected);
  }

  SWOOP_INLINE MemArg read_memarg(const uint8_t*& at) {
    constexpr uint32_t kHasMemory = 0x40;
    const uint8_t* start = at;
    const uint32_t flags = read_u32(at);
    MemArg memarg;
    memarg.align_log2 = flags & ~kHasMemory;
    if (flags >= kHasMemory) [[unlikely]] {
      if constexpr (kChecked) {
        if (flags >= 2 * kHasMemory || !scope_.features.has(Feature::multi_memory)) {
          bytes_.fail_malformed(bytes_.offset_of(start), errors::kMemopFlags);
          at = bytes_.end();
        }
      }
      memarg.memory = MemoryIdx(read_u32(at));
    }
    memarg.offset = read_u64(at);
    return memarg;
  }

  BrTable read_br_table() {
    const uint8_t* start = bytes_.position();
    const uint32_t count = bytes_.read_count();
    if constexpr (kChecked) {
      if (count > limits::kMaxBrTableTargets) {
        bytes_.fail(bytes_.offset_of(start), ErrorKind::limit_exceeded,
                    "br_table with " + std::to_string(count) + " targets, at most " +
                        std::to_string(limits::kMaxBrTableTargets));
        return {start, 0};
      }
    }
    const uint8_t* labels = bytes_.position();
    for (uint64_t i = 0; i <= count; ++i) bytes_.read_u32();
    return {labels, count};
  }

  CatchList read_catch_list() {
    const uint32_t count = bytes_.read_count();
    const uint8_t* clauses = bytes_.position();
    for (uint32_t i = 0; i < count && bytes_.ok(); ++i) {
      const size_t start = bytes_.offset();
      const uint8_t kind = bytes_.read_u8();
      if (kChecked && kind > 3) bytes_.fail_malformed(start, errors::kCatchClause);
      if (kind <= 1) bytes_.read_u32();
      bytes_.read_u32();
    }
    return {clauses, count};
  }

  SelectTypes read_select_types() {
    SelectTypes types;
    types.count = bytes_.read_count();
    for (uint32_t i = 0; i < types.count && bytes_.ok(); ++i) {
      const ValType type = read_val_type(bytes_, scope_);
      if (i == 0) types.first = type;
    }
    return types;
  }

  uint8_t read_cast_flags() {
    const size_t start = bytes_.offset();
    const uint8_t flags = bytes_.read_u8();
    if (kChecked && flags > 3) bytes_.fail_malformed(start, errors::kCastFlags);
    return flags;
  }

  template <class... Code>
  [[gnu::cold, gnu::noinline]] void fail_illegal(Code... code) {
    bytes_.fail_malformed(op_offset(), internal::illegal_opcode_message(code...));
    stop();
  }
  [[gnu::cold, gnu::noinline]] void fail_disabled(Opcode opcode) {
    bytes_.fail_malformed(op_offset(), internal::disabled_opcode_message(opcode));
    stop();
  }

  Reader bytes_;
  const ModuleInfo& module_;
  const TypeRegistry& types_;
  TypeScope scope_;
  Sink& sink_;
  uint64_t depth_ = 0;                       // open blocks, counted when checked
  const uint8_t* expression_end_ = nullptr;  // behind the last `end`
  bool may_end_early_ = false;
};

}  // namespace swoop
