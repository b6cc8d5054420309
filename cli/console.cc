#include "cli/console.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <unistd.h>
#include <vector>

namespace swoop::cli {
namespace {

enum class Style { error, place, hint };

bool use_colors() {
  static const bool kUse = [] {
    const char* const no_color = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    return (no_color == nullptr || *no_color == '\0') && isatty(STDERR_FILENO) != 0 &&
           terminal != nullptr && std::string_view(terminal) != "dumb";
  }();
  return kUse;
}

std::string styled(Style style, std::string_view text) {
  if (!use_colors()) return std::string(text);
  const char* const code = style == Style::error   ? "\x1b[1;31m"
                           : style == Style::place ? "\x1b[1;34m"
                                                   : "\x1b[1;36m";
  return fmt::format("{}{}\x1b[0m", code, text);
}

void write_line(std::string line) {
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string escape(std::string_view text, bool in_quotes) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text.substr(i));
    if (point.size == 0) {
      result += fmt::format("\\x{:02x}", static_cast<uint8_t>(text[i]));
      ++i;
      continue;
    }
    if (is_deceptive(point.value)) {
      result += point.value < 0x80 ? fmt::format("\\x{:02x}", point.value)
                                   : fmt::format("\\u{{{:x}}}", point.value);
    } else {
      if (in_quotes && (point.value == '"' || point.value == '\\')) result += '\\';
      result += text.substr(i, point.size);
    }
    i += point.size;
  }
  return result;
}

// Levenshtein's, where two neighbours that changed places are one mistake. Three rows of the table.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1), above(row), second_above(row);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    second_above.swap(above);
    above.swap(row);
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({above[j] + (a[i] != b[j] ? 1 : 0), row[j] + 1, above[j + 1] + 1});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) {
        row[j + 1] = std::min(row[j + 1], second_above[j - 1] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

std::string printable(std::string_view text) {
  return escape(text, /*in_quotes=*/false);
}

std::string quoted(std::string_view text) {
  return '"' + escape(text, /*in_quotes=*/true) + '"';
}

std::string abbreviated(std::string_view name) {
  constexpr size_t kLongest = 256;
  if (name.size() <= kLongest) return std::string(name);
  size_t end = kLongest;
  while (end > 0 && (static_cast<uint8_t>(name[end]) & 0xc0) == 0x80) --end;
  return std::string(name.substr(0, end)) + "...";
}

void ProgressLine::show(std::string_view text) {
  if (!is_shown_ || watch_.elapsed().wall_ms < 500) return;
  fmt::print(stderr, "\r\033[K{}", printable(text));
  std::fflush(stderr);
  is_dirty_ = true;
}

void ProgressLine::clear() {
  if (is_dirty_) fmt::print(stderr, "\r\033[K");
  is_dirty_ = false;
}

void print_error(std::string_view message) {
  write_line(fmt::format("{} {}", styled(Style::error, "error:"), printable(message)));
}

void print_error_at(std::string_view place, std::string_view message) {
  write_line(fmt::format("{}: {} {}", styled(Style::place, printable(place)),
                         styled(Style::error, "error:"), printable(message)));
}

void print_excerpt(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const size_t end = std::min(lines.find_first_of("\t\n"), lines.size());
    text += printable(lines.substr(0, end));
    if (end < lines.size()) text += lines[end];
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void print_place(std::string_view place) {
  write_line(fmt::format("  {} {}", styled(Style::place, "-->"), printable(place)));
}

void print_hint(std::string_view text) {
  write_line(fmt::format("  {} {}", styled(Style::hint, "hint:"), printable(text)));
}

void print_line(std::string_view text) {
  write_line(printable(text));
}

void Suggestion::consider(std::string_view name) {
  // Names of a module may be long and many, and the distance is quadratic.
  constexpr size_t kLongest = 64;
  if (written_.size() > kLongest || name.size() > kLongest || comparisons_left_ == 0) return;
  --comparisons_left_;
  const size_t distance = edit_distance(written_, name);
  // A word of which nothing is left is not near.
  const bool is_near =
      distance <= std::max<size_t>(1, written_.size() / 3) && distance < written_.size();
  if (is_near && distance < best_distance_) {
    best_distance_ = distance;
    best_ = name;
  }
}

}  // namespace swoop::cli
