// What the assemblers of all machines share: asmjit's, into whose buffer rows of our own write.
//
// Safety: writers do not check for room. One reserve() before a group of instructions guarantees
// it. Handing over to asmjit records the size of the code, because asmjit grows its buffer from the
// recorded size, not from the position.
#pragma once

#include "base/check.h"
#include "base/inline.h"

#include <asmjit/core.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace swoop::jit {

/// `Base` is asmjit's assembler for `kArch`; reserve() keeps `kSlack` bytes more than it is asked.
template <class Base, asmjit::Arch kArch, uint32_t kSlack>
class BufferedAssembler : public Base {
 public:
  using Generic = Base;

  /// Every instruction asmjit knows. A failure there is a failed CHECK.
  Generic& generic() {
    record_size();
    return *this;
  }

  /// Makes room for `bytes` of code. Code emitted so far may move.
  SWOOP_INLINE void reserve(uint32_t bytes = 256) {
    if (this->remainingSpace() < bytes + kSlack) [[unlikely]]
      grow(bytes + kSlack);
  }

  /// The code so far; valid until the next reserve(), reset() or generic instruction.
  std::span<const uint8_t> code() const { return {this->_bufferData, offset()}; }

  /// Distance of the next instruction from the start.
  SWOOP_INLINE uint32_t offset() const {
    return static_cast<uint32_t>(this->_bufferPtr - this->_bufferData);
  }

  // --- asmjit's entry points, so that it sees the true size of the code

  asmjit::Error _emit(asmjit::InstId inst, const asmjit::Operand_& o0, const asmjit::Operand_& o1,
                      const asmjit::Operand_& o2, const asmjit::Operand_* rest) override {
    record_size();
    return checked(Base::_emit(inst, o0, o1, o2, rest));
  }
  asmjit::Error align(asmjit::AlignMode mode, uint32_t alignment) override {
    record_size();
    return checked(Base::align(mode, alignment));
  }
  asmjit::Error bind(const asmjit::Label& label) override {
    record_size();
    return checked(Base::bind(label));
  }
  asmjit::Error embed(const void* data, size_t size) override {
    record_size();
    return checked(Base::embed(data, size));
  }

 protected:
  BufferedAssembler() { drop_code(); }
  ~BufferedAssembler() override = default;

  /// Keeps the memory.
  void drop_code() {
    // asmjit cannot forget labels alone. They are rare (shared stubs), so starting over is fine
    // then.
    if (!holder_.isInitialized() || holder_.labelCount() != 0) {
      holder_.reset(asmjit::ResetPolicy::kSoft);
      CHECK(holder_.init(asmjit::Environment(kArch), 0) == asmjit::kErrorOk);
      CHECK(holder_.attach(this) == asmjit::kErrorOk);
#ifndef NDEBUG
      this->addDiagnosticOptions(asmjit::DiagnosticOptions::kValidateAssembler);
#endif
    }
    this->_bufferPtr = this->_bufferData;
    this->_section->_buffer._size = 0;
  }

 private:
  /// Tells asmjit how much of its buffer is code.
  void record_size() {
    size_t& size = this->_section->_buffer._size;
    size = std::max<size_t>(size, offset());
  }
  [[gnu::noinline, gnu::cold]] void grow(uint32_t bytes) {
    record_size();
    // Running out of heap ends the process; code offsets and displacements are 32 bits.
    CHECK(size_t{offset()} + bytes <= INT32_MAX);
    CHECK(holder_.growBuffer(&this->_section->_buffer, bytes) == asmjit::kErrorOk);
  }
  /// An error of asmjit is a mistake of ours: an instruction that does not exist.
  static asmjit::Error checked(asmjit::Error error) {
    CHECK(error == asmjit::kErrorOk);
    return error;
  }

  asmjit::CodeHolder holder_;
};

}  // namespace swoop::jit
