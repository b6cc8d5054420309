// Cost of writing one x86-64 instruction: our rows, asmjit's generic emit, and both mixed.
// Names: emit/<who>. Read `per_insn`. Operands come from a table, so that nothing folds.
#include "base/check.h"
#include "jit/x64/assembler.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace swoop::jit::x64 {
namespace {

struct Operands {
  Gp a, b, index;
  Xmm x, y, z;
  int32_t imm, disp;
};

constexpr size_t kGroups = 4096;
constexpr size_t kPerGroup = 16;

std::vector<Operands> make_operands() {
  std::mt19937 random(12345);
  const auto gp = [&] {
    constexpr std::array kRegs = {Gp::rax, Gp::rcx, Gp::rdx, Gp::rbx, Gp::rsi,
                                  Gp::rdi, Gp::r8,  Gp::r9,  Gp::r11, Gp::r12};
    return kRegs[random() % kRegs.size()];
  };
  const auto xmm = [&] { return static_cast<Xmm>(random() % 15); };
  std::vector<Operands> out;
  for (size_t i = 0; i < kGroups; ++i) {
    out.push_back({gp(), gp(), gp(), xmm(), xmm(), xmm(),
                   static_cast<int32_t>(random() % 3 != 0 ? random() % 100 : random() % 100000),
                   static_cast<int32_t>(random() % 3 != 0 ? random() % 16 : random() % 4096) * 8});
  }
  return out;
}

void emit_rows(Assembler& out, const Operands& o) {
  out.reserve();
  PatchChain skip;
  out.load(LoadKind::u32, o.a, {Gp::r14, o.index, 0, o.disp});
  out.alu_rr(X86Alu::add, Width::w32, o.a, o.b);
  out.alu_ri(X86Alu::add, Width::w32, o.b, o.imm);
  out.load(LoadKind::u64, o.a, {Gp::rbp, Gp::none, 0, -o.disp});
  out.alu_rr(X86Alu::cmp, Width::w32, o.a, o.b);
  out.jcc(CondCode::l, skip);
  out.store(3, {Gp::rbp, Gp::none, 0, -o.disp}, o.index);
  out.lea(Width::w32, o.a, {o.b, o.index, 2, 8});
  out.load_float(FloatWidth::f64, o.x, {Gp::r14, o.index, 0, o.disp});
  out.float_rrr(FloatOp::add, FloatWidth::f64, o.x, o.y, o.z);
  out.imul_rr(Width::w32, o.a, o.b);
  out.shift_ri(X86Shift::shl, Width::w32, o.b, 3);
  out.bind(skip);
  out.mov_ri(Width::w32, o.a, o.imm);
  out.test_rr(Width::w32, o.b, o.b);
  out.store(2, {Gp::r14, o.index, 0, o.disp}, o.a);
  out.alu_ri(X86Alu::and_, Width::w32, o.a, o.imm);
}

void emit_generic(Assembler& assembler, const Operands& o) {
  using namespace asmjit::x86;
  Assembler::Generic& out = assembler.generic();
  const auto a = gpd(code(o.a)), b = gpd(code(o.b));
  const auto aq = gpq(code(o.a)), bq = gpq(code(o.b)), index = gpq(code(o.index));
  const asmjit::Label skip = out.newLabel();
  out.mov(a, dword_ptr(r14, index, 0, o.disp));
  out.add(a, b);
  out.add(b, o.imm);
  out.mov(aq, qword_ptr(rbp, -o.disp));
  out.cmp(a, b);
  out.jl(skip);
  out.mov(qword_ptr(rbp, -o.disp), index);
  out.lea(a, ptr(bq, index, 2, 8));
  out.vmovsd(to_asmjit(o.x), qword_ptr(r14, index, 0, o.disp));
  out.vaddsd(to_asmjit(o.x), to_asmjit(o.y), to_asmjit(o.z));
  out.imul(a, b);
  out.shl(b, 3);
  out.bind(skip);
  out.mov(a, o.imm);
  out.test(b, b);
  out.mov(dword_ptr(r14, index, 0, o.disp), a);
  out.and_(a, o.imm);
}

CpuFeatures features(bool avx) {
  CpuFeatures out;
  out.avx = avx;
  return out;
}

template <class Emit>
void run(benchmark::State& state, bool avx, size_t per_group, const Emit& emit) {
  const std::vector<Operands> operands = make_operands();
  Assembler out(features(avx));
  size_t bytes = 0;
  for (auto _ : state) {
    out.reset();
    for (const Operands& o : operands) emit(out, o);
    bytes = out.code().size();
    benchmark::DoNotOptimize(out.code().data());
  }
  const double instructions = static_cast<double>(state.iterations() * kGroups * per_group);
  state.counters["per_insn"] =
      benchmark::Counter(instructions, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes/insn"] =
      static_cast<double>(bytes) / static_cast<double>(kGroups * per_group);
}

void rows_avx(benchmark::State& state) {
  run(state, true, kPerGroup, emit_rows);
}
void rows_sse(benchmark::State& state) {
  run(state, false, kPerGroup, emit_rows);
}
void generic(benchmark::State& state) {
  run(state, true, kPerGroup, emit_generic);
}
void mixed(benchmark::State& state) {
  run(state, true, kPerGroup + 1, [](Assembler& out, const Operands& o) {
    emit_rows(out, o);
    out.generic().vpshufb(to_asmjit(o.x), to_asmjit(o.y), to_asmjit(o.z));
  });
}
void register_forms(benchmark::State& state) {
  run(state, true, 4, [](Assembler& out, const Operands& o) {
    out.reserve();
    out.mov_rr(Width::w32, o.a, o.b);
    out.alu_rr(X86Alu::add, Width::w64, o.b, o.index);
    out.alu_rr(X86Alu::cmp, Width::w32, o.a, o.b);
    out.imul_rr(Width::w32, o.index, o.b);
  });
}
void memory_forms(benchmark::State& state) {
  run(state, true, 4, [](Assembler& out, const Operands& o) {
    out.reserve();
    out.load(LoadKind::u32, o.a, {Gp::r14, o.index, 0, o.disp});
    out.store(3, {Gp::rbp, Gp::none, 0, -o.disp}, o.b);
    out.alu_rm(X86Alu::add, Width::w32, o.a, {Gp::rbp, Gp::none, 0, -o.disp});
    out.load(LoadKind::u8, o.b, {Gp::r14, o.index, 0, o.disp});
  });
}
void float_forms(benchmark::State& state) {
  run(state, true, 4, [](Assembler& out, const Operands& o) {
    out.reserve();
    out.load_float(FloatWidth::f64, o.x, {Gp::r14, o.index, 0, o.disp});
    out.float_rrr(FloatOp::add, FloatWidth::f64, o.x, o.y, o.z);
    out.float_rrr(FloatOp::mul, FloatWidth::f32, o.z, o.y, o.x);
    out.store_float(FloatWidth::f64, {Gp::rbp, Gp::none, 0, -o.disp}, o.y);
  });
}

BENCHMARK(rows_avx)->Name("emit/rows/avx");
BENCHMARK(rows_sse)->Name("emit/rows/sse");
BENCHMARK(register_forms)->Name("emit/rows/registers");
BENCHMARK(memory_forms)->Name("emit/rows/memory");
BENCHMARK(float_forms)->Name("emit/rows/float");
BENCHMARK(generic)->Name("emit/asmjit");
BENCHMARK(mixed)->Name("emit/rows+1-asmjit");

}  // namespace
}  // namespace swoop::jit::x64

BENCHMARK_MAIN();
