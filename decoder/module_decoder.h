// Bytes become a ModuleInfo. ModuleDecoder takes them as they come, in pieces of any size; only it
// knows about the pieces: a section or a body is decoded when all of it is there. Spec:
// binary/modules.
//
// Decoding and validation go together and stop at the first error. So a module that is invalid here
// and malformed further on is called invalid. The specification decodes all of a module first, but
// no module of its test suite tells the difference (939 binary ones, of which 830 are malformed or
// invalid), and going on would cost a second mode.
#pragma once

#include "base/result.h"
#include "decoder/section_decoder.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/type_registry.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace swoop {

class ModuleDecoder {
 public:
  /// Hears of the code section while it is decoded. An error of a listener ends the decoding.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Once in every module, before the first body: all sections before the code section are known.
    /// `count` is that of the defined functions.
    virtual Result<> on_code_start(const ModuleInfo&, uint32_t count) {
      (void)count;
      return {};
    }
    /// Each body, from its local declarations to its last byte, with its offset in the module.
    /// Nothing in it was looked at. The bytes are valid during the call only; but if the whole
    /// module was pushed as one span, they lie in that span.
    virtual Result<> on_body(const ModuleInfo& module, uint32_t defined_index,
                             std::span<const uint8_t> body, size_t body_offset) = 0;
  };

  /// All three must outlive the decoder.
  ModuleDecoder(TypeRegistry& types, const Features& features, Listener& listener);
  ModuleDecoder(const ModuleDecoder&) = delete;
  ModuleDecoder& operator=(const ModuleDecoder&) = delete;

  /// The next bytes. Pieces are kept only until they are complete. The first error sticks: it does
  /// not depend on how the bytes were cut. Errors: malformed, invalid, limit_exceeded, and those of
  /// the listener.
  Result<> push(std::span<const uint8_t> bytes);
  /// No more bytes come. Errors as push(); the decoder must not be used after it.
  Result<ModuleInfo> finish();

 private:
  // What the next unit of bytes is.
  enum class State : uint8_t {
    magic,
    version,
    section_id,
    section_size,
    section_contents,
    code_count,
    body_size,
    body,
  };

  Result<> decode(std::span<const uint8_t> bytes);
  Result<> decode_unit(std::span<const uint8_t>& bytes, bool& is_starved);
  Result<> begin_section(uint8_t id);
  Result<> begin_contents(uint32_t size);
  Result<> begin_code(uint32_t count);
  Result<> begin_body(uint32_t size);
  Result<> next_body();
  Result<> check_complete() const;

  /// Moves the next `size` bytes to `unit`, or as many as there are aside.
  bool take(size_t size, std::span<const uint8_t>& bytes, std::span<const uint8_t>& unit);
  /// Likewise a LEB128 number, which must end before `limit`.
  Result<bool> take_u32(std::span<const uint8_t>& bytes, size_t limit, uint32_t& value);

  TypeRegistry& types_;
  const Features features_;
  Listener& listener_;
  ModuleInfo module_;
  SectionDecoder sections_;
  std::optional<Error> error_;

  State state_ = State::magic;
  size_t offset_ = 0;              // of the next unit, from the start of the module
  std::vector<uint8_t> pending_;   // the part of that unit that came already
  std::vector<uint8_t> complete_;  // the unit being decoded, if it came in pieces
  SectionId section_ = SectionId::custom;
  uint8_t last_rank_ = 0;     // of the last section that is not custom
  size_t size_offset_ = 0;    // of the size field of the section or body
  size_t contents_size_ = 0;  // of the section or body
  size_t section_end_ = 0;
  uint32_t body_count_ = 0;
  bool has_begun_code_ = false;
};

/// Decodes a whole module without copying bodies.
Result<ModuleInfo> decode_module(TypeRegistry& types, const Features& features,
                                 std::span<const uint8_t> bytes, ModuleDecoder::Listener& listener);

/// Decodes a whole module and validates all bodies. Spec: appendix/embedding#embed-module-validate.
Result<ModuleInfo> validate_module(TypeRegistry& types, const Features& features,
                                   std::span<const uint8_t> bytes);

}  // namespace swoop
