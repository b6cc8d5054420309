#include "cli/bench/page.h"

#include "cli/bench/page_parts.h"
#include "cli/bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace swoop::cli::bench {
namespace {

using Json = nlohmann::ordered_json;

/// A chart of more points is slow and shows nothing more.
constexpr size_t kMostFunctions = 2500;

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      default: html += c;
    }
  }
  return html;
}

// Inside a script element nothing may look like its end.
std::string for_script(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (size_t i = 0; (i = text.find('<', i)) != std::string::npos; i += 6) {
    text.replace(i, 1, "\\u003c");
  }
  return text;
}

/// Totals of all functions, and as many points as a chart can show: the largest, and of the others
/// every so many.
Json thin_out(const Json& functions) {
  std::vector<Json> points(functions.begin(), functions.end());
  double bytes = 0, us = 0;
  for (const Json& point : points) {
    bytes += point.at(0).get<double>();
    us += point.at(1).get<double>();
  }
  std::ranges::sort(points, std::greater<>(),
                    [](const Json& point) { return point.at(0).get<double>(); });
  Json shown = Json::array();
  const size_t largest = std::min(points.size(), kMostFunctions / 5);
  const size_t others = kMostFunctions - largest;
  const size_t step = (points.size() - largest + others - 1) / others;
  for (size_t i = 0; i < points.size(); i += i < largest ? 1 : std::max<size_t>(step, 1)) {
    shown.push_back(points[i]);
  }
  return {{"count", points.size()}, {"bytes", bytes}, {"us", us}, {"points", std::move(shown)}};
}

std::string number(const Json& row, const char* field) {
  if (!row.contains(field) || !row[field].is_number()) return "–";
  const double value = row[field].get<double>();
  if (!(value > 0)) return "0";
  const int digits = std::clamp(2 - static_cast<int>(std::floor(std::log10(value))), 0, 6);
  return fmt::format("{:.{}f}", value, digits);
}

std::string with_range(const Json& row, const std::string& name, const std::string& unit) {
  const std::string median = number(row, (name + "_" + unit).c_str());
  if (median == "–") return median;
  return fmt::format("{} <span class=\"dim\">({}–{})</span>", median,
                     number(row, (name + "_min_" + unit).c_str()),
                     number(row, (name + "_max_" + unit).c_str()));
}

std::string table(const Json& rows, const std::vector<std::string>& names) {
  std::string html =
      "<div class=\"scroll\"><table><thead><tr><th>program</th><th>engine</th><th>compile ms</th>"
      "<th>instantiate µs</th><th>run ms</th><th>process ms</th>"
      "<th title=\"bytes of machine code for each byte of wasm code\">code ratio</th>"
      "</tr></thead><tbody>\n";
  std::string last_file;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Json& row = rows[i];
    const bool is_first = row["file"] != last_file;
    last_file = row["file"].get<std::string>();
    html +=
        fmt::format("<tr{}><td>{}</td><td>{}</td>", is_first ? " class=\"first\"" : "",
                    is_first ? escaped(names[i]) : "", escaped(row["engine"].get<std::string>()));
    if (row.contains("error")) {
      html += fmt::format("<td class=\"error\" colspan=\"5\">{}</td></tr>\n",
                          escaped(row["error"].get<std::string>()));
      continue;
    }
    const bool has_code = row["machine_code_bytes"].is_number() && row["code_bytes"].is_number() &&
                          row["code_bytes"].get<double>() > 0;
    html += fmt::format("<td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        with_range(row, "compile", "ms"), number(row, "instantiate_us"),
                        with_range(row, "run", "ms"), with_range(row, "total", "ms"),
                        has_code ? fmt::format("{:.2f}", row["machine_code_bytes"].get<double>() /
                                                             row["code_bytes"].get<double>())
                                 : "–");
  }
  return html + "</tbody></table></div>\n";
}

