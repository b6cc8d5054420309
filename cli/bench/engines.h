// Engines that `swoop bench` measures: ourselves, those of V8 and JavaScriptCore, and any command.
// Each run is a process of its own, so that whatever happens in it is a row and not the end.
#pragma once

#include "base/result.h"
#include "cli/bench/rounds.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::cli::bench {

struct EngineSetup {
  std::string own_command;           // this program's file
  CompilerOptions compiler;          // for ourselves
  std::string scratch;               // a folder for files that engines need
  uint64_t timeout_ns = UINT64_MAX;  // of one run
};

/// Ourselves: `swoop bench --once`.
std::unique_ptr<Engine> make_own_engine(const EngineSetup& setup);

/// `definition` is NAME=COMMAND, or the name of a ready-made engine. Errors: invalid, with what to
/// do about it, for a name that is not known and for engines that are not installed.
Result<std::unique_ptr<Engine>> make_engine(const std::string& definition,
                                            const EngineSetup& setup);

std::vector<std::string> ready_made_engines();

/// The words of a command line. Quotes and backslashes mean what they mean to a shell, nothing else
/// does. Nothing when a quote is missing.
std::optional<std::vector<std::string>> split_words(std::string_view line);

/// Fills in {file}, {dir} (the folder of the file) and {args}. Without a place for the file or the
/// arguments they come at the end.
std::vector<std::string> expand_command(const std::vector<std::string>& words,
                                        const Program& program);

/// The folder of a file: "." if it is named without one.
std::string folder_of(const std::string& file);

}  // namespace swoop::cli::bench
