#include "text/print_function.h"

#include "decoder/errors.h"
#include "wasm/limits.h"

#include <string>

namespace swoop::text {

namespace {

const Identifiers kNoIds;
const NameMap kNoNames;

const IndirectNameMap* inner_names(const Metadata& metadata, NameKind kind) {
  if (metadata.names == nullptr) return nullptr;
  return &metadata.names->inner_names[static_cast<size_t>(kind)];
}

// The entry of a function in maps that are taken in order.
template <class Maps>
auto* take_entry(const Maps* maps, size_t& next, uint32_t func) {
  const bool is_there = maps != nullptr && next < maps->size() && (*maps)[next].first == func;
  return is_there ? &(*maps)[next++].second : nullptr;
}

}  // namespace

FunctionPrinter::FunctionPrinter(PrintOutput& out, const ModuleLayout& layout,
                                 const ModuleIdentifiers& ids, const Metadata& metadata,
                                 bool is_folded)
    : out_(out),
      layout_(layout),
      ids_(ids),
      metadata_(metadata),
      is_folded_(is_folded),
      type_printer_(out, ids.of(NameKind::type)),
      instructions_(out, layout.types, ids),
      scratch_(out.limit()),
      scratch_instructions_(scratch_, layout.types, ids),
      folded_(out, scratch_, scratch_instructions_, layout) {}

void FunctionPrinter::put_type_use(uint32_t type) {
  locals_.clear();
  put_signature(type);
}

void FunctionPrinter::put_imported_signature(uint32_t func) {
  const uint32_t type = layout_.func_types[func];
  assign_local_ids(func, layout_.types.params(type).size());
  put_signature(type);
}

void FunctionPrinter::put_function(uint32_t func, ByteReader& body) {
  const uint32_t type = layout_.func_types[func];
  const size_t num_params = layout_.types.params(type).size();
  body_offset_ = body.offset();
  read_locals(body, num_params);
  if (!body.ok()) return;
  size_t num_locals = num_params;
  for (const LocalRun& run : runs_) num_locals += run.count;
  assign_local_ids(func, num_locals);
  hints_ = take_entry(metadata_.hints, next_hints_, func);
  next_hint_ = 0;

  out_.put_line(1);
  out_.put("(func");
  put_definition_id(out_, ids_.of(NameKind::function)[func]);
  out_.put(" (;");
  out_.put_unsigned(func);
  out_.put(";)");
  put_signature(type);
  put_locals(num_params);

  const NameMap* labels =
      take_entry(inner_names(metadata_, NameKind::label), next_label_names_, func);
  InstructionPrinter& instructions = is_folded_ ? scratch_instructions_ : instructions_;
  instructions.begin(body, locals_, labels != nullptr ? *labels : kNoNames,
                     static_cast<uint32_t>(layout_.types.results(type).size()));
  put_body(body, instructions);
  out_.put_line(1);
  out_.put(')');
  if (labels != nullptr && instructions.num_labels_put() != labels->size()) {
    are_names_used_ = false;
  }
  if (hints_ != nullptr && next_hint_ != hints_->size()) --next_hints_;
}

bool FunctionPrinter::has_used_all_names() const {
  if (metadata_.names == nullptr) return true;
  return are_names_used_ && next_local_names_ == inner_names(metadata_, NameKind::local)->size() &&
         next_label_names_ == inner_names(metadata_, NameKind::label)->size();
}

bool FunctionPrinter::has_used_all_hints() const {
  return metadata_.hints == nullptr || next_hints_ == metadata_.hints->size();
}

void FunctionPrinter::read_locals(ByteReader& body, size_t num_params) {
  runs_.clear();
  const size_t start = body.offset();
  const uint32_t count = body.read_count();
  uint64_t num_locals = 0;
  for (uint32_t i = 0; i < count && body.ok(); ++i) {
    const uint32_t run = body.read_u32();
    num_locals += run;
    runs_.push_back({run, read_written_val_type(body)});
  }
  if (num_locals > UINT32_MAX) {
    body.fail_malformed(start, errors::kTooManyLocals);
  } else if (num_locals + num_params > limits::kMaxLocals) {
    body.fail(start, ErrorKind::limit_exceeded,
              std::string(errors::kTooManyLocals) + ": " + std::to_string(num_locals + num_params) +
                  " with parameters, at most " + std::to_string(limits::kMaxLocals));
  }
}

void FunctionPrinter::assign_local_ids(uint32_t func, size_t num_locals) {
  locals_.clear();
  const NameMap* names =
      take_entry(inner_names(metadata_, NameKind::local), next_local_names_, func);
  if (names != nullptr && !locals_.assign(*names, num_locals)) are_names_used_ = false;
}

void FunctionPrinter::put_signature(uint32_t type) {
  out_.put(" (type ");
  ids_.of(NameKind::type).put_reference(out_, type);
  out_.put(')');
  is_line_begun_ = true;
  size_t index = 0;
  for (const WrittenType& param : layout_.types.params(type)) {
    put_variable("param", param, index++);
  }
  finish_variables();
  type_printer_.put_list("result", layout_.types.results(type));
}

// Those without a name share one list: (param i32 i64).
void FunctionPrinter::put_variable(std::string_view keyword, const WrittenType& type,
                                   size_t index) {
  const Identifier id = locals_[index];
  const bool is_named = id.form != Identifier::Form::none;
  if (is_named) finish_variables();
  if (!is_list_open_) {
    out_.put(is_line_begun_ ? " (" : "(");
    out_.put(keyword);
    put_definition_id(out_, id);
  }
  is_line_begun_ = true;
  is_list_open_ = true;
  out_.put(' ');
  type_printer_.put_val_type(type);
  if (is_named) finish_variables();
}

void FunctionPrinter::finish_variables() {
  if (is_list_open_) out_.put(')');
  is_list_open_ = false;
}

void FunctionPrinter::put_locals(size_t num_params) {
  size_t index = num_params;
  is_line_begun_ = false;
  for (const LocalRun& run : runs_) {
    if (run.count != 0 && !is_line_begun_) out_.put_line(2);
    for (uint32_t i = 0; i < run.count; ++i) put_variable("local", run.type, index++);
  }
  finish_variables();
}

void FunctionPrinter::put_body(ByteReader& body, InstructionPrinter& instructions) {
  if (is_folded_) folded_.begin();
  while (instructions.read_opcode() && !instructions.is_last()) {
    const std::optional<uint8_t> hint = take_hint(instructions);
    if (is_folded_) {
      folded_.add_instruction(hint);
      continue;
    }
    const size_t depth =
        instructions.frames().size() + (instructions.ends_sequence() ? size_t{0} : size_t{1});
    if (hint) {
      out_.put_line(depth);
      put_branch_hint(out_, *hint);
    }
    out_.put_line(depth);
    instructions.put_instruction();
  }
  if (!body.ok()) return;
  if (!body.at_end()) {
    return body.fail_malformed(
        body.offset(), std::string(errors::kSectionSize) + ", the function ends before its body");
  }
  if (is_folded_) folded_.finish();
}

std::optional<uint8_t> FunctionPrinter::take_hint(const InstructionPrinter& instructions) {
  if (hints_ == nullptr || next_hint_ == hints_->size()) return std::nullopt;
  const auto& [offset, value] = (*hints_)[next_hint_];
  const bool is_branch =
      instructions.opcode() == Opcode::if_ || instructions.opcode() == Opcode::br_if;
  if (!is_branch || instructions.opcode_offset() - body_offset_ != offset) return std::nullopt;
  ++next_hint_;
  return value;
}

void FunctionPrinter::put_const_expr(ByteReader& reader, std::string_view keyword) {
  InstructionPrinter& instructions = scratch_instructions_;
  scratch_.clear();
  instructions.begin(reader, kNoIds, kNoNames, 0);
  size_t count = 0;
  while (instructions.read_opcode() && !instructions.is_last()) {
    if (count++ != 0) scratch_.put(' ');
    instructions.put_instruction();
  }
  const bool has_parentheses = count == 1 || !keyword.empty();
  if (has_parentheses) out_.put('(');
  if (has_parentheses && count != 1) out_.put(keyword);
  if (has_parentheses && count > 1) out_.put(' ');
  out_.put(scratch_.view());
  if (has_parentheses) out_.put(')');
}

}  // namespace swoop::text
