// What the implementation limits. docs/LIMITS.md gives the reasons and the errors. Most are the
// limits of the JavaScript API, so that what browsers load loads here. Spec:
// appendix/implementation.
#pragma once

#include <cstddef>
#include <cstdint>

namespace swoop::limits {

inline constexpr uint64_t kMaxModuleSize = 1'073'741'824;
inline constexpr uint32_t kMaxTypes = 1'000'000;
inline constexpr uint32_t kMaxSubtypingDepth = 63;
inline constexpr uint32_t kMaxStructFields = 10'000;
inline constexpr uint32_t kMaxParams = 1'000;
inline constexpr uint32_t kMaxResults = 1'000;
inline constexpr uint32_t kMaxImports = 1'000'000;
inline constexpr uint32_t kMaxExports = 1'000'000;
inline constexpr uint32_t kMaxFunctions = 1'000'000;  // imported and defined, as the next four
inline constexpr uint32_t kMaxTables = 100'000;
inline constexpr uint32_t kMaxMemories = 1'000;
inline constexpr uint32_t kMaxGlobals = 1'000'000;
inline constexpr uint32_t kMaxTags = 1'000'000;
inline constexpr uint32_t kMaxElemSegments = 10'000'000;
inline constexpr uint32_t kMaxElemSegmentSize = 10'000'000;
inline constexpr uint32_t kMaxDataSegments = 100'000;
inline constexpr uint32_t kMaxNameBytes = 100'000;
inline constexpr uint32_t kMaxBodySize = 7'654'321;
// Of the machine code of one function: the second times the size of its body, and the first.
inline constexpr uint64_t kMinCodeBudget = 1 << 20;
inline constexpr uint64_t kMaxCodeBytesPerBodyByte = 256;
inline constexpr uint32_t kMaxLocals = 50'000;  // with parameters
inline constexpr uint32_t kMaxBrTableTargets = 65'520;
inline constexpr uint32_t kMaxArrayNewFixed = 10'000;

}  // namespace swoop::limits
