// Cost of writing one AArch64 instruction: our rows and asmjit's generic emit. Names:
// emit_a64/<who>. Read `per_insn`. Operands come from a table, so that nothing folds.
#include "jit/a64/assembler.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <vector>

namespace swoop::jit::a64 {
namespace {

struct Operands {
  Gp a, b, index;
  Vec x, y, z;
  uint32_t imm;
  int32_t offset;
};

constexpr size_t kGroups = 4096;
constexpr size_t kPerGroup = 16;
constexpr Width w32 = Width::w32, w64 = Width::w64;

std::vector<Operands> make_operands() {
  std::mt19937 random(12345);
  const auto gp = [&] { return static_cast<Gp>(random() % 16); };
  const auto vec = [&] { return static_cast<Vec>(random() % 31); };
  std::vector<Operands> out;
  for (size_t i = 0; i < kGroups; ++i) {
    out.push_back({gp(), gp(), gp(), vec(), vec(), vec(), static_cast<uint32_t>(random() % 4096),
                   static_cast<int32_t>(random() % 4096) * 8});
  }
  return out;
}

void emit_rows(Assembler& out, const Operands& o) {
  out.reserve();
  PatchChain skip;
  out.load(LoadKind::u32, o.a, MemIndexed{Gp::x27, o.index});
  out.arith_rrr(Arith::add, w32, o.a, o.a, o.b);
  out.arith_rri(Arith::add, w32, o.b, o.a, o.imm);
  out.load(LoadKind::u64, o.a, Mem{Gp::x29, o.offset});
  out.cmp_rr(w32, o.a, o.b);
  out.b_cond(CondCode::lt, skip);
  out.store(3, Mem{Gp::x29, o.offset}, o.index);
  out.arith_rrr(Arith::add, w32, o.a, o.b, o.index, Shift::lsl, 2);
  out.load_float(FloatWidth::f64, o.x, MemIndexed{Gp::x27, o.index});
  out.float_rrr(FloatOp::add, FloatWidth::f64, o.x, o.y, o.z);
  out.mul(w32, o.a, o.a, o.b);
  out.shift_rri(Shift::lsl, w32, o.b, o.a, 3);
  out.bind(skip);
  out.mov_ri(w32, o.a, o.imm);
  out.cbz(w32, o.b, skip);
  out.bind(skip);
  out.store(2, MemIndexed{Gp::x27, o.index}, o.a);
  out.logic_rrr(Logic::and_, w32, o.a, o.a, o.b);
}

void emit_generic(Assembler& assembler, const Operands& o) {
  using namespace asmjit::a64;
  Assembler::Generic& out = assembler.generic();
  const auto a = w(code(o.a)), b = w(code(o.b)), index = w(code(o.index));
  const auto ax = asmjit::a64::x(code(o.a)), index_x = asmjit::a64::x(code(o.index));
  const asmjit::Label skip = out.newLabel(), next = out.newLabel();
  out.ldr(a, ptr(x27, index, uxtw(0)));
  out.add(a, a, b);
  out.add(b, a, o.imm);
  out.ldr(ax, ptr(x29, o.offset));
  out.cmp(a, b);
  out.b_lt(skip);
  out.str(index_x, ptr(x29, o.offset));
  out.add(a, b, index, lsl(2));
  out.ldr(to_asmjit(o.x).d(), ptr(x27, index, uxtw(0)));
  out.fadd(to_asmjit(o.x).d(), to_asmjit(o.y).d(), to_asmjit(o.z).d());
  out.mul(a, a, b);
  out.lsl(b, a, 3);
  out.bind(skip);
  out.mov(a, o.imm);
  out.cbz(b, next);
  out.bind(next);
  out.str(a, ptr(x27, index, uxtw(0)));
  out.and_(a, a, b);
}

template <class Emit>
void run(benchmark::State& state, size_t per_group, const Emit& emit) {
  const std::vector<Operands> operands = make_operands();
  Assembler out;
  for (auto _ : state) {
    out.reset();
    for (const Operands& o : operands) emit(out, o);
    benchmark::DoNotOptimize(out.code().data());
  }
  const double instructions = static_cast<double>(state.iterations() * kGroups * per_group);
  state.counters["per_insn"] =
      benchmark::Counter(instructions, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void rows(benchmark::State& state) {
  run(state, kPerGroup, emit_rows);
}
void generic(benchmark::State& state) {
  run(state, kPerGroup, emit_generic);
}
void constants(benchmark::State& state) {
  run(state, 1, [](Assembler& out, const Operands& o) {
    out.reserve();
    out.mov_ri(w64, o.a, static_cast<int64_t>(o.imm * 0x9e3779b97f4a7c15));
  });
}

BENCHMARK(rows)->Name("emit_a64/rows");
BENCHMARK(generic)->Name("emit_a64/asmjit");
BENCHMARK(constants)->Name("emit_a64/rows/random 64-bit constants");

}  // namespace
}  // namespace swoop::jit::a64

BENCHMARK_MAIN();
