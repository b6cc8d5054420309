#include "text/script.h"

#include "text/cursor.h"
#include "text/keywords.h"
#include "text/parser.h"
#include "text/wat.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace swoop::text {

namespace {

using Kind = ScriptCommand::Kind;

// Threads and scripts hold commands; no real script nests them more than twice.
constexpr unsigned kMaxNesting = 64;

constexpr std::pair<const char*, Kind> kCommands[] = {
    {"module", Kind::module},
    {"module instance", Kind::instance},
    {"register", Kind::register_},
    {"invoke", Kind::action},
    {"get", Kind::action},
    {"assert_return", Kind::assert_return},
    {"assert_trap", Kind::assert_trap},
    {"assert_exhaustion", Kind::assert_exhaustion},
    {"assert_exception", Kind::assert_exception},
    {"assert_suspension", Kind::assert_suspension},
    {"assert_malformed", Kind::assert_malformed},
    {"assert_invalid", Kind::assert_invalid},
    {"assert_malformed_custom", Kind::assert_malformed_custom},
    {"assert_invalid_custom", Kind::assert_invalid_custom},
    {"assert_unlinkable", Kind::assert_unlinkable},
    {"thread", Kind::thread},
    {"wait", Kind::wait},
    {"script", Kind::script},
    {"input", Kind::input},
    {"output", Kind::output},
};

constexpr std::string_view kModuleFields[] = {"type",   "rec", "import", "func",  "table", "memory",
                                              "global", "tag", "export", "start", "elem",  "data"};

}  // namespace

/// Reads one command from inside its parentheses.
class CommandParser {
 public:
  CommandParser(const std::shared_ptr<const TokenList>& tokens, size_t begin, size_t end)
      : tokens_(tokens), cursor_(*tokens, begin, end) {}

  Result<ScriptCommand> parse(size_t opening, unsigned nesting) {
    ScriptCommand command;
    command.offset = tokens_->tokens[opening].offset;
    read_command(command, opening, nesting);
    if (!cursor_.at_end()) cursor_.fail_unexpected("\")\"");
    if (!cursor_.ok()) return cursor_.take_error();
    return command;
  }

  /// Fields without `(module ...)` around them.
  static ScriptCommand inline_module(const std::shared_ptr<const TokenList>& tokens) {
    ScriptCommand command;
    command.module.emplace();
    command.module->tokens_ = tokens;
    command.module->end_ = tokens->tokens.size() - 1;
    return command;
  }

 private:
  void read_command(ScriptCommand& command, size_t opening, unsigned nesting) {
    const std::pair<const char*, Kind>* row = nullptr;
    for (const auto& candidate : kCommands) {
      if (cursor_.at_atom(candidate.first)) row = &candidate;
    }
    if (row == nullptr) return cursor_.fail_unexpected("a command");
    command.kind = row->second;
    switch (command.kind) {
      case Kind::module: cursor_.take(); return read_module_or_instance(command);
      case Kind::register_:
        cursor_.take();
        command.name = cursor_.read_string();
        command.target = read_id();
        return;
      case Kind::action: command.action = read_action(); return;
      case Kind::assert_return:
        cursor_.take();
        command.action = read_nested_action();
        while (cursor_.at_left()) command.results.push_back(read_value(true));
        return;
      case Kind::assert_exception:
        cursor_.take();
        command.action = read_nested_action();
        return;
      case Kind::assert_trap:
      case Kind::assert_exhaustion:
      case Kind::assert_suspension:
      case Kind::assert_malformed:
      case Kind::assert_invalid:
      case Kind::assert_malformed_custom:
      case Kind::assert_invalid_custom:
      case Kind::assert_unlinkable: return read_assertion(command);
      case Kind::thread:
        cursor_.take();
        command.id = read_id();
        if (cursor_.take_form("shared")) {
          if (!cursor_.take_form("module")) cursor_.fail_unexpected("a module");
          command.target = read_id();
          cursor_.expect_right();
          cursor_.expect_right();
        }
        return read_commands(command, opening, nesting);
      case Kind::wait:
        cursor_.take();
        command.id = read_id();
        return;
      case Kind::script:
        cursor_.take();
        command.id = read_id();
        return read_commands(command, opening, nesting);
      case Kind::input:
      case Kind::output:
        cursor_.take();
        command.id = read_id();
        if (cursor_.kind() == TokenKind::string) command.name = cursor_.read_string();
        return;
      case Kind::instance: return;  // written as a module
    }
  }

