#include "jit/call_layout.h"

namespace swoop::jit {

CallLayout make_call_layout(const FuncType& type, std::span<const uint8_t> gp_order,
                            std::span<const uint8_t> fp_order) {
  CallLayout layout;
  const auto place = [&](std::span<const ValType> types, std::vector<ValueLocation>& locations) {
    size_t gp = 0;
    size_t fp = 0;
    locations.reserve(types.size());
    for (const ValType t : types) {
      if (t.is_float_class() && fp < fp_order.size()) {
        locations.push_back({ValueLocation::Kind::fp, fp_order[fp++], 0});
      } else if (!t.is_float_class() && gp < gp_order.size()) {
        locations.push_back({ValueLocation::Kind::gp, gp_order[gp++], 0});
      } else {
        if (t.is_vec()) layout.stack_bytes = (layout.stack_bytes + 15) & ~15u;
        locations.push_back({ValueLocation::Kind::stack, 0, layout.stack_bytes});
        layout.stack_bytes += t.is_vec() ? 16 : 8;
      }
    }
  };
  place(type.params, layout.params);
  place(type.results, layout.results);
  layout.stack_bytes = (layout.stack_bytes + 15) & ~15u;
  return layout;
}

}  // namespace swoop::jit
