#include "jit/prescan.h"

namespace swoop::jit {

void Prescan::begin_function(FuncIdx func, const FuncType& type, std::span<const ValType> locals) {
  func_ = func;
  info_ = {};
  locals_ = locals;
  weights_.assign(locals.size(), 0);
  // Parameters and other locals alike start with the move that brings in their value.
  std::fill_n(weights_.begin(), type.params.size(), 1u);
  is_loop_.clear();
  loop_depth_ = 0;
  weight_ = 1;
  if (std::ranges::any_of(locals, &ValType::is_vec) ||
      std::ranges::any_of(type.results, &ValType::is_vec))
    refuse(Feature::simd, "v128");
}

void Prescan::end_function(uint32_t max_operand_height) {
  info_.max_operand_height = max_operand_height;
  choose_pinned();
}

void Prescan::refuse(Feature feature, const char* what) {
  if (!unsupported_)
    unsupported_ =
        Unsupported{feature, what, func_, code_ != nullptr ? code_->op_offset() : kNoOffset};
}

void Prescan::choose_pinned() {
  // Below this, saving and restoring the register costs more than it gives.
  constexpr uint32_t kMinWeight = 3;
  struct Best {
    std::array<uint32_t, FuncInfo::kMaxPinned> weight{};
    std::array<uint32_t, FuncInfo::kMaxPinned>* local;
  };
  info_.pinned_gp.fill(FuncInfo::kNoLocal);
  info_.pinned_fp.fill(FuncInfo::kNoLocal);
  Best gp{{}, &info_.pinned_gp};
  Best fp{{}, &info_.pinned_fp};
  for (uint32_t local = 0; local < weights_.size(); ++local) {
    const uint32_t weight = weights_[local];
    if (weight < kMinWeight) continue;
    Best& best = locals_[local].is_float_class() ? fp : gp;
    if (weight <= best.weight.back()) continue;
    size_t i = FuncInfo::kMaxPinned - 1;
    for (; i > 0 && best.weight[i - 1] < weight; --i) {
      best.weight[i] = best.weight[i - 1];
      (*best.local)[i] = (*best.local)[i - 1];
    }
    best.weight[i] = weight;
    (*best.local)[i] = local;
  }
}

}  // namespace swoop::jit