  void read_assertion(ScriptCommand& command) {
    cursor_.take();
    if (cursor_.at_form("module")) {
      const Kind kind = command.kind;
      const size_t close = cursor_.peek().close;
      CommandParser inner(tokens_, cursor_.position() + 2, close);
      inner.read_module_or_instance(command);
      command.kind = kind;
      if (!inner.cursor_.at_end()) inner.cursor_.fail_unexpected("\")\"");
      if (!inner.cursor_.ok()) {
        Error error = inner.cursor_.take_error();
        return cursor_.fail(error.offset, error.message, error.kind);
      }
      cursor_.seek(close + 1);
    } else {
      command.action = read_nested_action();
    }
    command.message = cursor_.read_string();
  }

  void read_commands(ScriptCommand& command, size_t opening, unsigned nesting) {
    if (nesting == kMaxNesting) {
      return cursor_.fail(tokens_->tokens[opening].offset, "commands nest too deeply",
                          ErrorKind::limit_exceeded);
    }
    while (cursor_.at_left()) {
      const size_t start = cursor_.position();
      const size_t close = cursor_.peek().close;
      Result<ScriptCommand> inner =
          CommandParser(tokens_, start + 1, close).parse(start, nesting + 1);
      if (!inner.ok()) {
        return cursor_.fail(inner.error().offset, inner.error().message, inner.error().kind);
      }
      command.commands.push_back(*std::move(inner));
      cursor_.seek(close + 1);
    }
  }

  /// After "(module".
  void read_module_or_instance(ScriptCommand& command) {
    if (cursor_.take_atom("instance")) {
      command.kind = Kind::instance;
      command.id = read_id();
      command.target = read_id();
      return;
    }
    ScriptModule module;
    module.tokens_ = tokens_;
    module.is_definition_ = cursor_.take_atom("definition");
    module.begin_ = cursor_.position();
    module.end_ = cursor_.end();
    module.id_ = read_id();
    if (cursor_.at_atom("binary") || cursor_.at_atom("quote")) {
      module.form_ =
          cursor_.at_atom("binary") ? ScriptModule::Form::binary : ScriptModule::Form::quote;
      cursor_.take();
      module.begin_ = cursor_.position();
      while (cursor_.kind() == TokenKind::string) cursor_.take();
    } else {
      cursor_.seek(cursor_.end());
    }
    command.module = std::move(module);
  }

  std::string read_id() {
    const std::optional<std::string> id = cursor_.read_id();
    return id ? "$" + *id : "";
  }

  ScriptAction read_action() {
    ScriptAction action;
    if (cursor_.at_atom("get")) {
      action.kind = ScriptAction::Kind::get;
    } else if (!cursor_.at_atom("invoke")) {
      cursor_.fail_unexpected("invoke or get");
    }
    cursor_.take();
    action.instance = read_id();
    action.name = cursor_.read_string();
    if (action.kind == ScriptAction::Kind::invoke) {
      while (cursor_.at_left()) action.args.push_back(read_value(false));
    }
    return action;
  }

  ScriptAction read_nested_action() {
    cursor_.expect_left();
    ScriptAction action = read_action();
    cursor_.expect_right();
    return action;
  }

  /// With its parentheses. Patterns are for results only.
  ScriptValue read_value(bool is_result) {
    ScriptValue value;
    cursor_.expect_left();
    const std::string_view keyword = cursor_.text();
    if (is_result && cursor_.take_atom("either")) {
      value.kind = ScriptValue::Kind::either;
      // Alternatives are plain values in every script; so no nesting, and no recursion.
      while (cursor_.at_left() && !cursor_.at_form("either")) {
        value.alternatives.push_back(read_value(true));
      }
    } else if (keyword.starts_with("ref")) {
      read_reference(value, is_result);
    } else {
      read_number(value, is_result);
    }
    cursor_.expect_right();
    return value;
  }

  NanPattern take_nan_pattern(bool is_result) {
    if (is_result && cursor_.take_atom("nan:canonical")) return NanPattern::canonical;
    if (is_result && cursor_.take_atom("nan:arithmetic")) return NanPattern::arithmetic;
    return NanPattern::none;
  }

  void read_number(ScriptValue& value, bool is_result) {
    if (cursor_.take_atom("i32.const")) {
      value.bits.low = cursor_.read_integer(32);
    } else if (cursor_.take_atom("i64.const")) {
      value.kind = ScriptValue::Kind::i64;
      value.bits.low = cursor_.read_integer(64);
    } else if (cursor_.take_atom("f32.const")) {
      value.kind = ScriptValue::Kind::f32;
      value.nan_patterns[0] = take_nan_pattern(is_result);
      if (value.nan_patterns[0] == NanPattern::none) value.bits.low = cursor_.read_f32();
    } else if (cursor_.take_atom("f64.const")) {
      value.kind = ScriptValue::Kind::f64;
      value.nan_patterns[0] = take_nan_pattern(is_result);
      if (value.nan_patterns[0] == NanPattern::none) value.bits.low = cursor_.read_f64();
    } else if (cursor_.take_atom("v128.const")) {
      read_vector_value(value, is_result);
    } else {
      cursor_.fail_unexpected("a constant");
    }
  }

