#include "cli/bench/sample.h"

#include "cli/console.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace swoop::cli::bench {
namespace {

using Json = nlohmann::json;

std::string_view without_last_newlines(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.starts_with("error: ")) text.remove_prefix(7);
  return abbreviated(printable(text));
}

/// The last line as an object with fields that we know; else null.
Json find_report(std::string_view output, std::string_view& before) {
  output = without_last_newlines(output);
  const size_t newline = output.rfind('\n');
  const size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view line = output.substr(start);
  if (!line.starts_with('{')) return {};
  Json report = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!report.is_object()) return {};
  const auto is_known = [&](const char* name) { return report.contains(name); };
  constexpr std::array kFields = {"compile_ms", "compile_cpu_ms", "run_ms",
                                  "run_cpu_ms", "run_error",      "module_cpu_ms"};
  if (std::ranges::none_of(kFields, is_known)) return {};
  before = output.substr(0, start);
  return report;
}

std::optional<double> number(const Json& report, const char* name) {
  const auto found = report.find(name);
  if (found == report.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::optional<double> number(const Json& report, const char* preferred, const char* name) {
  const std::optional<double> value = number(report, preferred);
  return value ? value : number(report, name);
}

std::string text(const Json& report, const char* name) {
  const auto found = report.find(name);
  return found != report.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Sample read_report(const Json& report, std::string_view before) {
  Sample sample;
  sample.compile_ms = number(report, "compile_cpu_ms", "compile_ms");
  sample.decode_ms = number(report, "decode_ms");
  sample.validate_ms = number(report, "validate_ms");
  sample.generate_ms = number(report, "generate_ms");
  sample.publish_ms = number(report, "publish_ms");
  sample.instantiate_us = number(report, "instantiate_cpu_us", "instantiate_us");
  sample.run_ms = number(report, "run_cpu_ms", "run_ms");
  sample.wasm_bytes = number(report, "wasm_bytes");
  sample.code_bytes = number(report, "code_bytes");
  sample.machine_code_bytes = number(report, "machine_code_bytes");
  // Of modules that were changed so that an engine compiles all of it.
  if (const std::optional<double> module_ms = number(report, "module_cpu_ms")) {
    sample.compile_ms = *module_ms + number(report, "force_cpu_ms").value_or(0);
  }
  sample.exit = static_cast<int>(std::clamp(number(report, "exit").value_or(0), -1e9, 1e9));
  sample.version = text(report, "engine");
  sample.error = first_line(text(report, "run_error"));
  if (report.contains("stdout")) {
    sample.output = comparable(text(report, "stdout"));
  } else if (!before.empty()) {
    sample.output = comparable(before);
  }
  return sample;
}

bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '.';
}

}  // namespace

Sample read_sample(const platform::FinishedProcess& process, Protocol protocol) {
  Sample sample;
  if (process.timed_out) {
    const double seconds = static_cast<double>(process.wall_ns) / 1e9;
    sample.error = seconds < 10 ? fmt::format("stopped after {:.2g} s", seconds)
                                : fmt::format("stopped after {:.0f} s", seconds);
    return sample;
  }
  if (process.signal != 0) {
    sample.error = "killed: " + platform::describe_signal(process.signal);
    return sample;
  }
  std::string_view before;
  const Json report =
      protocol == Protocol::never ? Json() : find_report(process.standard_output, before);
  if (!report.is_null()) return read_report(report, before);

  sample.exit = process.exit_code;
  const std::string complaint = first_line(process.standard_error);
  if (protocol == Protocol::required) {
    sample.error = complaint.empty() ? "it printed no times" : complaint;
    return sample;
  }
  sample.total_ms = static_cast<double>(process.cpu_ns) / 1e6;
  if (!process.is_output_cut) sample.output = comparable(process.standard_output);
  if (process.exit_code != 0) {
    sample.error = fmt::format("exit code {}", process.exit_code);
    if (!complaint.empty()) sample.error += ": " + complaint;
  }
  return sample;
}

std::string comparable(std::string_view output) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  // The JSON library knows UTF-8, and puts the replacement character for what is none.
  const std::string quoted = Json(output).dump(-1, ' ', false, Json::error_handler_t::replace);
  const std::string clean = Json::parse(quoted).get<std::string>();
  std::string result;
  for (size_t i = 0; i < clean.size();) {
    const std::string_view rest = std::string_view(clean).substr(i);
    if (rest.starts_with(kReplacement)) {
      if (!result.ends_with(kReplacement)) result += kReplacement;
      i += kReplacement.size();
    } else if (is_number_part(rest[0])) {
      const size_t length =
          static_cast<size_t>(std::ranges::find_if_not(rest, is_number_part) - rest.begin());
      const bool is_time = rest.substr(length).starts_with(" seconds");
      result += is_time ? std::string_view("N") : rest.substr(0, length);
      i += length;
    } else {
      result += rest[0];
      ++i;
    }
  }
  return result;
}

std::string describe_difference(std::string_view actual, std::string_view expected) {
  const auto line = [](std::string_view& rest) -> std::optional<std::string_view> {
    if (rest.empty()) return std::nullopt;
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return text;
  };
  const auto shown = [](const std::optional<std::string_view>& text) {
    return text ? cli::quoted(text->substr(0, 60)) : std::string("missing");
  };
  for (size_t number = 1;; ++number) {
    const std::optional<std::string_view> left = line(actual), right = line(expected);
    if (left != right) {
      return fmt::format("line {} is {}, expected {}", number, shown(left),
                         right ? shown(right) : "no more");
    }
    if (!left) return "the last line ends differently";
  }
}

}  // namespace swoop::cli::bench
