#include "platform/process.h"

#include "platform/clock.h"
#include "platform/file_descriptor.h"
#include "platform/os_call.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace swoop::platform {
namespace {

struct Pipe {
  Fd read;
  Fd write;
};

OsResult<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return last_error();
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

uint64_t now_ns() {
  return clock_time_ns(Clock::monotonic).value();
}

uint64_t to_ns(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(time.tv_usec) * 1000;
}

// After fork: only what is async-signal-safe.
[[noreturn]] void become(char* const* words, const char* directory, const Pipe& output,
                         const Pipe& errors, const Pipe& failure) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output.write.raw(), STDOUT_FILENO) >= 0 &&
      dup2(errors.write.raw(), STDERR_FILENO) >= 0 && (*directory == 0 || chdir(directory) == 0)) {
    execvp(words[0], words);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure.write.raw(), &error, sizeof error);
  _exit(127);
}

/// A stream of the child, as far as it is kept.
class Stream {
 public:
  Stream(Fd fd, std::string& text, size_t limit) : fd_(std::move(fd)), text_(text), limit_(limit) {}

  bool is_open() const { return fd_.valid(); }
  bool is_cut() const { return is_cut_; }
  int raw() const { return fd_.raw(); }

  void read_some() {
    std::array<char, 1 << 16> buffer;
    const ssize_t count =
        retry_on_eintr([&] { return ::read(raw(), buffer.data(), buffer.size()); });
    if (count <= 0) return fd_.reset();
    const size_t kept = std::min(static_cast<size_t>(count), limit_ - text_.size());
    text_.append(buffer.data(), kept);
    is_cut_ = is_cut_ || kept < static_cast<size_t>(count);
  }

 private:
  Fd fd_;
  std::string& text_;
  size_t limit_;
  bool is_cut_ = false;
};

/// Waits for the child, until the deadline; false when that comes first.
bool await(pid_t child, uint64_t deadline_ns, int& status, rusage& usage) {
  const bool has_deadline = deadline_ns != UINT64_MAX;
  for (;;) {
    const pid_t ended =
        retry_on_eintr([&] { return wait4(child, &status, has_deadline ? WNOHANG : 0, &usage); });
    if (ended != 0) return true;
    if (now_ns() >= deadline_ns) return false;
    usleep(1000);
  }
}

}  // namespace

OsResult<FinishedProcess> run_command(const Command& command) {
  Pipe output = TRY(make_pipe());
  Pipe errors = TRY(make_pipe());
  Pipe failure = TRY(make_pipe());
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  FinishedProcess finished;
  const uint64_t start_ns = now_ns();
  const uint64_t deadline_ns =
      command.timeout_ns > UINT64_MAX - start_ns ? UINT64_MAX : start_ns + command.timeout_ns;
  const pid_t child = fork();
  if (child < 0) return last_error();
  if (child == 0) become(words.data(), command.directory.c_str(), output, errors, failure);

  setpgid(child, child);  // as the child does: whoever comes first
  output.write.reset();
  errors.write.reset();
  failure.write.reset();

  int status = 0;
  rusage usage = {};
  int exec_error = 0;
  if (retry_on_eintr([&] { return ::read(failure.read.raw(), &exec_error, sizeof exec_error); }) ==
      static_cast<ssize_t>(sizeof exec_error)) {
    await(child, UINT64_MAX, status, usage);
    return OsError(exec_error);
  }
  Stream streams[] = {{std::move(output.read), finished.standard_output, command.max_output_bytes},
                      {std::move(errors.read), finished.standard_error, command.max_output_bytes}};
  while (!finished.timed_out && (streams[0].is_open() || streams[1].is_open())) {
    pollfd polled[2];
    for (size_t i = 0; i < 2; ++i) polled[i] = {streams[i].raw(), POLLIN, 0};
    const uint64_t now = now_ns();
    if (now >= deadline_ns) {
      finished.timed_out = true;
      break;
    }
    const uint64_t wait_ms = std::min<uint64_t>((deadline_ns - now) / 1'000'000 + 1, 60'000);
    if (poll(polled, 2, static_cast<int>(wait_ms)) <= 0) continue;
    for (size_t i = 0; i < 2; ++i) {
      if (polled[i].revents != 0) streams[i].read_some();
    }
  }
  if (finished.timed_out || !await(child, deadline_ns, status, usage)) {
    finished.timed_out = true;
    kill(-child, SIGKILL);
    await(child, UINT64_MAX, status, usage);
  }
  finished.wall_ns = now_ns() - start_ns;
  finished.cpu_ns = to_ns(usage.ru_utime) + to_ns(usage.ru_stime);
  finished.peak_rss_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  finished.is_output_cut = streams[0].is_cut() || streams[1].is_cut();
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  return finished;
}

std::string describe_signal(int signal) {
  const char* const name = sigdescr_np(signal);
  std::string text = name != nullptr ? name : "signal " + std::to_string(signal);
  if (!text.empty() && name != nullptr) text[0] = static_cast<char>(std::tolower(text[0]));
  return text;
}

std::string own_executable() {
  std::array<char, 4096> path;
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<size_t>(size)) : std::string("swoop");
}

}  // namespace swoop::platform
