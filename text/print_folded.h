// Folded expressions: (i32.add (local.get 0) (i32.const 1)). An operator in parentheses means its
// operands, in order, and then itself, so any instructions in front of it may stand inside: to know
// how many it takes makes the text readable, not right. Spec:
// text/instructions#folded-instructions.
#pragma once

#include "text/print_instructions.h"
#include "text/print_layout.h"
#include "text/print_output.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace swoop::text {

/// Puts one body at a time. Takes the instructions that an InstructionPrinter has put to
/// `scratch`, and puts them as trees.
class FoldedPrinter {
 public:
  /// What is referenced must outlive the printer. `scratch` is where `instructions` puts its text.
  FoldedPrinter(PrintOutput& out, PrintOutput& scratch, InstructionPrinter& instructions,
                const ModuleLayout& layout)
      : out_(out), scratch_(scratch), instructions_(instructions), layout_(layout) {}

  /// Before the first instruction of a body.
  void begin();
  /// After an opcode other than the last one was read: puts it with its immediates.
  void add_instruction(std::optional<uint8_t> hint);
  /// After the last one: all lines of the body.
  void finish();

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Node {
    size_t begin = 0;  // of its text in the scratch
    size_t end = 0;
    uint32_t first_child = kNone;
    uint32_t next = kNone;  // after it in the same list
    uint32_t num_results = 0;
    size_t width = 0;  // on one line
    bool is_block = false;
    std::optional<uint8_t> hint;
  };
  struct OpenBlock {
    uint32_t node = kNone;
    uint32_t clause = kNone;  // (then ...), (else ...), (do ...), (catch ...)
    size_t base = 0;          // of the pending nodes inside
  };
  struct Arity {
    uint32_t num_operands = 0;
    uint32_t num_results = 0;
  };

  Arity find_arity() const;
  Arity find_special_arity() const;
  Arity find_aggregate_arity() const;
  uint32_t label_arity() const;
  uint32_t add_node(size_t text_begin);
  uint32_t add_text_node(std::string_view text);
  void fold_operands(uint32_t node, uint32_t num_operands);
  void begin_block(uint32_t node, Arity arity);
  void begin_clause(uint32_t clause);
  void end_clause();
  void end_block();
  void adopt(uint32_t parent, size_t first_pending);
  void put_trees(uint32_t first);

  PrintOutput& out_;
  PrintOutput& scratch_;
  InstructionPrinter& instructions_;
  const ModuleLayout& layout_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> pending_;  // what no operator has taken yet, of all open blocks
  std::vector<OpenBlock> blocks_;
};

}  // namespace swoop::text
