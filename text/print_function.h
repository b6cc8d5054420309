// A function as text: its signature with the names of parameters, its locals, and its body.
#pragma once

#include "decoder/byte_reader.h"
#include "text/print_folded.h"
#include "text/print_instructions.h"
#include "text/print_layout.h"
#include "text/print_names.h"
#include "text/print_output.h"
#include "text/print_types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace swoop::text {

/// What a printer takes from custom sections: null where there is nothing, or nothing to be used.
struct Metadata {
  const NameTable* names = nullptr;
  const BranchHints* hints = nullptr;
};

class FunctionPrinter {
 public:
  /// What is referenced must outlive the printer.
  FunctionPrinter(PrintOutput& out, const ModuleLayout& layout, const ModuleIdentifiers& ids,
                  const Metadata& metadata, bool is_folded);

  /// " (type 0) (param $x i32) (result i32)" for a function or, by a type alone, for a tag.
  void put_imported_signature(uint32_t func);
  void put_type_use(uint32_t type);
  /// From the keyword to the closing parenthesis. Errors stick to the reader.
  void put_function(uint32_t func, ByteReader& body);
  /// An expression up to its `end`. What is one instruction stands in parentheses; what is not,
  /// as it is, or in parentheses after `keyword` unless that is empty.
  void put_const_expr(ByteReader& reader, std::string_view keyword);

  bool needs_data_count() const {
    return instructions_.needs_data_count() || scratch_instructions_.needs_data_count();
  }
  /// After the last function: whether each name of a local and label, and each hint, was for
  /// something that is there.
  bool has_used_all_names() const;
  bool has_used_all_hints() const;

 private:
  struct LocalRun {
    uint32_t count = 0;
    WrittenType type;
  };

  void read_locals(ByteReader& body, size_t num_params);
  void assign_local_ids(uint32_t func, size_t num_locals);
  void put_signature(uint32_t type);
  void put_variable(std::string_view keyword, const WrittenType& type, size_t index);
  void finish_variables();
  void put_locals(size_t num_params);
  void put_body(ByteReader& body, InstructionPrinter& instructions);
  /// The hint for the instruction whose opcode was read.
  std::optional<uint8_t> take_hint(const InstructionPrinter& instructions);

  PrintOutput& out_;
  const ModuleLayout& layout_;
  const ModuleIdentifiers& ids_;
  const Metadata& metadata_;
  const bool is_folded_;
  TypePrinter type_printer_;
  InstructionPrinter instructions_;
  // Folded bodies are put there first.
  PrintOutput scratch_;
  InstructionPrinter scratch_instructions_;
  FoldedPrinter folded_;

  std::vector<LocalRun> runs_;
  Identifiers locals_;
  size_t next_local_names_ = 0;  // in the table's maps, which are ascending by function
  size_t next_label_names_ = 0;
  size_t next_hints_ = 0;
  const FunctionHints* hints_ = nullptr;  // of this function, null if none is left
  size_t next_hint_ = 0;
  size_t body_offset_ = 0;
  bool is_list_open_ = false;  // "(param" or "(local" without its closing parenthesis
  bool is_line_begun_ = false;
  bool are_names_used_ = true;
};

}  // namespace swoop::text
