// The proposals that make up the language, each one switchable at run time. A module that uses a
// disabled feature is refused when it is decoded; compiled code never asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace swoop {

enum class Feature : uint8_t {
  core,  // Wasm 1.0; cannot be disabled
  // Wasm 2.0
  sign_extension,
  saturating_float_to_int,
  multi_value,
  mutable_globals,
  bulk_memory,
  reference_types,
  simd,
  // Wasm 3.0
  relaxed_simd,
  tail_call,
  extended_const,
  multi_memory,
  memory64,
  function_references,
  gc,
  exceptions,
  // Beyond
  threads,
  wide_arithmetic,
  custom_page_sizes,
  legacy_exceptions,
};
inline constexpr unsigned kFeatureCount = static_cast<unsigned>(Feature::legacy_exceptions) + 1;

/// The name on the command line and in messages: "relaxed-simd".
const char* to_string(Feature feature);
std::optional<Feature> find_feature(std::string_view name);

/// A set of features. The default is everything this engine knows.
class Features {
 public:
  constexpr Features() : bits_((1u << kFeatureCount) - 1) {}

  static constexpr Features wasm1() { return Features(bit(Feature::core)); }
  static constexpr Features wasm2() { return Features((bit(Feature::simd) << 1) - 1); }
  static constexpr Features all3() { return Features((bit(Feature::exceptions) << 1) - 1); }

  constexpr bool has(Feature feature) const { return (bits_ & bit(feature)) != 0; }
  constexpr Features with(Feature feature) const { return Features(bits_ | bit(feature)); }
  constexpr Features without(Feature feature) const {
    return Features((bits_ & ~bit(feature)) | bit(Feature::core));
  }
  /// For cache keys and serialized artifacts.
  constexpr uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(Features, Features) = default;

 private:
  explicit constexpr Features(uint32_t bits) : bits_(bits) {}
  static constexpr uint32_t bit(Feature feature) { return 1u << static_cast<unsigned>(feature); }
  uint32_t bits_;
};

}  // namespace swoop
