// What the command's exit code means when it is not the guest's own. sysexits.h, and 128 + SIGABRT
// for traps as Wasmtime has it.
#pragma once

#include "base/error.h"

namespace swoop::cli {

enum ExitCode : int {
  kOk = 0,
  kScriptFailed = 1,
  kPartlyRead = 1,  // inspect: the module is broken, what could be read was printed
  kUsage = 64,
  kBadModule = 65,
  kNoInput = 66,
  kUnresolvedImport = 69,
  kInternal = 70,
  kTimeout = 124,  // as timeout(1)
  kTrap = 134,
};

constexpr ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed:
    case ErrorKind::invalid:
    case ErrorKind::limit_exceeded:
    case ErrorKind::unsupported: return kBadModule;
    case ErrorKind::unlinkable: return kUnresolvedImport;
    case ErrorKind::io: return kNoInput;
    case ErrorKind::out_of_memory: return kInternal;
  }
  return kInternal;
}

}  // namespace swoop::cli
