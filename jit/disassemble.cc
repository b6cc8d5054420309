#include "jit/disassemble.h"

#include "jit/a64/encoding.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

#if defined(SWOOP_HAVE_ZYDIS) || defined(SWOOP_HAVE_CAPSTONE)
#include "base/check.h"
#endif
#ifdef SWOOP_HAVE_ZYDIS
#include <Zydis/Zydis.h>
#endif
#ifdef SWOOP_HAVE_CAPSTONE
#include <capstone/capstone.h>
#endif

namespace swoop::jit {
namespace {

uint32_t little_endian_word(std::span<const uint8_t> bytes) {
  return uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 |
         uint32_t{bytes[3]} << 24;
}

#ifdef SWOOP_HAVE_ZYDIS

class X64Disassembler {
 public:
  X64Disassembler() {
    CHECK(ZYAN_SUCCESS(
        ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)));
    CHECK(ZYAN_SUCCESS(ZydisFormatterInit(&formatter_, ZYDIS_FORMATTER_STYLE_INTEL)));
    set(ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
    set(ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED);
    set(ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED);
    set(ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED);
    set(ZYDIS_FORMATTER_PROP_IMM_SIGNEDNESS, ZYDIS_SIGNEDNESS_SIGNED);
  }

  /// The instruction that `bytes` begin with; size 0 if there is none.
  Instruction decode(std::span<const uint8_t> bytes, uint32_t offset) const {
    ZydisDecodedInstruction decoded;
    std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder_, bytes.data(), bytes.size(), &decoded,
                                             operands.data()))) {
      return {offset, 0, {}};
    }
    std::array<char, 256> text;
    if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter_, &decoded, operands.data(),
                                                      decoded.operand_count_visible, text.data(),
                                                      text.size(), offset, nullptr))) {
      return {offset, 0, {}};
    }
    Instruction instruction{offset, decoded.length, text.data()};
    if (decoded.mnemonic == ZYDIS_MNEMONIC_CALL &&
        operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
      instruction.callee = int64_t{offset} + decoded.length + operands[0].imm.value.s;
    }
    return instruction;
  }

 private:
  void set(ZydisFormatterProperty property, ZyanUPointer value) {
    CHECK(ZYAN_SUCCESS(ZydisFormatterSetProperty(&formatter_, property, value)));
  }

  ZydisDecoder decoder_;
  ZydisFormatter formatter_;
};

constexpr bool kHaveX64 = true;

#else

struct X64Disassembler {
  Instruction decode(std::span<const uint8_t>, uint32_t offset) const { return {offset, 0, {}}; }
};

constexpr bool kHaveX64 = false;

#endif

#ifdef SWOOP_HAVE_CAPSTONE

/// The instructions we use that Capstone 4 does not know: udf, and atomics of LSE.
std::string missing_in_capstone(uint32_t word) {
  std::array<char, 48> text;
  if (word >> 16 == 0) {
    std::snprintf(text.data(), text.size(), "udf #0x%x", word);
    return text.data();
  }
  constexpr const char* kOperations[16] = {"ldadd",  "ldclr",  "ldeor",  "ldset", "ldsmax",
                                           "ldsmin", "ldumax", "ldumin", "swp"};
  const char* operation = nullptr;
  if ((word & 0x3fe00c00) == 0x38e00000) operation = kOperations[word >> 12 & 15];
  if ((word & 0x3fe0fc00) == 0x08e0fc00) operation = "cas";
  if (operation == nullptr) return {};

  constexpr const char* kSizes[] = {"b", "h", "", ""};
  const unsigned size_log2 = word >> 30;
  const auto name = [&](unsigned number, char kind, const char* number_31) {
    return number == 31 ? std::string(number_31) : kind + std::to_string(number);
  };
  const char kind = size_log2 == 3 ? 'x' : 'w';
  const char* const zero = size_log2 == 3 ? "xzr" : "wzr";
  std::snprintf(text.data(), text.size(), "%sal%s %s, %s, [%s]", operation, kSizes[size_log2],
                name(word >> 16 & 31, kind, zero).c_str(), name(word & 31, kind, zero).c_str(),
                name(word >> 5 & 31, 'x', "sp").c_str());
  return text.data();
}

