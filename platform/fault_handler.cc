#include "platform/fault_handler.h"

#include "base/check.h"
#include "platform/virtual_memory.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <utility>

namespace swoop::platform {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// The handler found before ours. Written before ours is installed, read by the handler alone.
struct PreviousHandler {
  struct sigaction action;
  std::atomic<bool> reset_to_default;  // it asked for SA_RESETHAND and has been called
};
PreviousHandler g_previous[std::size(kSignals)];

std::atomic<FaultDecider> g_decider{nullptr};

// Initial-exec: the first access of a thread may be in the handler, where the lazy kind would
// allocate.
[[gnu::tls_model("initial-exec")]] thread_local volatile sig_atomic_t t_deciding = 0;

size_t slot_of(int signal) {
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    if (kSignals[i] == signal) return i;
  }
  UNREACHABLE();
}

void restore_default(int signal) {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

// Does what the kernel would have done had ours never been installed.
void call_previous(int signal, siginfo_t* info, void* context, bool is_fault) {
  PreviousHandler& previous = g_previous[slot_of(signal)];
  const struct sigaction& action = previous.action;
  const bool has_function = (action.sa_flags & SA_SIGINFO) != 0 ||
                            (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);

  if (!has_function || previous.reset_to_default.load(std::memory_order_relaxed)) {
    // A fault cannot be ignored: the kernel, too, ends the process then.
    if (has_function || action.sa_handler == SIG_DFL || is_fault) {
      restore_default(signal);
      // A fault happens again when this returns, and leaves a core with the right place. A sent
      // signal has to be sent again.
      if (!is_fault) syscall(SYS_tgkill, getpid(), static_cast<pid_t>(syscall(SYS_gettid)), signal);
    }
    return;
  }

  // The mask that handler asked for. The kernel puts the old one back when the signal frame is
  // left.
  sigset_t mask = action.sa_mask;
  if ((action.sa_flags & SA_NODEFER) == 0) sigaddset(&mask, signal);
  pthread_sigmask(SIG_BLOCK, &mask, nullptr);
  if ((action.sa_flags & SA_RESETHAND) != 0) {
    previous.reset_to_default.store(true, std::memory_order_relaxed);
  }
  if ((action.sa_flags & SA_SIGINFO) != 0) {
    action.sa_sigaction(signal, info, context);
  } else {
    action.sa_handler(signal);
  }
}

FaultSignal fault_signal(int signal) {
  switch (signal) {
    case SIGBUS: return FaultSignal::bus;
    case SIGFPE: return FaultSignal::arithmetic;
    case SIGILL: return FaultSignal::illegal_instruction;
    default: return FaultSignal::segmentation;
  }
}

void handle_signal(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool is_fault = info->si_code > 0;  // kill, tgkill and sigqueue give 0 or less
  bool handled = false;
  // A fault inside the decider is a bug; asking it again would only repeat it.
  const FaultDecider decider = g_decider.load(std::memory_order_acquire);
  if (is_fault && decider != nullptr && t_deciding == 0) {
    t_deciding = 1;
    FaultInfo fault(fault_signal(signal), reinterpret_cast<uintptr_t>(info->si_addr), context);
    handled = decider(fault);
    t_deciding = 0;
  }
  if (!handled) call_previous(signal, info, context, is_fault);
  errno = saved_errno;
}

// SA_NODEFER: the mask during a chained handler is that handler's business, and a fault in it must
// reach it again.
bool install_for(size_t slot) {
  if (sigaction(kSignals[slot], nullptr, &g_previous[slot].action) != 0) return false;
  struct sigaction action = {};
  action.sa_sigaction = handle_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  return sigaction(kSignals[slot], &action, nullptr) == 0;
}

// The frame the kernel pushes (which grows with the vector registers) and room for us and for a
// chained handler.
size_t kernel_frame_size() {
  const long minimum = sysconf(_SC_MINSIGSTKSZ);
  return minimum > 0 ? static_cast<size_t>(minimum) : static_cast<size_t>(MINSIGSTKSZ);
}
constexpr size_t kSmallestUsableRoom = 8 * 1024;
constexpr size_t kOwnRoom = 64 * 1024;

class AlternateStack {
 public:
  ~AlternateStack() {
    if (memory_.size_bytes() == 0) return;
    stack_t current = {};
    if (sigaltstack(nullptr, &current) != 0) return;
    // Not ours any more: someone replaced it and may hold its address, so a leak is the safe side.
    if (current.ss_sp != stack_begin()) {
      new VirtualMemory(std::move(memory_));
      return;
    }
    stack_t next = replaced_;
    next.ss_flags = replaced_.ss_sp == nullptr ? SS_DISABLE : 0;
    sigaltstack(&next, nullptr);
  }

  Result<> ensure() {
    stack_t current = {};
    if (sigaltstack(nullptr, &current) != 0) return failure();
    if ((current.ss_flags & SS_ONSTACK) != 0)
      return {};  // called from a handler: cannot change, need not
    const bool enabled = (current.ss_flags & SS_DISABLE) == 0;
    if (enabled && current.ss_size >= kernel_frame_size() + kSmallestUsableRoom) return {};

    // It may have been installed once and disabled by someone since.
    if (memory_.size_bytes() == 0) {
      const size_t guard = page_size();
      std::optional<VirtualMemory> memory =
          VirtualMemory::reserve(guard + kernel_frame_size() + kOwnRoom);
      if (!memory || !memory->commit(guard, memory->size_bytes() - guard)) return failure();
      memory_ = std::move(*memory);
      replaced_ = enabled ? current : stack_t{};
    }
    stack_t own = {};
    own.ss_sp = stack_begin();
    own.ss_size = memory_.size_bytes() - page_size();
    if (sigaltstack(&own, nullptr) != 0) return failure();
    return {};
  }

 private:
  void* stack_begin() const { return memory_.data() + page_size(); }

  static Error failure() {
    return Error(ErrorKind::out_of_memory, "no alternate signal stack for this thread");
  }

  VirtualMemory memory_;
  stack_t replaced_ = {};
};

#if defined(__x86_64__)
constexpr int kRegisterSlots[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                  REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                  REG_R12, REG_R13, REG_R14, REG_R15};
constexpr unsigned kRsp = 4;
constexpr unsigned kRbp = 5;
#elif !defined(__aarch64__)
#error "fault_handler: name the registers of this processor"
#endif

}  // namespace

