// Scripts of the specification's test suite (.wast): a sequence of commands over modules. The
// language is defined by the reference interpreter's README; modules in it are text, binary or
// quoted text. Nothing is executed here: wast/ does that.
#pragma once

#include "base/result.h"
#include "text/token.h"
#include "text/vector_literal.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::text {

enum class NanPattern : uint8_t { none, canonical, arithmetic };

/// An argument, or what a result must match.
struct ScriptValue {
  enum class Kind : uint8_t {
    i32,
    i64,
    f32,
    f64,
    v128,
    ref_null,    // null; of any type if `heap_type` is empty
    ref_extern,  // the host's object `number`
    ref_host,    // the same object seen as anyref
    ref,         // results only: any non-null reference of `heap_type`, or any at all
    either,      // results only: one of `alternatives`
  };
  Kind kind = Kind::i32;
  Value bits;                                // numbers and vectors, little endian in low, high
  VectorShape shape = VectorShape::i8x16;    // of a v128: how it was written
  std::array<NanPattern, 4> nan_patterns{};  // floats: [0]; vectors of floats: one for each lane
  uint32_t number = 0;
  std::optional<AbstractHeapType> heap_type;
  std::vector<ScriptValue> alternatives;
};

/// A module of a script, not looked at until it is asked for: a command with a malformed module
/// fails when it runs, not when the script is read.
class ScriptModule {
 public:
  enum class Form : uint8_t { text, binary, quote };

  Form form() const { return form_; }
  /// `(module definition ...)`: validated, but not instantiated.
  bool is_definition() const { return is_definition_; }
  /// With the dollar sign; empty if it has none.
  const std::string& id() const { return id_; }

  /// Its binary. Errors: those of wat_to_wasm; offsets count from the start of the script for the
  /// forms text and binary, and from the start of the quoted text for quote.
  Result<std::vector<uint8_t>> encode() const;
  /// What a quoted module says: its strings, joined. Errors: malformed.
  Result<std::string> quoted_text() const;

 private:
  friend class CommandParser;
  std::shared_ptr<const TokenList> tokens_;
  size_t begin_ = 0;  // tokens of its contents
  size_t end_ = 0;
  Form form_ = Form::text;
  bool is_definition_ = false;
  std::string id_;
};

struct ScriptAction {
  enum class Kind : uint8_t { invoke, get };
  Kind kind = Kind::invoke;
  std::string instance;  // an id; empty: the most recent instance
  std::string name;      // of the export: any bytes
  std::vector<ScriptValue> args;
};

/// One command. Which fields count is said at the kinds.
struct ScriptCommand {
  enum class Kind : uint8_t {
    module,                   // module: definition, and an instance unless is_definition()
    instance,                 // (module instance $id $target): both may be empty
    register_,                // name, target: the instance, or empty
    action,                   // action
    assert_return,            // action, results
    assert_trap,              // action or module, message
    assert_exhaustion,        // action, message
    assert_exception,         // action
    assert_suspension,        // action, message
    assert_malformed,         // module, message
    assert_invalid,           // module, message
    assert_malformed_custom,  // module, message
    assert_invalid_custom,    // module, message
    assert_unlinkable,        // module or instance (id, target), message
    thread,                   // id, shared module (target, or empty), commands
    wait,                     // id
    script,                   // commands
    input,                    // name: a file; not used by the suite
    output,                   // likewise
  };
  Kind kind = Kind::module;
  size_t offset = 0;  // of its opening parenthesis in the script
  std::string id;
  std::string target;
  std::string name;
  std::optional<ScriptModule> module;
  std::optional<ScriptAction> action;
  std::vector<ScriptValue> results;
  std::string message;
  std::vector<ScriptCommand> commands;
};

/// "assert_return", as written; "module" for both kinds of module.
const char* to_string(ScriptCommand::Kind kind);

/// Reads a script command by command, so that one bad command does not hide the others.
class ScriptReader {
 public:
  /// `text` must outlive the reader and the modules of its commands.
  explicit ScriptReader(std::string_view text);

  /// The next command, or nothing at the end. A script of bare module fields is one module. After
  /// an error the next command is still read; only an unreadable token ends the script.
  std::optional<Result<ScriptCommand>> next();

 private:
  std::shared_ptr<const TokenList> tokens_;
  size_t position_ = 0;
  bool is_done_ = false;
};

}  // namespace swoop::text
