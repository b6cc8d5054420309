// Hardware faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL), offered to one registered function before
// anyone else sees them.
//
// The handler is installed once per process and never again: an embedder's handler installed later
// stays in front and is expected to chain to ours, as ours chains to what it found. It looks at
// faults of the processor only; the same signals sent by kill(2) or raise(3) go straight to the
// previous handler.
//
// Safety: everything reached from the handler is async-signal-safe: no lock, no allocation, no
// output. The decider must keep to that. Covered by tests/platform/fault_handler_test.cc.
#pragma once

#include "base/result.h"

#include <cstdint>

namespace swoop::platform {

enum class FaultSignal : uint8_t { segmentation, bus, arithmetic, illegal_instruction };

/// The interrupted thread at its fault: what happened, and its registers to read and to change.
/// What is changed takes effect when the decider returns true.
class FaultInfo {
 public:
  FaultInfo(FaultSignal signal, uintptr_t address, void* context)
      : signal_(signal), address_(address), context_(context) {}

  FaultSignal signal() const { return signal_; }

  /// The data address of a segmentation or bus fault; 0 where the processor does not report it
  /// (x86-64: a non-canonical address). For the others the address of the instruction.
  uintptr_t address() const { return address_; }

  uintptr_t pc() const;
  uintptr_t sp() const;
  uintptr_t fp() const;
  void set_pc(uintptr_t value);
  void set_sp(uintptr_t value);
  void set_fp(uintptr_t value);

  /// A general register by its number in machine code (x86-64: 0 = rax, 1 = rcx, ... 15 = r15).
  uint64_t general_register(unsigned number) const;
  void set_general_register(unsigned number, uint64_t value);

  static constexpr unsigned kGeneralRegisters =
#if defined(__x86_64__)
      16;
#else
      31;
#endif

 private:
  uint64_t& slot(unsigned number) const;

  FaultSignal signal_;
  uintptr_t address_;
  void* context_;  // the ucontext_t of the signal frame
};

/// Looks at one fault. True: resume with the registers as they are now. False: the fault is not
/// ours.
using FaultDecider = bool (*)(FaultInfo& fault);

/// Installs the handlers; the first call decides, later ones with the same decider do nothing. Any
/// thread. Errors: unsupported when the system refuses the handlers, or when another decider is
/// installed.
Result<> install_fault_handler(FaultDecider decider);

/// Ends the process from within a decider, with one line on standard error: for a fault of our own
/// code that must not be taken for a guest's.
[[noreturn]] void abort_in_signal_handler(const char* message);

/// Gives the current thread an alternate signal stack, without which a stack overflow cannot be
/// handled. Keeps one that is there and big enough; what it makes is freed at the end of the
/// thread, and what it replaced is put back. Cheap when already done. Errors: out_of_memory.
Result<> ensure_alternate_signal_stack();

}  // namespace swoop::platform