  void read_vector_value(ScriptValue& value, bool is_result) {
    value.kind = ScriptValue::Kind::v128;
    value.shape = read_shape(cursor_);
    const ShapeInfo& shape = shape_info(value.shape);
    VectorBits bits{};
    for (unsigned lane = 0; lane < shape.lanes && cursor_.ok(); ++lane) {
      const NanPattern pattern = shape.is_float ? take_nan_pattern(is_result) : NanPattern::none;
      if (shape.is_float) value.nan_patterns[lane] = pattern;
      if (pattern == NanPattern::none) set_lane(bits, shape, lane, read_lane(cursor_, shape));
    }
    std::memcpy(&value.bits.low, bits.data(), 8);
    std::memcpy(&value.bits.high, bits.data() + 8, 8);
  }

  void read_reference(ScriptValue& value, bool is_result) {
    const std::string_view keyword = cursor_.text();
    const Token& token = cursor_.take();
    const bool has_operand = cursor_.kind() != TokenKind::right;
    if (keyword == "ref.null") {
      value.kind = ScriptValue::Kind::ref_null;
      if (!has_operand) return;
      value.heap_type = find_heap_type(cursor_.text());
      // Of a type of the module only that it is some type can be told here.
      if (!value.heap_type && cursor_.kind() != TokenKind::id && !cursor_.at_number()) {
        return cursor_.fail_unexpected("a heap type");
      }
      cursor_.take();
    } else if (keyword == "ref.extern" && has_operand) {
      value.kind = ScriptValue::Kind::ref_extern;
      value.number = cursor_.read_u32();
    } else if (keyword == "ref.host" && has_operand) {
      value.kind = ScriptValue::Kind::ref_host;
      value.number = cursor_.read_u32();
    } else {
      value.kind = ScriptValue::Kind::ref;
      if (keyword.starts_with("ref.")) value.heap_type = find_heap_type(keyword.substr(4));
      if (!is_result || (keyword != "ref" && !value.heap_type)) {
        cursor_.fail(token.offset,
                     "unexpected token " + std::string(keyword) + ", expected a constant");
      }
    }
  }

  const std::shared_ptr<const TokenList>& tokens_;
  Cursor cursor_;
};

Result<std::string> ScriptModule::quoted_text() const {
  return Cursor(*tokens_, begin_, end_).read_strings();
}

Result<std::vector<uint8_t>> ScriptModule::encode() const {
  if (form_ == Form::text) return parse_module(*tokens_, begin_, end_, {});
  const std::string bytes = TRY(quoted_text());
  if (form_ == Form::quote) return wat_to_wasm(bytes);
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

const char* to_string(ScriptCommand::Kind kind) {
  for (const auto& [text, row_kind] : kCommands) {
    if (row_kind == kind) return text;
  }
  return "";
}

ScriptReader::ScriptReader(std::string_view text)
    : tokens_(std::make_shared<const TokenList>(tokenize(text))) {}

std::optional<Result<ScriptCommand>> ScriptReader::next() {
  const std::vector<Token>& tokens = tokens_->tokens;
  if (is_done_) return std::nullopt;
  if (position_ + 1 == tokens.size()) {
    is_done_ = true;
    if (tokens_->error) return Result<ScriptCommand>(*tokens_->error);
    return std::nullopt;
  }
  const size_t start = position_;
  const Token& opening = tokens[start];
  if (opening.kind != TokenKind::left) {
    Cursor cursor(*tokens_, start, tokens.size() - 1);
    cursor.fail_unexpected("a command");
    // Of an annotation that is not closed, nothing is left.
    const size_t last = opening.kind == TokenKind::annotation ? opening.close : start;
    position_ = std::min(last + 1, tokens.size() - 1);
    return Result<ScriptCommand>(cursor.take_error());
  }
  if (start == 0) {
    for (const std::string_view field : kModuleFields) {
      if (tokens_->text(tokens[1]) != field) continue;
      is_done_ = true;
      return Result<ScriptCommand>(CommandParser::inline_module(tokens_));
    }
  }
  position_ = opening.close + 1;
  if (tokens[opening.close].kind != TokenKind::right) {
    is_done_ = true;
    if (tokens_->error) return Result<ScriptCommand>(*tokens_->error);
    return Result<ScriptCommand>(
        Error(ErrorKind::malformed, opening.offset, "unclosed parenthesis"));
  }
  return CommandParser(tokens_, start + 1, opening.close).parse(start, 0);
}

}  // namespace swoop::text
