#include "tests/support/wat.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace swoop {

namespace {

/// A directory that is removed with all files in it.
class TempDir {
 public:
  TempDir() {
    if (mkdtemp(path_.data()) == nullptr) std::perror("mkdtemp"), std::abort();
  }
  ~TempDir() {
    for (const char* name : {"/in.wat", "/out.wasm", "/log"}) unlink((path_ + name).c_str());
    rmdir(path_.c_str());
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = std::string(P_tmpdir) + "/swoop-wat-XXXXXX";
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The exit status of wat2wasm, or -1 if it could not be run.
int run_wat2wasm(const std::string& input, const std::string& output, const std::string& log,
                 WatNames names) {
  const char* const arguments[] = {"wat2wasm",
                                   "--enable-all",
                                   "--no-check",
                                   input.c_str(),
                                   "-o",
                                   output.c_str(),
                                   names == WatNames::keep ? "--debug-names" : nullptr,
                                   nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT, 0600);
  pid_t child = 0;
  const int error = posix_spawnp(&child, arguments[0], &actions, nullptr,
                                 const_cast<char* const*>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (error != 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

std::vector<uint8_t> assemble(std::string_view text, WatNames names) {
  const TempDir dir;
  const std::string input = dir.path() + "/in.wat";
  const std::string output = dir.path() + "/out.wasm";
  const std::string log = dir.path() + "/log";
  std::ofstream(input, std::ios::binary) << text;
  if (run_wat2wasm(input, output, log, names) != 0) {
    std::fprintf(stderr, "wat2wasm (package wabt) refused a test's module:\n%s\n%s\n",
                 read_file(log).c_str(), std::string(text).c_str());
    std::abort();
  }
  const std::string bytes = read_file(output);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

const std::vector<uint8_t>& wat(std::string_view text, WatNames names) {
  static std::mutex mutex;
  static std::map<std::string, std::vector<uint8_t>, std::less<>> assembled[2];
  const std::lock_guard lock(mutex);
  auto& known = assembled[static_cast<size_t>(names)];
  auto found = known.find(text);
  if (found == known.end()) found = known.emplace(std::string(text), assemble(text, names)).first;
  return found->second;
}

}  // namespace swoop