/// Sums over the programs that every engine can do, so that they can be compared.
std::string totals(const Json& rows, const Json& engines, const Json& programs) {
  const auto find = [&](const Json& program, const Json& engine) -> const Json* {
    for (const Json& row : rows) {
      if (row["file"] == program["file"] && row["engine"] == engine["name"] &&
          !row.contains("error")) {
        return &row;
      }
    }
    return nullptr;
  };
  std::vector<const Json*> common;
  for (const Json& program : programs) {
    if (std::ranges::all_of(engines, [&](const Json& engine) { return find(program, engine); })) {
      common.push_back(&program);
    }
  }
  std::string html = fmt::format(
      "<p class=\"dim\">Sums of the medians over the {} programs that every engine ran.</p>"
      "<div class=\"scroll\"><table><thead><tr><th>engine</th><th>version</th><th>compile ms</th>"
      "<th>MB/s</th><th>run ms</th><th>compile and run ms</th></tr></thead><tbody>\n",
      common.size());
  for (const Json& engine : engines) {
    double compile_ms = 0, run_ms = 0, code_bytes = 0;
    bool has_compile = !common.empty(), has_run = !common.empty();
    for (const Json* const program : common) {
      const Json& row = *find(*program, engine);
      has_compile = has_compile && row["compile_ms"].is_number();
      has_run = has_run && row["run_ms"].is_number();
      if (has_compile) compile_ms += row["compile_ms"].get<double>();
      if (has_run) run_ms += row["run_ms"].get<double>();
      if (row["code_bytes"].is_number()) code_bytes += row["code_bytes"].get<double>();
    }
    const auto cell = [](bool is_known, double value) {
      return is_known ? fmt::format("{:.1f}", value) : std::string("–");
    };
    html += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escaped(engine["name"].get<std::string>()), escaped(engine["version"].get<std::string>()),
        cell(has_compile, compile_ms),
        cell(has_compile && compile_ms > 0, compile_ms > 0 ? code_bytes / compile_ms / 1000 : 0),
        cell(has_run, run_ms), cell(has_compile && has_run, compile_ms + run_ms));
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string make_page(const std::vector<Row>& rows, const PageData& data) {
  Json json;
  json["reference"] = data.reference;
  json["shortest_ms"] = kShortestRunMs;
  json["rows"] = to_json(rows);
  json["engines"] = json["programs"] = Json::array();
  json["functions"] = Json::object();
  std::vector<std::string> files;
  size_t rounds = 0;
  for (const Row& row : rows) {
    files.push_back(row.program->file);
    rounds = std::max(rounds, row.samples.size());
  }
  std::vector<std::string> names = short_names(files);
  for (std::string& name : names) {
    if (name.ends_with(".wasm")) name.resize(name.size() - 5);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (i == 0 || files[i] != files[i - 1]) {
      json["programs"].push_back({{"name", names[i]}, {"file", files[i]}});
    }
    const auto engine = std::ranges::find_if(
        json["engines"], [&](const Json& known) { return known["name"] == row.engine->name(); });
    const std::string version = row.samples.empty() ? "" : row.samples.back().version;
    if (engine == json["engines"].end()) {
      json["engines"].push_back({{"name", row.engine->name()}, {"version", version}});
    } else if ((*engine)["version"] == "") {
      (*engine)["version"] = version;
    }
  }
  for (const auto& [file, functions] : data.functions.items()) {
    json["functions"][file] = thin_out(functions);
  }

  const Machine& machine = data.machine;
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
      "<title>swoop bench, {0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
      "<h1>Time to compile, time to run</h1>\n"
      "<p class=\"dim\">CPU time of WebAssembly programs; medians of rounds in which all programs "
      "and engines take turns.</p>\n"
      "<dl><dt>date</dt><dd>{0}</dd><dt>machine</dt><dd>{2}, {3} processors, load {4}</dd>"
      "<dt>command</dt><dd><code>{5}</code></dd><dt>rounds</dt><dd>{6}</dd></dl>\n",
      escaped(machine.date), kPageStyle, escaped(machine.cpu), machine.processors,
      escaped(machine.load), escaped(data.command), rounds);
  html +=
      "<noscript><p>The charts need JavaScript; the tables do not.</p></noscript>\n"
      "<section><h2>Compile time against execution time</h2><div id=\"legend\"></div>\n"
      "<figure><div id=\"pareto\"></div><figcaption>Large: geometric mean of an engine's programs. "
      "Small: one program. The lower left corner is the best place to be. Programs that run for "
      "less "
      "than 0.1 ms are left out.</figcaption></figure>"
      "</section>\n"
      "<section><h2>Totals</h2>" +
      totals(json["rows"], json["engines"], json["programs"]) +
      "</section>\n"
      "<section><h2>Execution time, by program</h2><figure><div id=\"runs\"></div></figure>"
      "</section>\n"
      "<section><h2>Compile time, by program</h2><figure><div id=\"compiles\"></div></figure>"
      "</section>\n"
      "<section id=\"whole\"><h2>Whole processes</h2><p class=\"dim\">Engines of which only the "
      "time of their process is known.</p><figure><div id=\"wholes\"></div></figure></section>\n"
      "<section id=\"per-function\"><h2>Compile time, by function</h2>"
      "<div class=\"controls\"><label>program <select id=\"choice\"></select></label></div>"
      "<figure id=\"functions\"></figure></section>\n"
      "<section><h2>All figures</h2>" +
      table(json["rows"], names) +
      "</section>\n<div id=\"tip\" role=\"status\"></div>\n"
      "<script type=\"application/json\" id=\"data\">" +
      for_script(json) + "</script>\n<script>" + kPageScript + "</script>\n</body>\n</html>\n";
  return html;
}

}  // namespace swoop::cli::bench
