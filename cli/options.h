// The command line as data.
#pragma once

#include "jit/target.h"
#include "wasi/context.h"
#include "wasm/features.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace swoop::cli {

/// What all verbs that compile have in common.
struct CompilerOptions {
  unsigned jobs = 0;  // threads; 0: as many as are worth it
  bool poison = false;
  jit::Target target;
  std::vector<std::string> words;  // the same as options, for another process
};

struct RunOptions {
  struct Directory {
    std::string host;
    std::string guest;
    wasi::DirectoryAccess access = wasi::DirectoryAccess::read_write;
  };

  CompilerOptions compiler;
  std::string file;
  std::vector<std::string> arguments;
  std::vector<Directory> directories;
  std::vector<std::pair<std::string, std::string>> environment;  // later ones win
  std::optional<std::string> argv0;
  std::optional<std::string> invoke;
  std::optional<double> timeout_s;        // of the program, with its start function
  std::optional<uint64_t> fuel;           // the same
  std::optional<std::string> stdin_file;  // "null": none; otherwise the standard input of swoop
  bool virtual_root = false;
  uint32_t wasi_max_fds = wasi::Limits().open_files;
  bool time_passes = false;
};

struct ValidateOptions {
  std::vector<std::string> files;
  bool quiet = false;
};

struct CompileOptions {
  CompilerOptions compiler;
  std::string file;
  bool time_passes = false;
  bool json = false;
  unsigned rounds = 1;
};

struct DisasmOptions {
  CompilerOptions compiler;
  char** argv = nullptr;  // of this process, for the command that has a disassembler
  std::string file;
  std::optional<std::string> function;
};

struct WastOptions {
  CompilerOptions compiler;  // jobs: scripts at a time; 0: one for each processor
  std::vector<std::string> paths;
  std::string filter;                // a part of a script's name, or a glob for all of it
  std::string expect;                // a file of failures that are known (wast/expectations.h)
  std::optional<Features> features;  // instead of those the script's directory has
  bool round_trip = false;
  bool json = false;
  bool all = false;
  bool show_actions = false;
  std::optional<double> timeout_s;  // of each instantiation and action
};

struct Wat2wasmOptions {
  std::string file;
  std::string output;  // empty: beside the file; "-": standard output
  bool names = true;
  bool validate = true;
};

struct Wasm2watOptions {
  std::string file;
  std::string output = "-";
  bool fold = false;
};

struct InspectOptions {
  std::string file;
  bool json = false;
};

struct BenchOptions {
  CompilerOptions compiler;
  std::vector<std::string> files;
  std::vector<std::string> arguments;
  std::vector<RunOptions::Directory> directories;  // in `host`, {dir} is the folder of the file
  std::vector<std::string> engines;                // cli/bench/engines.h
  unsigned rounds = 5;
  double timeout_s = 300;  // of one run
  double budget_s = 1e9;   // of all rounds of a row
  bool json = false;
  bool csv = false;
  std::string html;  // empty: no page
  bool once = false;
  bool functions = false;
};

// The verbs. Each returns the exit code of the process.
int run(const RunOptions& options);
int validate(const ValidateOptions& options);
int compile(const CompileOptions& options);
int disasm(const DisasmOptions& options);
int wast(const WastOptions& options);
int wat2wasm(const Wat2wasmOptions& options);
int wasm2wat(const Wasm2watOptions& options);
int inspect(const InspectOptions& options);
int bench_verb(const BenchOptions& options);

/// Reads the command line and runs the verb it names.
int dispatch(int argc, char** argv);

}  // namespace swoop::cli
