// Each claim runs in a process of its own (EXPECT_EXIT): handlers are installed once per process.
#include "platform/fault_handler.h"

#include "platform/code_memory.h"
#include "platform/virtual_memory.h"
#include "tests/support/machine_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

namespace swoop::platform {
namespace {

#define IN_CHILD(...) \
  EXPECT_EXIT(        \
      {               \
        alarm(20);    \
        __VA_ARGS__;  \
        _exit(0);     \
      },              \
      testing::ExitedWithCode(0), "")
#define REQUIRE(condition)                               \
  do {                                                   \
    if (!(condition)) {                                  \
      dprintf(2, "line %d: %s\n", __LINE__, #condition); \
      _exit(1);                                          \
    }                                                    \
  } while (false)

using Function = int (*)(const volatile void*);

struct Code {
  CodeMemory memory = CodeMemory::allocate(sizeof FaultingCode::kBytes).value();

  Code() {
    std::memcpy(memory.writable().data(), FaultingCode::kBytes, sizeof FaultingCode::kBytes);
    CHECK(memory.seal());
  }
  Function at(size_t offset) const {
    return reinterpret_cast<Function>(reinterpret_cast<uintptr_t>(memory.data()) + offset);
  }
};

Code* g_code = nullptr;
std::atomic<int> g_decided{0};
std::atomic<int> g_foreign{0};
std::atomic<int> g_last_signal{-1};
std::atomic<uintptr_t> g_last_address{0};

// Claims faults of g_code, and resumes them where it returns -1.
bool decide(FaultInfo& fault) {
  if (g_code == nullptr || !g_code->memory.contains(fault.pc())) return false;
  g_decided++;
  g_last_signal = static_cast<int>(fault.signal());
  g_last_address = fault.address();
  fault.set_pc(reinterpret_cast<uintptr_t>(g_code->memory.data()) + FaultingCode::kReturnMinusOne);
  return true;
}

void install() {
  g_code = new Code;
  REQUIRE(install_fault_handler(decide).ok());
  REQUIRE(ensure_alternate_signal_stack().ok());
}

sigjmp_buf g_escape;
void escaping_handler(int, siginfo_t* info, void*) {
  g_foreign++;
  g_last_address = reinterpret_cast<uintptr_t>(info->si_addr);
  siglongjmp(g_escape, 1);
}

[[gnu::noinline]] bool escapes_from_reading(const volatile uint8_t* address) {
  if (sigsetjmp(g_escape, 1) != 0) return true;
  (void)*address;
  return false;
}

void install_foreign(int signal, void (*handler)(int, siginfo_t*, void*), int flags = 0) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  sigemptyset(&action.sa_mask);
  REQUIRE(sigaction(signal, &action, nullptr) == 0);
}

volatile uint8_t* inaccessible_page() {
  void* const page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page != MAP_FAILED);
  return static_cast<volatile uint8_t*>(page);
}

TEST(FaultHandler, ResumesEachKindOfFault) {
  IN_CHILD({
    install();
    volatile uint8_t* const bad = inaccessible_page();
    const int seven = 7;
    REQUIRE(g_code->at(FaultingCode::kLoad)(&seven) == 7);
    REQUIRE(g_code->at(FaultingCode::kLoad)(bad + 12) == -1);
    REQUIRE(g_last_signal == static_cast<int>(FaultSignal::segmentation));
    REQUIRE(g_last_address == reinterpret_cast<uintptr_t>(bad) + 12);
    REQUIRE(g_code->at(FaultingCode::kIllegal)(bad) == -1);
    REQUIRE(g_last_signal == static_cast<int>(FaultSignal::illegal_instruction));
    REQUIRE(g_decided == 2);
    if (FaultingCode::kHasDivision) {
      REQUIRE(g_code->at(FaultingCode::kDivision)(bad) == -1);
      REQUIRE(g_last_signal == static_cast<int>(FaultSignal::arithmetic));
      REQUIRE(g_decided == 3);
    }
  });
}

TEST(FaultHandler, ResumesABusError) {
  IN_CHILD({
    install();
    const int file = memfd_create("short", MFD_CLOEXEC);
    REQUIRE(file >= 0);  // empty: its pages lie past the end of the file
    void* const page = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0);
    REQUIRE(page != MAP_FAILED);
    REQUIRE(g_code->at(FaultingCode::kLoad)(page) == -1);
    REQUIRE(g_last_signal == static_cast<int>(FaultSignal::bus));
  });
}

