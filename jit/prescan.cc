#include "jit/prescan.h"

namespace swoop::jit {

Result<FuncInfo> Prescan::scan(const Features& features, FuncIdx func,
                               std::span<const uint8_t> body, size_t body_offset) {
  TRY(validate_function(context_.module, context_.types, features, func, body, body_offset,
                        scratch_, *this));
  return info_;
}

void Prescan::begin_function(FuncIdx func, const FuncType& type, std::span<const ValType> locals) {
  func_ = func;
  info_ = {};
  locals_ = locals;
  // A body of a few bytes may declare 50,000 locals: nothing is done for those it does not use.
  if (weights_.size() < locals.size()) weights_.resize(locals.size());
  const auto num_params = static_cast<uint32_t>(type.params.size());
  info_.num_used_locals = num_params;
  std::fill_n(weights_.begin(), num_params, 1u);  // the move that brings in the argument
  num_results_ = static_cast<uint32_t>(type.results.size());
  blocks_.clear();
  loop_depth_ = 0;
  handler_depth_ = 0;
  max_handler_depth_ = 0;
  has_rethrow_ = false;
  weight_ = 1;
}

void Prescan::end_function(uint32_t max_operand_height) {
  info_.max_operand_height = max_operand_height;
  // A clause may lead to the function's end, where its results were on no stack before.
  if (info_.has_handler) info_.max_operand_height = std::max(max_operand_height, num_results_);
  if (has_rethrow_) info_.num_exception_slots = max_handler_depth_;
  choose_pinned();
  std::fill_n(weights_.begin(), info_.num_used_locals, 0u);
}

void Prescan::refuse(Feature feature, const char* what) {
  if (!unsupported_)
    unsupported_ =
        Unsupported{feature, what, func_, code_ != nullptr ? code_->op_offset() : kNoOffset};
}

void Prescan::choose_pinned() {
  // Below this, saving and restoring the register costs more than it gives.
  constexpr uint32_t kMinWeight = 3;
  const size_t max_pinned = context_.max_pinned;
  for (uint32_t local = 0; local < info_.num_used_locals; ++local) {
    if (locals_[local].is_vec()) refuse(Feature::simd, "v128");
    const uint32_t weight = weights_[local];
    if (weight < kMinWeight) continue;
    const std::span best = locals_[local].is_float_class()
                               ? std::span<FuncInfo::Pinned>(info_.pinned_fp)
                               : std::span<FuncInfo::Pinned>(info_.pinned_gp).first(max_pinned);
    size_t i = best.size() - 1;
    if (weight <= best[i].weight) continue;
    for (; i > 0 && best[i - 1].weight < weight; --i) best[i] = best[i - 1];
    best[i] = {local, weight};
  }
}

}  // namespace swoop::jit
