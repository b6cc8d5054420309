#include "cli/operators.h"

#include "cli/console.h"
#include "decoder/function_decoder.h"
#include "wasm/opcode.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <concepts>
#include <type_traits>

namespace swoop::cli {
namespace {

/// A sink that spells every instruction.
class OperatorPrinter {
 public:
  OperatorPrinter(const ModuleInfo& module, const TypeRegistry& types,
                  std::vector<OperatorText>& operators)
      : module_(module), types_(types), operators_(operators) {}

  void attach(CodePosition& position) { position_ = &position; }

  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode>, const Immediates&... immediates) {
    constexpr const OpInfo& info = op_info(kOpcode);
    text_ = info.text;
    (append(info, immediates), ...);
    add(kOpcode);
  }

 private:
  void add(Opcode opcode) {
    const bool closes = opcode == Opcode::end || opcode == Opcode::delegate;
    const bool continues =
        opcode == Opcode::else_ || opcode == Opcode::catch_ || opcode == Opcode::catch_all;
    const bool opens = opcode == Opcode::block || opcode == Opcode::loop || opcode == Opcode::if_ ||
                       opcode == Opcode::try_ || opcode == Opcode::try_table;
    if (closes && depth_ > 0) --depth_;
    operators_.push_back(
        {position_->op_body_offset(), continues && depth_ > 0 ? depth_ - 1 : depth_, text_});
    if (opens) ++depth_;
  }

  template <class Index>
  requires std::is_enum_v<Index>
  void append(const OpInfo&, Index index) {
    text_ += ' ' + std::to_string(to_underlying(index));
    if constexpr (std::same_as<Index, FuncIdx>) {
      const std::string name = module_.func_name(index);
      if (!name.empty()) text_ += " (" + printable(name) + ")";
    }
  }
  void append(const OpInfo& info, uint32_t value) {
    text_ += info.immediate == Immediate::f32 ? fmt::format(" {}", std::bit_cast<float>(value))
                                              : fmt::format(" {}", value);
  }
  void append(const OpInfo& info, uint64_t value) {
    text_ += info.immediate == Immediate::f64 ? fmt::format(" {}", std::bit_cast<double>(value))
                                              : fmt::format(" {}", value);
  }
  void append(const OpInfo&, uint8_t lane) { text_ += fmt::format(" {}", lane); }
  void append(const OpInfo&, int32_t value) { text_ += fmt::format(" {}", value); }
  void append(const OpInfo&, int64_t value) { text_ += fmt::format(" {}", value); }
  void append(const OpInfo& info, const std::array<uint8_t, 16>& bytes) {
    if (info.immediate == Immediate::shuffle) {
      for (const uint8_t lane : bytes) text_ += fmt::format(" {}", lane);
    } else {
      text_ += " 0x";
      for (size_t i = bytes.size(); i-- != 0;) text_ += fmt::format("{:02x}", bytes[i]);
    }
  }
  void append(const OpInfo&, const BlockType& type) {
    for (const ValType param : type.params()) text_ += " (param " + types_.to_string(param) + ")";
    for (const ValType result : type.results()) {
      text_ += " (result " + types_.to_string(result) + ")";
    }
  }
  void append(const OpInfo&, const MemArg& memarg) {
    if (to_underlying(memarg.memory) != 0) {
      text_ += fmt::format(" {}", to_underlying(memarg.memory));
    }
    if (memarg.offset != 0) text_ += fmt::format(" offset={}", memarg.offset);
    if (memarg.align_log2 < 32) text_ += fmt::format(" align={}", uint64_t{1} << memarg.align_log2);
  }
  void append(const OpInfo&, const BrTable& table) {
    // Those of an interpreter's loop have hundreds.
    constexpr uint32_t kMost = 12;
    uint32_t count = 0;
    table.for_each([&](LabelIdx label) {
      if (count < kMost || count == table.count()) {
        text_ += ' ' + std::to_string(to_underlying(label));
      } else if (count == kMost) {
        text_ += fmt::format(" ...({} more)", table.count() - kMost);
      }
      ++count;
    });
  }
  void append(const OpInfo&, const CatchList& catches) {
    catches.for_each([&](const CatchClause& clause) {
      constexpr const char* kNames[] = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
      text_ += fmt::format(" ({}", kNames[static_cast<size_t>(clause.kind)]);
      if (clause.has_tag()) text_ += fmt::format(" {}", to_underlying(clause.tag));
      text_ += fmt::format(" {})", to_underlying(clause.label));
    });
  }
  void append(const OpInfo&, const SelectTypes& types) {
    if (types.count != 0) text_ += " (result " + types_.to_string(types.first) + ")";
  }
  void append(const OpInfo&, ValType type) { text_ += ' ' + types_.to_string(type); }
  void append(const OpInfo&, HeapType type) {
    text_ += ' ' + types_.to_string(ValType::ref(type, true));
  }

  const ModuleInfo& module_;
  const TypeRegistry& types_;
  std::vector<OperatorText>& operators_;
  const CodePosition* position_ = nullptr;
  std::string text_;
  uint32_t depth_ = 0;
};

}  // namespace

BodyText list_operators(const ModuleInfo& module, const TypeRegistry& types, uint32_t defined_index,
                        std::span<const uint8_t> wasm) {
  const BodyRange range = module.bodies[defined_index];
  const FuncType& type = types.func_type(module.funcs[module.defined_func(defined_index)].type);
  BodyText body;
  OperatorPrinter printer(module, types, body.operators);
  FunctionDecoder<OperatorPrinter, /*kChecked=*/false> decoder(
      module, types, wasm.subspan(range.offset, range.size), range.offset, printer);
  std::vector<LocalRun> runs;
  (void)decoder.read_locals(type.params.size(), runs);
  for (const LocalRun& run : runs) {
    body.locals += (body.locals.empty() ? "local " : ", ") + types.to_string(run.type);
    if (run.count != 1) body.locals += fmt::format(" x {}", run.count);
  }
  (void)decoder.run();
  return body;
}

}  // namespace swoop::cli
