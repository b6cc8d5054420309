// The only product of a compiler: position-independent machine code with its tables. It holds no
// address, so the same bytes serve execution, serialized artifacts and object files.
#pragma once

#include "jit/code_text.h"
#include "vm/trap_code.h"
#include "wasm/module.h"

#include <cstdint>
#include <span>
#include <vector>

namespace swoop::jit {

enum class RelocKind : uint8_t {
  call,  // 4-byte pc-relative displacement to a defined function; resolved inside the object by the
         // linker
  type_id,  // 4-byte canonical TypeId of a TypeIdx of the module; resolved at load
};

struct Reloc {
  uint32_t offset;  // of the 4-byte field, from the start of the text
  RelocKind kind;
  uint32_t symbol;  // call: index of the defined function; type_id: TypeIdx
};

/// What a place in the code stands for, packed into 8 bytes and sorted by code_offset: every
/// instruction that may trap, and the return address of every call.
struct CodeSite {
  // Kinds below kDivide are call (0) or a TrapCode. From kDivide on: an x86 division, which faults
  // for two reasons; the low bits say which register held the divisor (bits 0-3) and its width (bit
  // 4 set: 64 bits).
  static constexpr uint8_t kCall = 0;
  static constexpr uint8_t kDivide = 0x80;

  uint32_t code_offset;       // from the start of the text
  uint32_t wasm_offset : 24;  // of the operator, from the start of the function's body
  uint32_t kind : 8;
};
static_assert(sizeof(CodeSite) == 8);
static_assert(kNumTrapCodes < CodeSite::kDivide);

struct FuncEntry {
  uint32_t offset = 0;  // into the text
  uint32_t size = 0;
  uint32_t first_site = 0;  // into sites; the function's sites end where the next one's begin
  uint32_t data_offset =
      0;  // jump tables and constants lie between here and the end of the function
};

struct CodeObject {
  CodeText text;                     // functions are 16-aligned, in order
  std::vector<FuncEntry> functions;  // one per defined function
  std::vector<CodeSite> sites;       // ascending by code_offset
  std::vector<Reloc> relocs;         // what remains after linking: type_id
};

}  // namespace swoop::jit
