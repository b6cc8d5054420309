#include "jit/a64/assembler.h"

#include <algorithm>

namespace swoop::jit::a64 {

Assembler::Assembler() {
  reset();
}

Assembler::~Assembler() = default;

void Assembler::reset(BranchMode mode) {
  // asmjit cannot forget labels alone. They are rare (shared stubs), so starting over is fine then.
  if (!holder_.isInitialized() || holder_.labelCount() != 0) {
    holder_.reset(asmjit::ResetPolicy::kSoft);
    CHECK(holder_.init(asmjit::Environment(asmjit::Arch::kAArch64), 0) == asmjit::kErrorOk);
    CHECK(holder_.attach(this) == asmjit::kErrorOk);
#ifndef NDEBUG
    addDiagnosticOptions(asmjit::DiagnosticOptions::kValidateAssembler);
#endif
  }
  _bufferPtr = _bufferData;
  _section->_buffer._size = 0;
  mode_ = mode;
  in_reach_ = true;
}

void Assembler::record_size() {
  size_t& size = _section->_buffer._size;
  size = std::max<size_t>(size, offset());
}

void Assembler::grow(uint32_t bytes) {
  record_size();
  // Running out of heap ends the process; code offsets and displacements are 32 bits.
  CHECK(size_t{offset()} + bytes <= INT32_MAX);
  CHECK(holder_.growBuffer(&_section->_buffer, bytes) == asmjit::kErrorOk);
}

void Assembler::align(unsigned alignment) {
  DCHECK(alignment >= 4 && alignment <= 64 && (alignment & (alignment - 1)) == 0);
  DCHECK(offset() % kInstructionSize == 0);
  while ((offset() & (alignment - 1)) != 0) nop();
}

void Assembler::patch(uint32_t at, uint32_t target) {
  DCHECK(at + kInstructionSize <= offset() && "patch behind the code");
  Word& instruction = word_at(at);
  if (const auto word = with_displacement(instruction.value, int64_t{target} - int64_t{at}))
    instruction.value = *word;
  else
    in_reach_ = false;
}

void Assembler::mov_planned(Width width, Gp d, uint64_t value) {
  DCHECK(d != Gp::zr && "orr would write sp");
  const MovePlan plan = plan_move(width, value);
  for (unsigned i = 0; i < plan.size; ++i) emit_u32(plan.words[i] | rd(d));
}

namespace {

/// An error of asmjit is a mistake of ours: an instruction that does not exist.
asmjit::Error checked(asmjit::Error error) {
  CHECK(error == asmjit::kErrorOk);
  return error;
}

}  // namespace

asmjit::Error Assembler::_emit(asmjit::InstId inst, const asmjit::Operand_& o0,
                               const asmjit::Operand_& o1, const asmjit::Operand_& o2,
                               const asmjit::Operand_* rest) {
  record_size();
  return checked(Generic::_emit(inst, o0, o1, o2, rest));
}

asmjit::Error Assembler::align(asmjit::AlignMode mode, uint32_t alignment) {
  record_size();
  return checked(Generic::align(mode, alignment));
}

asmjit::Error Assembler::bind(const asmjit::Label& label) {
  record_size();
  return checked(Generic::bind(label));
}

asmjit::Error Assembler::embed(const void* data, size_t size) {
  record_size();
  return checked(Generic::embed(data, size));
}

}  // namespace swoop::jit::a64