/// What Capstone 4 shows as "hint" and a number, of the hints we use; null for any other word.
const char* name_of_hint(uint32_t word) {
  if ((word & 0xfffff01f) != 0xd503201f) return nullptr;
  switch (static_cast<a64::Hint>(word >> 5 & 127)) {
    case a64::Hint::csdb: return "csdb";
    case a64::Hint::paciasp: return "paciasp";
    case a64::Hint::autiasp: return "autiasp";
    case a64::Hint::bti: return "bti";
    case a64::Hint::bti_c: return "bti c";
    case a64::Hint::bti_j: return "bti j";
    case a64::Hint::bti_jc: return "bti jc";
    case a64::Hint::nop:
    case a64::Hint::yield: break;
  }
  return nullptr;
}

class A64Disassembler {
 public:
  A64Disassembler() {
    CHECK(cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle_) == CS_ERR_OK);
    decoded_ = cs_malloc(handle_);
    CHECK(decoded_ != nullptr);
  }
  ~A64Disassembler() {
    cs_free(decoded_, 1);
    cs_close(&handle_);
  }
  A64Disassembler(const A64Disassembler&) = delete;
  A64Disassembler& operator=(const A64Disassembler&) = delete;

  /// The instruction that `bytes` begin with; size 0 if there is none.
  Instruction decode(std::span<const uint8_t> bytes, uint32_t offset) const {
    if (bytes.size() < 4) return {offset, 0, {}};
    const uint32_t word = little_endian_word(bytes);
    if (std::string text = missing_in_capstone(word); !text.empty()) {
      return {offset, 4, std::move(text)};
    }
    if (const char* const hint = name_of_hint(word)) return {offset, 4, hint};
    const uint8_t* at = bytes.data();
    size_t size = 4;
    uint64_t address = offset;
    if (!cs_disasm_iter(handle_, &at, &size, &address, decoded_)) return {offset, 0, {}};
    std::string text = decoded_->mnemonic;
    if (decoded_->op_str[0] != 0) text.append(" ").append(decoded_->op_str);
    Instruction instruction{offset, 4, std::move(text)};
    const bool is_call = word >> 26 == 0b100101;  // bl, with a distance of 26 bits in words
    if (is_call) instruction.callee = int64_t{offset} + (static_cast<int32_t>(word << 6) >> 4);
    return instruction;
  }

 private:
  csh handle_ = 0;
  cs_insn* decoded_ = nullptr;
};

constexpr bool kHaveA64 = true;

#else

struct A64Disassembler {
  Instruction decode(std::span<const uint8_t>, uint32_t offset) const { return {offset, 0, {}}; }
};

constexpr bool kHaveA64 = false;

#endif

Instruction data_line(std::span<const uint8_t> bytes, uint32_t offset) {
  std::array<char, 24> text;
  if (bytes.size() < 4) {
    std::snprintf(text.data(), text.size(), ".byte 0x%02x", bytes[0]);
    return {offset, 1, text.data()};
  }
  std::snprintf(text.data(), text.size(), ".dword 0x%08x", little_endian_word(bytes));
  return {offset, 4, text.data()};
}

}  // namespace

bool can_disassemble(Isa isa) {
  return isa == Isa::x64 ? kHaveX64 : kHaveA64;
}

namespace {

/// `smallest_instruction`: how many of the bytes that are none make a line.
template <class Disassembler>
std::vector<Instruction> split(const Disassembler& disassembler, size_t smallest_instruction,
                               std::span<const uint8_t> code, std::span<const DataRange> data) {
  std::vector<Instruction> lines;
  for (size_t position = 0; position < code.size();) {
    const auto offset = static_cast<uint32_t>(position);
    while (!data.empty() && data.front().end <= offset) data = data.subspan(1);
    const bool in_data = !data.empty() && data.front().begin <= offset;
    // An instruction does not reach into data, nor data into instructions.
    const size_t end = data.empty() ? code.size()
                                    : std::min<size_t>(code.size(), in_data ? data.front().end
                                                                            : data.front().begin);
    const auto bytes = code.subspan(position, end - position);

    Instruction line = in_data ? data_line(bytes, offset) : disassembler.decode(bytes, offset);
    if (line.size == 0) {
      line = data_line(bytes.first(std::min(bytes.size(), smallest_instruction)), offset);
    }
    position += line.size;
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::vector<Instruction> disassemble(std::span<const uint8_t> code, Isa isa,
                                     std::span<const DataRange> data) {
  return isa == Isa::x64 ? split(X64Disassembler(), 1, code, data)
                         : split(A64Disassembler(), 4, code, data);
}

}  // namespace swoop::jit
