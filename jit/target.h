// What code is made for.
#pragma once

#include "jit/cpu_features.h"
#include "jit/isa.h"

#include <cstdint>

namespace swoop::jit {

/// How memories are kept from the outside.
enum class BoundsMode : uint8_t {
  guard,      // an 8 GiB reservation: every 32-bit index plus offset < 2 GiB lies inside
  explicit_,  // every access compares with the size; growth may move the base
};

struct Target {
  Isa isa = kHostIsa;
  CpuFeatures cpu = CpuFeatures::host();  // what code may use; the processor has all of it
  BoundsMode bounds = BoundsMode::guard;
  /// AArch64: every frame signs its return address and checks it (PAC), where the processor can.
  /// Other machines do not.
  bool sign_return_addresses = false;
  /// Loops look whether they shall end, as calls always do (runtime/interruption.h).
  bool interruption = false;
  /// Code counts what it executes down, and traps when there is nothing left (runtime/fuel.h).
  bool fuel = false;

  /// Any processor of that machine; for the host's machine, this one.
  static Target of(Isa isa) {
    Target target;
    target.isa = isa;
    if (isa != kHostIsa) target.cpu = {};
    return target;
  }
  friend bool operator==(const Target&, const Target&) = default;
};

}  // namespace swoop::jit
