// Runs scripts of the official suite (text/script.h) on the runtime. The language is defined by the
// reference interpreter's README, "Scripts". Entry point: run_script.
#pragma once

#include "runtime/engine.h"
#include "runtime/stop_token.h"
#include "text/script.h"
#include "wast/spectest.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::wast {

struct RunnerOptions {
  /// Text modules go to binary, back to text and to binary again before they run; both binaries
  /// must be equal.
  bool round_trip = false;
  /// A proposal these scripts need and nothing here implements, such as "stack-switching": that one
  /// of their modules is refused as malformed or invalid is then for want of it. Empty: none.
  std::string missing_proposal;
  /// Actions outside of assertions may end in any way, and their reports tell how they did.
  bool show_actions = false;
  PrintSink print;
  /// Of each command: one that takes longer fails. Loops end only if the engine's target has
  /// `interruption`.
  CallOptions limits;
};

enum class FailureKind : uint8_t {
  wrong,        // something is not as the script says
  unsupported,  // it needs a feature that is not implemented
  dependency,   // it needs a module that failed before
};

struct Failure {
  FailureKind kind = FailureKind::wrong;
  /// The feature that is not implemented, also of the module a dependency needs: "simd". Empty if
  /// that is not the reason.
  std::string missing;
  /// For people, such as "expected (i32.const 1), got (i32.const 2)".
  std::string message;
  /// The place in the script, where that is known better than by its command.
  std::optional<size_t> offset = std::nullopt;
};

struct CommandReport {
  /// Nothing for a command that cannot be read.
  std::optional<text::ScriptCommand::Kind> kind;
  size_t offset = 0;               // in the script
  std::optional<Failure> failure;  // nothing if the command passed
  /// Of an action, with `show_actions`: its results as scripts write them, or how it ended.
  std::optional<std::string> shown = std::nullopt;

  bool passed() const { return !failure.has_value(); }
  /// "assert_return"; "unreadable" for what is no command.
  const char* name() const;
  bool is_assertion() const;
};

/// What became of every command of a script, those of its threads too, in the order of the text.
/// There is no third outcome: what cannot be executed has failed.
struct ScriptReport {
  std::vector<CommandReport> commands;
  /// Modules that were refused as they should, but with another message than the script expects:
  /// these messages are not part of the specification.
  size_t other_messages = 0;
};

/// Runs a script with a store and host modules of its own; `engine` stays usable whatever happens.
/// Each thread of the script is a thread with its own store. Cost: what the script's programs take;
/// one that never returns is interrupted only if the options say so.
ScriptReport run_script(const std::shared_ptr<Engine>& engine, const RunnerOptions& options,
                        std::string_view text);

}  // namespace swoop::wast
