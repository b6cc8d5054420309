// Failures that are known, with their reasons: one row for a glob of files and what is missing. A
// row that excuses nothing is a failure too, so that none outlives its reason.
#pragma once

#include "base/result.h"
#include "wast/runner.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::wast {

struct Expectation {
  std::string glob;  // of script names: `*` is any text without slashes, `?` one character
  /// A feature, whose want excuses failures that are unsupported or depend on it.
  std::string missing;
  /// Or, in quotes in the file, the beginning of a message; excuses dependencies on it too.
  std::string message;
  std::string reason;
  size_t line = 0;
  size_t excused = 0;      // failures
  bool was_tried = false;  // some file matched the glob
};

class Expectations {
 public:
  /// Rows `GLOB | FEATURE | REASON` or `GLOB | "MESSAGE" | REASON`; blank lines and those that
  /// begin with # count for nothing. Errors: malformed, with the number of the line in the message.
  static Result<Expectations> parse(std::string_view text);

  /// Whether the failure of a command of this script is expected; counts it.
  bool excuses(std::string_view script, const Failure& failure);
  /// Says that the script was run, before its failures are asked for.
  void note_script(std::string_view script);
  /// Rows for scripts that were run which excused nothing.
  std::vector<const Expectation*> stale() const;
  const std::vector<Expectation>& rows() const { return rows_; }

 private:
  std::vector<Expectation> rows_;
};

/// Whether the whole name matches.
bool matches_glob(std::string_view glob, std::string_view name);

}  // namespace swoop::wast
