// What one run of one program on one engine gave, and how it is read from what a child process
// printed. Tests: tests/cli/bench_test.cc.
#pragma once

#include "platform/process.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace swoop::cli::bench {

/// CPU times. What an engine does not tell is empty.
struct Sample {
  std::optional<double> compile_ms;  // all phases
  std::optional<double> decode_ms, validate_ms, generate_ms, publish_ms;
  std::optional<double> instantiate_us;
  std::optional<double> run_ms;
  std::optional<double> total_ms;  // of the whole process, where nothing else is known
  std::optional<double> wasm_bytes, code_bytes, machine_code_bytes;
  int exit = 0;
  std::optional<std::string> output;  // comparable(): the program's standard output
  std::string version;                // of the engine
  std::string error;                  // why there are no times; empty: all is well
};

enum class Protocol : uint8_t {
  optional,  // a command that prints no line of JSON gives one time for everything
  required,
  never,  // the same time for everything, whatever it prints
};

/// The last line of the output may be an object of JSON with the fields of `swoop bench --once`:
/// compile_ms, instantiate_us, run_ms, each preferred as compile_cpu_ms and so on, exit, stdout,
/// run_error, engine. All fields may be missing.
Sample read_sample(const platform::FinishedProcess& process, Protocol protocol);

/// Outputs are compared as text: without the times that some programs print ("N seconds"), and all
/// bytes that are not UTF-8 alike.
std::string comparable(std::string_view output);

/// Where two outputs differ: "line 2 is "x", not "y"".
std::string describe_difference(std::string_view actual, std::string_view expected);

}  // namespace swoop::cli::bench
