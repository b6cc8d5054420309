// Instruction sequences, flat and folded. Folding is undone while it is read: the bytes of a folded
// instruction wait aside until its operands are written. Nothing recurses, so text may nest as deep
// as it likes. Spec: text/instructions.
#pragma once

#include "text/module_scope.h"
#include "wasm/opcode.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::text {

class InstructionParser {
 public:
  explicit InstructionParser(ModuleScope& scope) : scope_(scope), cursor_(scope.cursor) {}

  /// The body of a function up to its closing parenthesis, which stays: appends to `out`, which
  /// holds the declarations of the locals, the instructions and their `end`.
  void parse_body(ByteWriter& out, const NameSpace& locals, uint32_t func_index);

  /// A constant expression up to a closing parenthesis, which stays, with its `end`.
  void parse_expression(ByteWriter& out);
  /// The same of one folded instruction.
  void parse_folded_expression(ByteWriter& out);

 private:
  enum class FrameKind : uint8_t {
    // Flat, ended by `end`; else_ when that was seen.
    flat,
    flat_if,
    flat_else,
    flat_try,
    flat_catch,
    flat_catch_all,
    // Folded, ended by a parenthesis.
    plain,       // operands, then the bytes that wait
    block,       // block, loop, try_table: instructions
    condition,   // if: operands, then `then`
    after_then,  // then perhaps `else`
    after_else,  // nothing more
    clause,      // of if or try: then, else, do, catch, catch_all: instructions
    try_,        // clauses, the first is `do`
    after_do,    // catches or `delegate`
    after_catch_all,
    after_delegate,
  };
  struct Frame {
    FrameKind kind;
    uint32_t pending_start = 0;             // plain, condition: where the waiting bytes begin
    size_t offset = 0;                      // of the token that opened it
    std::optional<std::string> label;       // of block instructions
    std::optional<std::string> label_name;  // for the name section
    std::optional<uint8_t> hint;            // plain, condition
  };

  void parse(ByteWriter& out, bool is_single);
  void read_flat();
  void read_left();
  void read_right();
  void read_folded(const OpInfo& info);
  void read_clause(Frame& frame, std::string_view keyword);
  void read_hint();
  void fail_at_keyword(std::string_view wanted);

  // Block instructions.
  Frame read_block_start(Opcode opcode, ByteWriter& out);
  void read_block_type(ByteWriter& out);
  void read_catches(ByteWriter& out);
  void push_label(const Frame& frame);
  void pop_label(const Frame& frame);
  void check_label(const Frame& frame);
  void flat_else();
  void flat_end();
  void flat_catch(const OpInfo& info);
  void flat_delegate();

  // One instruction without operands, into `out`.
  void write_instruction(const OpInfo& info, ByteWriter& out);
  void write_immediates(const OpInfo& info, ByteWriter& out);
  void write_opcode(Opcode opcode, ByteWriter& out);
  void write_memarg(const OpInfo& info, bool has_lane, ByteWriter& out);
  void write_br_table(ByteWriter& out);
  void write_shuffle(ByteWriter& out);
  void write_cast_branch(ByteWriter& out);
  uint32_t read_label();
  uint32_t read_local();
  uint32_t read_optional_index(Space space);
  uint8_t read_lane_index();
  const OpInfo* read_opcode();
  std::optional<uint8_t> take_hint(const OpInfo& info);
  void record_hint(std::optional<uint8_t> hint);

  ModuleScope& scope_;
  Cursor& cursor_;
  ByteWriter* out_ = nullptr;
  size_t place_ = 0;                   // in the text, of the instruction being written
  const NameSpace* locals_ = nullptr;  // null in constant expressions
  ByteWriter pending_;                 // of folded instructions whose operands come first
  std::vector<Frame> frames_;
  uint32_t num_labels_ = 0;                  // open ones, less that of the function
  StringMap<std::vector<uint32_t>> labels_;  // by name: positions of open labels, innermost last
  uint32_t num_blocks_ = 0;                  // in this body: labels are named in this order
  NameMap label_names_;
  std::optional<uint8_t> hint_;
  size_t hint_offset_ = 0;
  std::vector<BranchHint> hints_;
};

}  // namespace swoop::text