TEST(FaultHandler, TakesAHundredThousandFaults) {
  IN_CHILD({
    install();
    volatile uint8_t* const bad = inaccessible_page();
    for (int i = 0; i < 100'000; ++i) REQUIRE(g_code->at(FaultingCode::kLoad)(bad) == -1);
    REQUIRE(g_decided == 100'000);
  });
}

bool is_frame_register(unsigned number) {
  return std::ranges::find(kFrameRegisterNumbers, number) != kFrameRegisterNumbers.end();
}

bool change_registers(FaultInfo& fault) {
  for (unsigned number = 0; number < FaultInfo::kGeneralRegisters; ++number) {
    if (is_frame_register(number)) {
      const uint64_t value = fault.general_register(number);
      if (value != fault.fp() && value != fault.sp()) return false;
    } else if (fault.general_register(number) != 100 + number) {
      return false;
    } else {
      fault.set_general_register(number, 200 + number);
    }
  }
  fault.set_pc(fault.pc() + FaultingCode::kIllegalBytes);
  return true;
}

TEST(FaultHandler, ReadsAndChangesEveryRegister) {
  IN_CHILD({
    REQUIRE(install_fault_handler(change_registers).ok());
    uint64_t expected = 0;
    for (unsigned number = 0; number < FaultInfo::kGeneralRegisters; ++number) {
      if (!is_frame_register(number)) expected += 200 + number;
    }
    REQUIRE(sum_of_registers_after_a_fault() == expected);
  });
}

TEST(FaultHandler, EndsTheProcessOnAForeignFaultByDefault) {
  EXPECT_EXIT(
      {
        signal(SIGSEGV, SIG_DFL);
        install();
        (void)*inaccessible_page();
      },
      testing::KilledBySignal(SIGSEGV), "");
}

TEST(FaultHandler, AnIgnoredFaultStillEndsTheProcess) {
  EXPECT_EXIT(
      {
        signal(SIGSEGV, SIG_IGN);
        install();
        (void)*inaccessible_page();
      },
      testing::KilledBySignal(SIGSEGV), "");
}

TEST(FaultHandler, ASentSignalIsNotAFault) {
  EXPECT_EXIT(
      {
        signal(SIGFPE, SIG_DFL);
        install();
        raise(SIGFPE);
        _exit(0);
      },
      testing::KilledBySignal(SIGFPE), "");
  IN_CHILD({
    signal(SIGFPE, SIG_IGN);
    install();
    raise(SIGFPE);
    kill(getpid(), SIGFPE);
  });
}

TEST(FaultHandler, AnEarlierHandlerGetsItsFaults) {
  IN_CHILD({
    install_foreign(SIGSEGV, escaping_handler);
    install();
    volatile uint8_t* const bad = inaccessible_page();
    for (int i = 0; i < 3; ++i) {
      REQUIRE(escapes_from_reading(bad + i));
      REQUIRE(g_last_address == reinterpret_cast<uintptr_t>(bad) + static_cast<uintptr_t>(i));
      REQUIRE(g_code->at(FaultingCode::kLoad)(bad) == -1);
    }
    REQUIRE(g_foreign == 3);
    REQUIRE(g_decided == 3);
  });
}

void plain_handler(int signal) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, nullptr, &mask);
  // What the kernel would have set up: the signal itself and sa_mask blocked.
  if (signal == SIGSEGV && sigismember(&mask, SIGSEGV) == 1 && sigismember(&mask, SIGUSR1) == 1) {
    g_foreign++;
  }
  siglongjmp(g_escape, 1);
}

TEST(FaultHandler, AnEarlierPlainHandlerSeesItsMask) {
  IN_CHILD({
    struct sigaction action = {};
    action.sa_handler = plain_handler;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaction(SIGSEGV, &action, nullptr);
    install();
    REQUIRE(escapes_from_reading(inaccessible_page()));
    REQUIRE(g_foreign == 1);
    sigset_t mask;
    sigprocmask(SIG_BLOCK, nullptr, &mask);
    REQUIRE(sigismember(&mask, SIGUSR1) == 0);
  });
}

TEST(FaultHandler, AnEarlierOneShotHandlerIsCalledOnce) {
  EXPECT_EXIT(
      {
        install_foreign(SIGSEGV, escaping_handler, static_cast<int>(SA_RESETHAND));
        install();
        REQUIRE(escapes_from_reading(inaccessible_page()));
        REQUIRE(g_foreign == 1);
        (void)*inaccessible_page();
      },
      testing::KilledBySignal(SIGSEGV), "");
}

struct sigaction g_ours;
void forwarding_handler(int signal, siginfo_t* info, void* context) {
  g_foreign++;
  g_ours.sa_sigaction(signal, info, context);
}

