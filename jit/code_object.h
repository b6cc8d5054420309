// The only product of a compiler: position-independent machine code with its tables. It holds no
// address, so the same bytes serve execution, serialized artifacts and object files.
#pragma once

#include "jit/code_text.h"
#include "jit/machine.h"
#include "jit/target.h"
#include "vm/trap_code.h"
#include "wasm/module.h"

#include <cstdint>
#include <span>
#include <vector>

namespace swoop::jit {

enum class RelocKind : uint8_t {
  // To a defined function; resolved inside the object by the linker.
  call,     // 4-byte displacement from the end of the field
  call26,   // AArch64: the lower 26 bits of a bl, in instructions from there
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
  // For leaving its frame from the outside: see Frame.
  uint32_t frame_bytes = 0;
  RegSet saved;
  bool leaves_instance = false;

  friend bool operator==(const FuncEntry&, const FuncEntry&) = default;
};

/// A handler of a region. Spec: exec/instructions#exec-throw-ref.
struct TryClause {
  static constexpr uint32_t kAnyTag = UINT32_MAX;

  uint32_t next = UINT32_MAX;  // clause of the region, to be tried after this one; or kNone
  uint32_t tag = kAnyTag;      // a TagIdx of the module
  uint32_t handler = 0;        // code offset; a label of the assembler until the function is done
  // In bytes from the frame pointer.
  int32_t slot = 0;              // of the handler's first operand; the others follow downwards
  int32_t exception_slot = 0;    // also gets a reference to the exception, unless 0
  bool gives_reference = false;  // the last operand is a reference to the exception
  bool in_register = false;      // the only operand is in the result register instead
  bool keeps = false;  // a reference may outlive the handler's entry: the exception's memory stays

  friend bool operator==(const TryClause&, const TryClause&) = default;
};

/// Instructions that share their handlers. What none of the clauses takes, the parent may.
struct TryRegion {
  uint32_t parent;
  uint32_t first_clause;
  friend bool operator==(const TryRegion&, const TryRegion&) = default;
};

/// From this place in the code on, and up to the next range, calls are in this region.
struct TryRange {
  uint32_t code_offset;  // from the start of the text
  uint32_t region;
  friend bool operator==(const TryRange&, const TryRange&) = default;
};

/// Where exceptions are caught: a tree of regions for all functions together. Empty where nothing
/// catches.
struct TryTables {
  static constexpr uint32_t kNone = UINT32_MAX;

  std::vector<TryRange> ranges;  // ascending by code_offset; outside of regions: kNone
  std::vector<TryRegion> regions;
  std::vector<TryClause> clauses;
  friend bool operator==(const TryTables&, const TryTables&) = default;
};

struct CodeObject {
  Target target;                     // what it was made for, and runs on
  CodeText text;                     // functions are 16-aligned, in order
  std::vector<FuncEntry> functions;  // one per defined function
  std::vector<CodeSite> sites;       // ascending by code_offset
  TryTables tries;
  std::vector<Reloc> relocs;  // what remains after linking: type_id
};

}  // namespace swoop::jit
