// The texts of the decoder's errors. The first words are the test suite's, where it has a phrase;
// details follow them at the place that fails.
#pragma once

namespace swoop::errors {

// Values.
inline constexpr char kUnexpectedEnd[] = "unexpected end of section or function";
inline constexpr char kLengthOutOfBounds[] = "length out of bounds";
inline constexpr char kLebTooLong[] = "integer representation too long";
inline constexpr char kLebTooLarge[] = "integer too large";
inline constexpr char kMalformedUtf8[] = "malformed UTF-8 encoding";
inline constexpr char kZeroByteExpected[] = "zero byte expected";

// Module.
inline constexpr char kMagic[] = "magic header not detected";
inline constexpr char kMagicOfText[] =
    "magic header not detected: this looks like WebAssembly text (.wat), which compile_wat takes";
inline constexpr char kVersion[] = "unknown binary version";
inline constexpr char kSectionId[] = "malformed section id";
inline constexpr char kSectionOrder[] = "unexpected content after last section";
inline constexpr char kSectionSize[] = "section size mismatch";
inline constexpr char kFunctionCount[] = "function and code section have inconsistent lengths";
inline constexpr char kDataCount[] = "data count and data section have inconsistent lengths";
inline constexpr char kDataCountRequired[] = "data count section required";

// Types.
inline constexpr char kValType[] = "malformed value type";
inline constexpr char kRefType[] = "malformed reference type";
inline constexpr char kHeapType[] = "malformed heap type";
inline constexpr char kDefType[] = "malformed definition type";
inline constexpr char kBlockType[] = "malformed block type";
inline constexpr char kMutability[] = "malformed mutability";
inline constexpr char kLimitsFlags[] = "malformed limits flags";
inline constexpr char kPageSize[] = "invalid custom page size";
inline constexpr char kUnknownType[] = "unknown type";
inline constexpr char kSubType[] = "sub type";

// Sections.
inline constexpr char kImportKind[] = "malformed import kind";
inline constexpr char kExportKind[] = "malformed export kind";
inline constexpr char kElemSegmentKind[] = "malformed elements segment kind";
inline constexpr char kElemKind[] = "malformed element kind";
inline constexpr char kDataSegmentKind[] = "malformed data segment kind";
inline constexpr char kDuplicateExport[] = "duplicate export name";
inline constexpr char kUnknownFunction[] = "unknown function";
inline constexpr char kUnknownTable[] = "unknown table";
inline constexpr char kUnknownMemory[] = "unknown memory";
inline constexpr char kUnknownGlobal[] = "unknown global";
inline constexpr char kUnknownTag[] = "unknown tag";
inline constexpr char kUnknownElem[] = "unknown elem segment";
inline constexpr char kUnknownData[] = "unknown data segment";
inline constexpr char kMultipleMemories[] = "multiple memories";
inline constexpr char kMultipleTables[] = "multiple tables";
inline constexpr char kMinAboveMax[] = "size minimum must not be greater than maximum";
inline constexpr char kMemorySize[] = "memory size must be at most";
inline constexpr char kTableSize[] = "table size must be at most";
inline constexpr char kSharedNeedsMax[] = "shared memory must have maximum";
inline constexpr char kStartFunction[] = "start function";
inline constexpr char kTagResults[] = "non-empty tag result type";
inline constexpr char kNotConstant[] = "constant expression required";
inline constexpr char kTypeMismatch[] = "type mismatch";

// Code.
inline constexpr char kIllegalOpcode[] = "illegal opcode";
inline constexpr char kMemopFlags[] = "malformed memop flags";
inline constexpr char kCatchClause[] = "malformed catch clause";
inline constexpr char kCastFlags[] = "malformed br_on_cast flags";
inline constexpr char kTooManyLocals[] = "too many locals";
inline constexpr char kEndExpected[] = "END opcode expected";

}  // namespace swoop::errors
