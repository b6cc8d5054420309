#include "cli/bench/report.h"

#include "cli/console.h"
#include "cli/phases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>

namespace swoop::cli::bench {
namespace {

using Json = nlohmann::ordered_json;

Json whole(const std::optional<double>& value) {
  return value ? Json(static_cast<int64_t>(*value)) : Json();
}

const Sample* last_sample(const Row& row) {
  return row.samples.empty() ? nullptr : &row.samples.back();
}

void add_spread(Json& json, const std::string& name, const std::string& unit, const Row& row,
                Figure figure) {
  const std::optional<Spread> values = spread(row, figure);
  json[name + "_" + unit] = values ? Json(sensible(values->median)) : Json();
  json[name + "_min_" + unit] = values ? Json(sensible(values->min)) : Json();
  json[name + "_max_" + unit] = values ? Json(sensible(values->max)) : Json();
}

std::optional<double> median_of(const Row& row, Figure figure) {
  const std::optional<Spread> values = spread(row, figure);
  return values ? std::optional(values->median) : std::nullopt;
}

Json row_to_json(const Row& row) {
  const Sample* const last = last_sample(row);
  Json json;
  json["file"] = row.program->file;
  json["engine"] = row.engine->name();
  add_spread(json, "compile", "ms", row, &Sample::compile_ms);
  add_spread(json, "instantiate", "us", row, &Sample::instantiate_us);
  add_spread(json, "run", "ms", row, &Sample::run_ms);
  add_spread(json, "total", "ms", row, &Sample::total_ms);
  for (const auto& [name, figure] :
       {std::pair<const char*, Figure>{"decode_ms", &Sample::decode_ms},
        {"validate_ms", &Sample::validate_ms},
        {"generate_ms", &Sample::generate_ms},
        {"publish_ms", &Sample::publish_ms}}) {
    if (const std::optional<double> value = median_of(row, figure)) {
      json[name] = sensible(*value);
    }
  }
  json["rounds"] = row.samples.size();
  json["exit"] =
      last != nullptr && (row.error.empty() || last->exit != 0) ? Json(last->exit) : Json();
  json["checked"] = row.is_checked;
  if (last != nullptr) {
    json["wasm_bytes"] = whole(last->wasm_bytes);
    json["code_bytes"] = whole(last->code_bytes);
    json["machine_code_bytes"] = whole(last->machine_code_bytes);
    if (!last->version.empty()) json["version"] = last->version;
  }
  if (!row.error.empty()) json["error"] = row.error;
  return json;
}

std::string csv_field(const Json& value) {
  if (value.is_null()) return "";
  if (!value.is_string()) return value.dump();
  std::string text = value.get<std::string>();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  for (size_t i = 0; (i = text.find('"', i)) != std::string::npos; i += 2) text.insert(i, 1, '"');
  return "\"" + text + "\"";
}

/// Three digits that matter, or the whole number.
std::string rounded(double value) {
  if (!(value > 0)) return "0";
  const int digits = 2 - static_cast<int>(std::floor(std::log10(value)));
  return fmt::format("{:.{}f}", value, std::clamp(digits, 0, 6));
}

std::string shown(const std::optional<Spread>& values) {
  if (!values) return "-";
  return fmt::format("{} ({}..{})", rounded(values->median), rounded(values->min),
                     rounded(values->max));
}

// Columns as wide as what is in them; the first two to the left, the others to the right.
std::string table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    if (line.size() <= 3) continue;  // an error takes the rest of its line
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const auto& line : lines) {
    for (size_t i = 0; i < std::min<size_t>(line.size(), 2); ++i) {
      widths[i] = std::max(widths[i], line[i].size());
    }
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (size_t i = 0; i < line.size(); ++i) {
      if (i != 0) row += "  ";
      row += i < 2              ? fmt::format("{:<{}}", line[i], widths[i])
             : line.size() <= 3 ? line[i]
                                : fmt::format("{:>{}}", line[i], widths[i]);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

/// Geometric mean of an engine's figure relative to the reference's, over the programs that have
/// both.
struct Comparison {
  std::optional<double> ratio;
  size_t programs = 0;
};

Comparison compare(const std::vector<Row>& rows, const Engine* engine, const Engine* reference,
                   Figure figure) {
  std::map<const Program*, double> base;
  for (const Row& row : rows) {
    const std::optional<double> value = median_of(row, figure);
    if (figure == &Sample::run_ms && value < kShortestRunMs) continue;
    if (row.engine == reference && row.error.empty() && value) base[row.program] = *value;
  }
  std::vector<double> ratios;
  for (const Row& row : rows) {
    const auto found = base.find(row.program);
    const std::optional<double> value = median_of(row, figure);
    if (row.engine != engine || !row.error.empty() || !value || found == base.end()) continue;
    if (found->second > 0 && *value > 0) ratios.push_back(*value / found->second);
  }
  return {geometric_mean(ratios), ratios.size()};
}

std::string shown(const Comparison& comparison) {
  if (!comparison.ratio) return "-";
  return fmt::format("x{:.2f} (of {})", *comparison.ratio, comparison.programs);
}

}  // namespace

std::vector<std::string> short_names(const std::vector<std::string>& files) {
  namespace fs = std::filesystem;
  const auto name = [](const fs::path& path) { return path.filename().string(); };
  const auto folder = [](const fs::path& path) { return path.parent_path().filename().string(); };
  const auto is_unique = [&](const std::string& file, const auto& part) {
    return std::ranges::all_of(files, [&](const std::string& other) {
      return other == file || part(other) != part(file);
    });
  };
  std::vector<std::string> names;
  for (const std::string& file : files) {
    const bool has_folder = !folder(file).empty();
    names.push_back(is_unique(file, name)                   ? name(file)
                    : has_folder && is_unique(file, folder) ? folder(file)
                                                            : file);
  }
  return names;
}

Json to_json(const std::vector<Row>& rows) {
  Json json = Json::array();
  for (const Row& row : rows) json.push_back(row_to_json(row));
  return json;
}

std::string to_csv(const std::vector<Row>& rows) {
  constexpr const char* kColumns[] = {"file",           "engine",         "compile_ms",
                                      "compile_min_ms", "compile_max_ms", "decode_ms",
                                      "validate_ms",    "generate_ms",    "publish_ms",
                                      "instantiate_us", "run_ms",         "run_min_ms",
                                      "run_max_ms",     "total_ms",       "total_min_ms",
                                      "total_max_ms",   "rounds",         "exit",
                                      "wasm_bytes",     "code_bytes",     "machine_code_bytes",
                                      "error"};
  std::string text;
  for (const char* const column : kColumns)
    text += fmt::format("{}{}", text.empty() ? "" : ",", column);
  text += "\r\n";
  for (const Row& row : rows) {
    const Json json = row_to_json(row);
    std::string line;
    for (const char* const column : kColumns) {
      if (column != kColumns[0]) line += ',';
      if (json.contains(column)) line += csv_field(json[column]);
    }
    text += line + "\r\n";
  }
  return text;
}

std::string to_text(const std::vector<Row>& rows) {
  std::vector<std::string> files;
  std::vector<const Engine*> engines;
  bool has_total = false;
  for (const Row& row : rows) {
    if (files.empty() || files.back() != row.program->file) files.push_back(row.program->file);
    if (std::ranges::find(engines, row.engine) == engines.end()) engines.push_back(row.engine);
    has_total = has_total || spread(row, &Sample::total_ms);
  }
  const std::vector<std::string> names = short_names(files);
  std::map<std::string, std::string> name_of;
  for (size_t i = 0; i < files.size(); ++i) name_of[files[i]] = printable(names[i]);

  std::vector<std::vector<std::string>> lines = {
      {"file", "engine", "compile ms", "MB/s", "instantiate us", "run ms"}};
  if (has_total) lines[0].push_back("process ms");
  for (const Row& row : rows) {
    std::vector<std::string> line = {name_of[row.program->file], printable(row.engine->name())};
    if (!row.error.empty()) {
      line.push_back("error: " + printable(row.error));
    } else {
      const std::optional<Spread> compile = spread(row, &Sample::compile_ms);
      const std::optional<double> code = row.samples.back().code_bytes;
      line.push_back(shown(compile));
      line.push_back(compile && code && compile->median > 0
                         ? fmt::format("{:.1f}", *code / compile->median / 1000)
                         : "-");
      line.push_back(shown(spread(row, &Sample::instantiate_us)));
      line.push_back(shown(spread(row, &Sample::run_ms)));
      if (has_total) line.push_back(shown(spread(row, &Sample::total_ms)));
    }
    lines.push_back(std::move(line));
  }
  if (engines.size() > 1) {
    for (const Engine* const engine : engines) {
      if (engine == engines.front()) continue;
      std::vector<std::string> line = {
          "geometric mean",
          fmt::format("{} / {}", printable(engine->name()), printable(engines.front()->name())),
          shown(compare(rows, engine, engines.front(), &Sample::compile_ms)),
          "",
          shown(compare(rows, engine, engines.front(), &Sample::instantiate_us)),
          shown(compare(rows, engine, engines.front(), &Sample::run_ms))};
      if (has_total)
        line.push_back(shown(compare(rows, engine, engines.front(), &Sample::total_ms)));
      const bool has_ratio = std::any_of(line.begin() + 2, line.end(),
                                         [](const auto& cell) { return cell.starts_with('x'); });
      if (!has_ratio) continue;  // one of them measured nothing
      lines.push_back(std::move(line));
    }
  }
  return table(lines) + "CPU time: median (minimum..maximum) of the rounds\n";
}

}  // namespace swoop::cli::bench