TEST(FaultHandler, ALaterHandlerThatChainsKeepsOursWorking) {
  IN_CHILD({
    install();
    REQUIRE(sigaction(SIGSEGV, nullptr, &g_ours) == 0);
    install_foreign(SIGSEGV, forwarding_handler, SA_ONSTACK);
    REQUIRE(install_fault_handler(decide).ok());  // must not come in front again
    REQUIRE(g_code->at(FaultingCode::kLoad)(inaccessible_page()) == -1);
    REQUIRE(g_foreign == 1);
    REQUIRE(g_decided == 1);
  });
}

bool faulting_decider(FaultInfo&) {
  g_decided++;
  (void)*inaccessible_page();
  return true;
}

TEST(FaultHandler, AFaultInTheDeciderEndsTheProcess) {
  EXPECT_EXIT(
      {
        signal(SIGSEGV, SIG_DFL);
        REQUIRE(install_fault_handler(faulting_decider).ok());
        (void)*inaccessible_page();
      },
      testing::KilledBySignal(SIGSEGV), "");
}

TEST(FaultHandler, RefusesASecondDecider) {
  IN_CHILD({
    install();
    REQUIRE(!install_fault_handler(change_registers).ok());
    REQUIRE(install_fault_handler(decide).ok());
  });
}

TEST(FaultHandler, LosesNoFaultInAStormOfSignals) {
  IN_CHILD({
    install();
    struct sigaction action = {};
    action.sa_handler = [](int) { g_foreign++; };
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    const pthread_t main_thread = pthread_self();
    std::atomic<bool> stop{false};
    std::thread storm([&] {
      while (!stop) pthread_kill(main_thread, SIGUSR1);
    });
    volatile uint8_t* const bad = inaccessible_page();
    for (int i = 0; i < 5'000 || g_foreign < 100; ++i)
      REQUIRE(g_code->at(FaultingCode::kLoad)(bad) == -1);
    stop = true;
    storm.join();
  });
}

stack_t current_alternate_stack() {
  stack_t stack = {};
  sigaltstack(nullptr, &stack);
  return stack;
}

TEST(AlternateSignalStack, IsMadeForEachThreadAndFreedAtItsEnd) {
  IN_CHILD({
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
    void* address = nullptr;
    std::thread([&] {
      REQUIRE(ensure_alternate_signal_stack().ok());
      const stack_t first = current_alternate_stack();
      REQUIRE((first.ss_flags & SS_DISABLE) == 0);
      REQUIRE(first.ss_size >= 64 * 1024);
      REQUIRE(ensure_alternate_signal_stack().ok());
      REQUIRE(current_alternate_stack().ss_sp == first.ss_sp);
      address = first.ss_sp;
    }).join();
    unsigned char resident = 0;
    REQUIRE(mincore(address, 4096, &resident) != 0 && errno == ENOMEM);
    REQUIRE((current_alternate_stack().ss_flags & SS_DISABLE) != 0);
  });
}

TEST(AlternateSignalStack, KeepsOneThatIsBigEnough) {
  IN_CHILD({
    static char storage[128 * 1024];
    stack_t theirs = {};
    theirs.ss_sp = storage;
    theirs.ss_size = sizeof storage;
    REQUIRE(sigaltstack(&theirs, nullptr) == 0);
    REQUIRE(ensure_alternate_signal_stack().ok());
    REQUIRE(current_alternate_stack().ss_sp == storage);
  });
}

TEST(AlternateSignalStack, ReplacesOneThatIsTooSmall) {
  IN_CHILD({
    static char storage[2048];
    std::thread([] {
      stack_t theirs = {};
      theirs.ss_sp = storage;
      theirs.ss_size = sizeof storage;
      // Newer processors need a larger frame than this, and their kernel refuses it by itself.
      if (sigaltstack(&theirs, nullptr) != 0) return;
      REQUIRE(ensure_alternate_signal_stack().ok());
      REQUIRE(current_alternate_stack().ss_sp != storage);
    }).join();
  });
}

[[gnu::noinline]] int recurse(int depth) {
  volatile char frame[512];
  frame[0] = static_cast<char>(depth);
  if (depth == 0) return 0;
  return recurse(depth - 1) + frame[0];
}

sigjmp_buf g_overflow;
bool escape_from_overflow(FaultInfo&) {
  siglongjmp(g_overflow, 1);
}

TEST(AlternateSignalStack, LetsAStackOverflowBeHandled) {
  IN_CHILD({
    std::thread([] {
      REQUIRE(install_fault_handler(escape_from_overflow).ok());
      REQUIRE(ensure_alternate_signal_stack().ok());
      if (sigsetjmp(g_overflow, 1) == 0) {
        recurse(1'000'000'000);
        REQUIRE(false && "unreachable");
      }
    }).join();
  });
}

}  // namespace
}  // namespace swoop::platform
