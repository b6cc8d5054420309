#include "wast/expectations.h"

#include <array>
#include <utility>

namespace swoop::wast {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool is_quoted(std::string_view text) {
  return text.size() > 2 && text.front() == '"' && text.back() == '"';
}

/// Nothing for a line that is not a row.
std::optional<Expectation> parse_row(std::string_view line) {
  std::array<std::string_view, 3> cells;
  for (size_t i = 0; i < cells.size(); ++i) {
    const size_t bar = i + 1 < cells.size() ? line.find('|') : line.size();
    if (bar == std::string_view::npos) return std::nullopt;
    cells[i] = trimmed(line.substr(0, bar));
    if (cells[i].empty()) return std::nullopt;
    line.remove_prefix(i + 1 < cells.size() ? bar + 1 : bar);
  }
  Expectation row;
  row.glob = cells[0];
  if (is_quoted(cells[1])) {
    row.message = cells[1].substr(1, cells[1].size() - 2);
  } else {
    row.missing = cells[1];
  }
  row.reason = cells[2];
  return row;
}

bool is_excused(const Expectation& row, const Failure& failure) {
  if (!row.missing.empty()) return failure.missing == row.missing;
  if (failure.kind == FailureKind::dependency) {
    return failure.message.find(row.message) != std::string::npos;
  }
  return failure.message.starts_with(row.message);
}

}  // namespace

Result<Expectations> Expectations::parse(std::string_view text) {
  Expectations expectations;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    std::optional<Expectation> row = parse_row(line);
    if (!row) {
      return Error(ErrorKind::malformed, "line " + std::to_string(number) +
                                             ": expected GLOB | FEATURE or \"MESSAGE\" | REASON");
    }
    row->line = number;
    expectations.rows_.push_back(*std::move(row));
  }
  return expectations;
}

bool Expectations::excuses(std::string_view script, const Failure& failure) {
  // Every row that applies has its use.
  bool excused = false;
  for (Expectation& row : rows_) {
    if (!is_excused(row, failure) || !matches_glob(row.glob, script)) continue;
    ++row.excused;
    excused = true;
  }
  return excused;
}

void Expectations::note_script(std::string_view script) {
  for (Expectation& row : rows_) row.was_tried |= matches_glob(row.glob, script);
}

std::vector<const Expectation*> Expectations::stale() const {
  std::vector<const Expectation*> stale;
  for (const Expectation& row : rows_) {
    if (row.was_tried && row.excused == 0) stale.push_back(&row);
  }
  return stale;
}

bool matches_glob(std::string_view glob, std::string_view name) {
  // After a mismatch the last star takes one character more.
  size_t at = 0, in_name = 0;
  size_t star = std::string_view::npos, star_end = 0;
  while (in_name < name.size()) {
    const bool is_star = at < glob.size() && glob[at] == '*';
    if (is_star) {
      star = at++;
      star_end = in_name;
    } else if (at < glob.size() &&
               (glob[at] == name[in_name] || (glob[at] == '?' && name[in_name] != '/'))) {
      ++at;
      ++in_name;
    } else if (star != std::string_view::npos && name[star_end] != '/') {
      at = star + 1;
      in_name = ++star_end;
    } else {
      return false;
    }
  }
  while (at < glob.size() && glob[at] == '*') ++at;
  return at == glob.size();
}

}  // namespace swoop::wast
