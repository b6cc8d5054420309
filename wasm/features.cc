#include "wasm/features.h"

namespace swoop {

namespace {

constexpr const char* kNames[] = {
    "core",
    "sign-extension",
    "saturating-float-to-int",
    "multi-value",
    "mutable-globals",
    "bulk-memory",
    "reference-types",
    "simd",
    "relaxed-simd",
    "tail-call",
    "extended-const",
    "multi-memory",
    "memory64",
    "function-references",
    "gc",
    "exceptions",
    "threads",
    "wide-arithmetic",
    "custom-page-sizes",
    "legacy-exceptions",
};
static_assert(sizeof(kNames) / sizeof(kNames[0]) == kFeatureCount);

}  // namespace

const char* to_string(Feature feature) {
  return kNames[static_cast<unsigned>(feature)];
}

std::optional<Feature> find_feature(std::string_view name) {
  for (unsigned i = 0; i < kFeatureCount; ++i) {
    if (name == kNames[i]) return Feature(i);
  }
  return std::nullopt;
}

}  // namespace swoop
