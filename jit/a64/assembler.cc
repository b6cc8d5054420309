#include "jit/a64/assembler.h"

#include <algorithm>

namespace swoop::jit::a64 {

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

}  // namespace swoop::jit::a64
