// One instruction after the other as text: the opcode and its immediates, without lines or
// indentation. Spec: text/instructions.
#pragma once

#include "decoder/byte_reader.h"
#include "text/print_names.h"
#include "text/print_output.h"
#include "text/print_types.h"
#include "wasm/opcode.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace swoop::text {

/// The identifiers of all index spaces but locals and labels, which are of functions.
struct ModuleIdentifiers {
  std::array<Identifiers, kNameKinds> by_kind;
  FieldIdentifiers fields;

  const Identifiers& of(NameKind kind) const { return by_kind[static_cast<size_t>(kind)]; }
};

class InstructionPrinter {
 public:
  /// A block that is open; the first is the function.
  struct Frame {
    Opcode kind = Opcode::block;
    std::string_view label;
    size_t shadowed = 0;  // the frame that had this label before, plus one
    uint32_t num_params = 0;
    uint32_t num_results = 0;

    uint32_t label_arity() const { return kind == Opcode::loop ? num_params : num_results; }
  };

  /// What is referenced must outlive the printer.
  InstructionPrinter(PrintOutput& out, const WrittenTypes& types, const ModuleIdentifiers& ids)
      : out_(out), types_(types), ids_(ids), type_printer_(out, ids.of(NameKind::type)) {}

  /// Before the first instruction of a body or constant expression. `labels` are by the order in
  /// which blocks begin, from 0.
  void begin(ByteReader& reader, const Identifiers& locals, const NameMap& labels,
             uint32_t num_results);

  /// Reads the next opcode: false after an error, which is the reader's.
  bool read_opcode();
  /// The one that was read, with its offset in the module.
  Opcode opcode() const { return info_->opcode; }
  const OpInfo& info() const { return *info_; }
  size_t opcode_offset() const { return opcode_offset_; }
  /// `else`, `end` and their like: no deeper than the opcode of their block.
  bool ends_sequence() const;
  /// The `end` of the body or expression.
  bool is_last() const { return opcode() == Opcode::end && frames_.size() == 1; }

  /// Puts the opcode and reads and puts its immediates; not for the last one.
  void put_instruction();
  /// The part behind the opcode.
  void put_immediates();

  const std::vector<Frame>& frames() const { return frames_; }
  /// Of `begin`: how many labels were put.
  size_t num_labels_put() const { return next_label_; }
  /// Whether any instruction since the construction needs a data count section.
  bool needs_data_count() const { return needs_data_count_; }

  /// Immediates of the last instruction that its arity depends on: a label, function or type, and
  /// a number of operands.
  uint32_t index() const { return index_; }
  uint32_t count() const { return count_; }

 private:
  void put_space() { out_.put(' '); }
  void put_ref(NameKind kind, uint32_t index) {
    put_space();
    ids_.of(kind).put_reference(out_, index);
  }
  /// An index that is not written when it is 0.
  void put_ref_or_default(NameKind kind, uint32_t index) {
    if (index != 0) put_ref(kind, index);
  }
  uint32_t read_and_put(NameKind kind);
  void put_type_use(uint32_t index);
  void put_label(uint32_t depth);
  void put_ref_type(bool is_nullable);
  void put_block();
  void put_catch_clauses();
  void put_br_table();
  void put_memarg();
  void put_lanes(unsigned count);
  void put_vector();
  void put_select_types();
  void put_cast_branch();
  void push_frame(Frame frame);
  void pop_frame();
  void check_clause();

  PrintOutput& out_;
  const WrittenTypes& types_;
  const ModuleIdentifiers& ids_;
  TypePrinter type_printer_;

  ByteReader* reader_ = nullptr;
  const Identifiers* locals_ = nullptr;
  const NameMap* labels_ = nullptr;
  size_t next_label_ = 0;
  uint32_t num_blocks_ = 0;
  std::vector<Frame> frames_;
  std::unordered_map<std::string_view, size_t> innermost_;  // frame of each label, plus one

  const OpInfo* info_ = nullptr;
  size_t opcode_offset_ = 0;
  uint32_t index_ = 0;
  uint32_t count_ = 0;
  bool needs_data_count_ = false;
};

/// The annotation in front of a branch. Spec: appendix/custom#branch-hint-annotation.
void put_branch_hint(PrintOutput& out, uint8_t hint);

}  // namespace swoop::text
