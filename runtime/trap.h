// How a call into wasm ends when it does not return: a trap or an exception with its backtrace, or
// an exit asked for by a host function. Spec: exec/runtime#results.
#pragma once

#include "base/result.h"
#include "vm/exception.h"
#include "vm/trap_code.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace swoop {

class Instance;

/// One wasm function of a backtrace.
struct Frame {
  Instance* instance = nullptr;  // null where it is not known
  std::string module_name;       // from the name section; may be empty
  FuncIdx func{};
  std::string func_name;     // from the name section or an export; may be empty
  uint32_t func_offset = 0;  // of the operator, from the start of the function's body
  size_t module_offset = 0;  // of the operator, from the start of the module
  std::string file;          // of the source, where the module has debug information; else empty
  uint32_t line = 0;         // there; 0: not known
  uint32_t column = 0;       // likewise
};

/// What ended a call without its consent, and where.
struct CallFailure {
  /// Deeper backtraces end here: a stack overflow has tens of thousands of frames, all alike.
  static constexpr size_t kMaxFrames = 64;

  /// Of traps: the official suite's for wasm's own, the host function's for TrapCode::host.
  std::string message;
  std::vector<Frame> frames;  // innermost first, through all activations of the store
  bool has_more_frames = false;
  bool has_backtrace = false;  // frames are final, possibly none

  /// The message and one line per frame.
  std::string render() const;
};

/// What an embedder attaches to a trap of a host function, to find it at the outer end of the call.
class TrapPayload {
 public:
  virtual ~TrapPayload() = default;
};

struct Trap : CallFailure {
  TrapCode code = TrapCode::host;
  std::shared_ptr<TrapPayload> payload;  // of the host's traps only
};

struct Tag;

/// An exception that no handler of wasm took. The object, and what it refers to, belongs to the
/// store. A host function that answers with one throws it on. Spec:
/// exec/runtime#exception-instances.
struct Exception : CallFailure {
  VmException* object = nullptr;

  /// Identities: equal for what the same tag made.
  const Tag& tag() const { return *static_cast<const Tag*>(object->tag); }
  /// By the parameters of the tag's type.
  std::span<const Value> values() const {
    return static_cast<const VmException*>(object)->values();
  }
  /// As a value of type exnref.
  Value reference() const { return {reinterpret_cast<uintptr_t>(object), 0}; }
};

/// A host function (WASI's proc_exit) ended the program.
struct Exit {
  int32_t code = 0;
};

/// The end of a call: returned, trapped, thrown or exited. Default: returned. Also what a host
/// function answers, so that one which calls wasm passes on what it got.
class [[nodiscard]] Completion {
 public:
  Completion() = default;
  /// A trap of wasm's own kinds, with the suite's message.
  static Completion trap(TrapCode code);
  /// TrapCode::host with a message.
  static Completion trap(std::string message);
  /// One that was got from a call, or from Store::make_exception.
  static Completion exception(Exception exception);
  static Completion exit(int32_t code);

  bool returned() const { return reason_ == nullptr; }
  explicit operator bool() const { return returned(); }
  /// Null unless it trapped.
  const Trap* trap() const { return reason_ == nullptr ? nullptr : std::get_if<Trap>(&*reason_); }
  Trap* trap() { return reason_ == nullptr ? nullptr : std::get_if<Trap>(&*reason_); }
  /// Null unless an exception was not caught.
  const Exception* exception() const {
    return reason_ == nullptr ? nullptr : std::get_if<Exception>(&*reason_);
  }
  /// The trap or the exception.
  const CallFailure* failure() const;
  CallFailure* failure() { return const_cast<CallFailure*>(std::as_const(*this).failure()); }
  /// Null unless it exited.
  const Exit* exit() const { return reason_ == nullptr ? nullptr : std::get_if<Exit>(&*reason_); }

 private:
  using Reason = std::variant<Trap, Exception, Exit>;
  explicit Completion(Reason reason) : reason_(std::make_unique<Reason>(std::move(reason))) {}

  std::unique_ptr<Reason> reason_;  // one word: returning is the common case
};

using HostResult = Completion;

/// What a call gave: its results, when it returned.
struct [[nodiscard]] CallResult {
  Completion completion;
  std::vector<Value> values;

  bool ok() const { return completion.returned(); }
};

/// Installs the handler of hardware faults for this process. Any thread, any number of times.
Result<> install_trap_handler();

}  // namespace swoop