#if defined(__x86_64__)

uint64_t& FaultInfo::slot(unsigned number) const {
  CHECK(number < kGeneralRegisters);
  auto& registers = static_cast<ucontext_t*>(context_)->uc_mcontext.gregs;
  return reinterpret_cast<uint64_t&>(registers[kRegisterSlots[number]]);
}

uintptr_t FaultInfo::pc() const {
  return static_cast<uintptr_t>(static_cast<ucontext_t*>(context_)->uc_mcontext.gregs[REG_RIP]);
}
void FaultInfo::set_pc(uintptr_t value) {
  static_cast<ucontext_t*>(context_)->uc_mcontext.gregs[REG_RIP] = static_cast<greg_t>(value);
}
uintptr_t FaultInfo::sp() const {
  return slot(kRsp);
}
void FaultInfo::set_sp(uintptr_t value) {
  slot(kRsp) = value;
}
uintptr_t FaultInfo::fp() const {
  return slot(kRbp);
}
void FaultInfo::set_fp(uintptr_t value) {
  slot(kRbp) = value;
}

#else

uint64_t& FaultInfo::slot(unsigned number) const {
  CHECK(number < kGeneralRegisters);
  auto& registers = static_cast<ucontext_t*>(context_)->uc_mcontext.regs;
  return reinterpret_cast<uint64_t&>(registers[number]);
}

uintptr_t FaultInfo::pc() const {
  return static_cast<ucontext_t*>(context_)->uc_mcontext.pc;
}
void FaultInfo::set_pc(uintptr_t value) {
  static_cast<ucontext_t*>(context_)->uc_mcontext.pc = value;
}
uintptr_t FaultInfo::sp() const {
  return static_cast<ucontext_t*>(context_)->uc_mcontext.sp;
}
void FaultInfo::set_sp(uintptr_t value) {
  static_cast<ucontext_t*>(context_)->uc_mcontext.sp = value;
}
uintptr_t FaultInfo::fp() const {
  return slot(29);
}
void FaultInfo::set_fp(uintptr_t value) {
  slot(29) = value;
}

#endif

uint64_t FaultInfo::general_register(unsigned number) const {
  return slot(number);
}
void FaultInfo::set_general_register(unsigned number, uint64_t value) {
  slot(number) = value;
}

Result<> install_fault_handler(FaultDecider decider) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (const FaultDecider installed = g_decider.load(std::memory_order_relaxed)) {
    if (installed == decider) return {};
    return Error(ErrorKind::unsupported, "another fault handler is installed in this process");
  }
  g_decider.store(decider, std::memory_order_release);
  for (size_t slot = 0; slot < std::size(kSignals); ++slot) {
    if (install_for(slot)) continue;
    while (slot-- > 0) sigaction(kSignals[slot], &g_previous[slot].action, nullptr);
    g_decider.store(nullptr, std::memory_order_release);
    return Error(ErrorKind::unsupported, "the system refuses a handler for hardware faults");
  }
  return {};
}

void abort_in_signal_handler(const char* message) {
  (void)!write(STDERR_FILENO, message, std::strlen(message));
  (void)!write(STDERR_FILENO, "\n", 1);
  abort();
}

Result<> ensure_alternate_signal_stack() {
  // Asked once a thread: the question is a system call, and this is on the way of every call into
  // wasm.
  static thread_local bool is_done = false;
  if (is_done) return {};
  static thread_local AlternateStack stack;
  TRY(stack.ensure());
  is_done = true;
  return {};
}

}  // namespace swoop::platform
