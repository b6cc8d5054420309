// The texts of the validator's errors: the test suite's phrases, which details follow.
#pragma once

namespace swoop::errors {

inline constexpr char kMisplacedElse[] = "misplaced ELSE opcode";
inline constexpr char kMisplacedCatch[] = "misplaced CATCH opcode";
inline constexpr char kMisplacedDelegate[] = "misplaced DELEGATE opcode";
inline constexpr char kUnknownLabel[] = "unknown label";
inline constexpr char kUnknownLocal[] = "unknown local";
inline constexpr char kAlignment[] = "alignment must not be larger than natural";
inline constexpr char kAtomicAlignment[] = "atomic alignment must be natural";
inline constexpr char kOffsetRange[] = "offset out of range";
inline constexpr char kLaneIndex[] = "invalid lane index";
inline constexpr char kResultArity[] = "invalid result arity";
inline constexpr char kUninitializedLocal[] = "uninitialized local";
inline constexpr char kUndeclaredFunction[] = "undeclared function reference";
inline constexpr char kImmutableGlobal[] = "immutable global";
inline constexpr char kImmutableField[] = "immutable field";
inline constexpr char kImmutableArray[] = "immutable array";
inline constexpr char kUnknownField[] = "unknown field";
inline constexpr char kFieldIsPacked[] = "field is packed";
inline constexpr char kFieldIsUnpacked[] = "field is unpacked";
inline constexpr char kArrayIsPacked[] = "array is packed";
inline constexpr char kArrayIsUnpacked[] = "array is unpacked";
inline constexpr char kFieldNotDefaultable[] = "field type is not defaultable";
inline constexpr char kArrayNotDefaultable[] = "array type is not defaultable";
inline constexpr char kArrayNotNumeric[] = "array type is not numeric or vector";
inline constexpr char kArraysDiffer[] = "array types do not match";
inline constexpr char kNotFunction[] = "non-function type";
inline constexpr char kNotStructure[] = "non-structure type";
inline constexpr char kNotArray[] = "non-array type";
inline constexpr char kRethrowLabel[] = "invalid rethrow label";

}  // namespace swoop::errors
