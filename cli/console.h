// What the command says to people: on standard error, coloured on a terminal, never with control
// characters of a module's names.
#pragma once

#include "cli/phases.h"

#include <string>
#include <string_view>
#include <unistd.h>

namespace swoop::cli {

/// `text` with control characters, characters that change the direction of writing, and bytes that
/// are not UTF-8 replaced by escapes.
std::string printable(std::string_view text);
/// The same between quotes, with quotes and backslashes escaped.
std::string quoted(std::string_view text);

/// `name`, or its beginning and "..." if it is very long: a module's names may have 100,000 bytes.
std::string abbreviated(std::string_view name);

/// "error: MESSAGE". The message is made printable, as those below are.
void print_error(std::string_view message);
/// "PLACE: error: MESSAGE", as compilers write it.
void print_error_at(std::string_view place, std::string_view message);
/// Lines of a source with a caret below; tabs stay.
void print_excerpt(std::string_view lines);
/// "  --> PLACE".
void print_place(std::string_view place);
/// "  hint: TEXT".
void print_hint(std::string_view text);
/// A line as it is.
void print_line(std::string_view text);

/// One line of a terminal that is written over again and again, from half a second after its
/// construction; nothing where standard error is no terminal.
class ProgressLine {
 public:
  /// The text is made printable.
  void show(std::string_view text);
  /// Makes the line free for other output.
  void clear();

 private:
  const bool is_shown_ = isatty(STDERR_FILENO) != 0;
  bool is_dirty_ = false;
  Stopwatch watch_;
};

/// Nearest of `names` to what someone wrote, or empty when none is near.
class Suggestion {
 public:
  explicit Suggestion(std::string_view written) : written_(written) {}
  void consider(std::string_view name);
  const std::string& best() const { return best_; }

 private:
  std::string_view written_;
  std::string best_;
  size_t best_distance_ = SIZE_MAX;
  size_t comparisons_left_ = 20'000;
};

}  // namespace swoop::cli
