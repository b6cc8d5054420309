#include "decoder/line_table.h"

#include "decoder/byte_reader.h"

#include <algorithm>
#include <string_view>

namespace swoop {
namespace {

constexpr size_t kMaxPathPart = 4096;

// DW_LNS_*, DW_LNE_*, DW_LNCT_* and DW_FORM_*.
enum StandardOpcode : uint8_t {
  kExtended,
  kCopy,
  kAdvancePc,
  kAdvanceLine,
  kSetFile,
  kSetColumn,
  kNegateStatement,
  kSetBasicBlock,
  kConstAddPc,
  kFixedAdvancePc,
};
enum ExtendedOpcode : uint8_t { kEndSequence = 1, kSetAddress, kDefineFile };
enum ContentType : uint8_t { kPath = 1, kDirectoryIndex };
enum Form : uint8_t {
  kData2 = 0x05,
  kData4 = 0x06,
  kData8 = 0x07,
  kString = 0x08,
  kBlock = 0x09,
  kData1 = 0x0b,
  kStrp = 0x0e,
  kUdata = 0x0f,
  kData16 = 0x1e,
  kLineStrp = 0x1f,
};

using Bytes = std::span<const uint8_t>;

Bytes contents_of(const std::vector<CustomSection>& sections, std::string_view name) {
  const auto found = std::ranges::find(sections, name, &CustomSection::name);
  return found == sections.end() ? Bytes() : Bytes(found->bytes);
}

std::string string_at(Bytes bytes) {
  const Bytes first = bytes.first(std::min(bytes.size(), kMaxPathPart));
  return std::string(first.begin(), std::ranges::find(first, 0));
}

uint16_t read_u16(ByteReader& reader) {
  const uint16_t low = reader.read_u8();
  return static_cast<uint16_t>(low | reader.read_u8() << 8);
}
uint32_t read_fixed_u32(ByteReader& reader) {
  return reader.read_f32_bits();
}
uint64_t read_fixed_u64(ByteReader& reader) {
  return reader.read_f64_bits();
}
/// From its start; the reader goes on behind its end.
Bytes read_string(ByteReader& reader) {
  const Bytes string(reader.position(), reader.end());
  while (reader.ok() && reader.read_u8() != 0) {
  }
  return string;
}

}  // namespace

class LineTableReader {
 public:
  LineTableReader(const std::vector<CustomSection>& sections, LineTable& table)
      : line_strings_(contents_of(sections, ".debug_line_str")),
        strings_(contents_of(sections, ".debug_str")),
        table_(table) {}

  /// One unit after another, each of a header and a program. False when one is wrong.
  bool read_unit(ByteReader& section) {
    uint64_t size = read_fixed_u32(section);
    is_64_bits_ = size == UINT32_MAX;
    if (is_64_bits_) size = read_fixed_u64(section);
    if (size > section.remaining()) return false;
    ByteReader reader(section.read_bytes(static_cast<size_t>(size)), 0);
    return read_header(reader) && run(reader);
  }

 private:
  struct Format {
    uint64_t content, form;
  };
  struct Entry {
    Bytes path;
    uint64_t directory = 0;
  };
  struct State {
    uint64_t address = 0, file = 1, line = 1, column = 0;
    bool is_removed = false;
  };

  bool read_header(ByteReader& reader) {
    version_ = read_u16(reader);
    if (version_ < 2 || version_ > 5) return false;
    if (version_ == 5) reader.read_bytes(2);  // sizes of addresses and segment selectors
    const uint64_t header_size = read_offset(reader);
    if (header_size > reader.remaining()) return false;
    const uint8_t* const program = reader.position() + header_size;
    min_length_ = reader.read_u8();
    if (version_ >= 4) reader.read_u8();  // operations per instruction
    reader.read_u8();                     // whether lines begin statements
    line_base_ = static_cast<int8_t>(reader.read_u8());
    line_range_ = reader.read_u8();
    opcode_base_ = reader.read_u8();
    if (line_range_ == 0 || opcode_base_ == 0) return false;
    operand_counts_ = reader.read_bytes(opcode_base_ - 1u);
    directories_.clear();
    first_file_ = table_.files_.size();
    if (!(version_ == 5 ? read_entries_of_5(reader) : read_entries(reader))) return false;
    if (!reader.ok() || reader.position() > program) return false;
    reader.set_position(program);
    return true;
  }

  bool read_entries(ByteReader& reader) {
    directories_.push_back({});  // the folder of the compilation, which is named elsewhere
    while (reader.ok() && reader.peek_u8() != 0) directories_.push_back(read_string(reader));
    reader.read_u8();
    table_.files_.push_back({});  // the first has number 1
    while (reader.ok() && reader.peek_u8() != 0) read_file(reader);
    reader.read_u8();
    return reader.ok();
  }
  void read_file(ByteReader& reader) {
    const Bytes name = read_string(reader);
    const uint64_t directory = reader.read_u64();
    reader.read_u64();  // when it was written
    reader.read_u64();  // its size
    add_file(name, directory);
  }
  void add_file(Bytes name, uint64_t directory) {
    const auto folder = [&](uint64_t i) {
      return i < directories_.size() ? directories_[i] : Bytes();
    };
    table_.files_.push_back({name, folder(directory), directory == 0 ? Bytes() : folder(0)});
  }

  bool read_entries_of_5(ByteReader& reader) {
    std::vector<Format> formats;
    const auto read_table = [&](auto add) {
      formats.clear();
      for (unsigned count = reader.read_u8(); count != 0 && reader.ok(); --count) {
        const uint64_t content = reader.read_u64();
        formats.push_back({content, reader.read_u64()});
      }
      const uint64_t count = reader.read_u64();
      if (formats.empty() && count != 0) return false;  // each takes a byte at least
      for (uint64_t i = 0; i < count; ++i) {
        Entry entry;
        if (!read_entry(reader, formats, entry)) return false;
        add(entry);
      }
      return reader.ok();
    };
    return read_table([&](const Entry& entry) { directories_.push_back(entry.path); }) &&
           read_table([&](const Entry& entry) { add_file(entry.path, entry.directory); });
  }
  bool read_entry(ByteReader& reader, std::span<const Format> formats, Entry& entry) {
    for (const Format& format : formats) {
      Bytes text;
      uint64_t number = 0;
      switch (format.form) {
        case kString: text = read_string(reader); break;
        case kLineStrp: text = string_in(line_strings_, read_offset(reader)); break;
        case kStrp: text = string_in(strings_, read_offset(reader)); break;
        case kUdata: number = reader.read_u64(); break;
        case kData1: number = reader.read_u8(); break;
        case kData2: number = read_u16(reader); break;
        case kData4: number = read_fixed_u32(reader); break;
        case kData8: number = read_fixed_u64(reader); break;
        case kData16: reader.read_bytes(16); break;
        case kBlock: {
          const uint64_t size = reader.read_u64();
          reader.read_bytes(static_cast<size_t>(size));
          break;
        }
        default: return false;
      }
      if (format.content == kPath) entry.path = text;
      if (format.content == kDirectoryIndex) entry.directory = number;
    }
    return reader.ok();
  }
  uint64_t read_offset(ByteReader& reader) {
    return is_64_bits_ ? read_fixed_u64(reader) : read_fixed_u32(reader);
  }
  static Bytes string_in(Bytes section, uint64_t offset) {
    return offset < section.size() ? section.subspan(static_cast<size_t>(offset)) : Bytes();
  }

  bool run(ByteReader& reader) {
    State state;
    sequence_ = table_.rows_.size();
    while (!reader.at_end()) {
      const uint8_t opcode = reader.read_u8();
      if (opcode >= opcode_base_) {
        const unsigned adjusted = opcode - opcode_base_;
        advance(state, adjusted / line_range_);
        state.line += static_cast<uint64_t>(line_base_ + static_cast<int>(adjusted % line_range_));
        add_row(state);
        continue;
      }
      switch (opcode) {
        case kExtended: run_extended(reader, state); break;
        case kCopy: add_row(state); break;
        case kAdvancePc: advance(state, reader.read_u64()); break;
        case kAdvanceLine: state.line += static_cast<uint64_t>(reader.read_s64()); break;
        case kSetFile: state.file = reader.read_u64(); break;
        case kSetColumn: state.column = reader.read_u64(); break;
        case kNegateStatement:
        case kSetBasicBlock: break;
        case kConstAddPc: advance(state, (255u - opcode_base_) / line_range_); break;
        case kFixedAdvancePc: state.address += read_u16(reader); break;
        default:
          for (unsigned i = operand_counts_[opcode - 1u]; i != 0; --i) reader.read_u64();
      }
    }
    table_.rows_.resize(sequence_);  // what a sequence without an end says is not known
    return reader.ok();
  }
  void run_extended(ByteReader& reader, State& state) {
    const uint64_t size = reader.read_u64();
    ByteReader operands(reader.read_bytes(static_cast<size_t>(size)), 0);
    switch (operands.read_u8()) {
      case kEndSequence: end_sequence(state); break;
      case kSetAddress:
        state.address =
            operands.remaining() == 8 ? read_fixed_u64(operands) : read_fixed_u32(operands);
        // The linker leaves functions that it removed there, or at the end of all addresses.
        state.is_removed = state.address == 0;
        break;
      case kDefineFile: read_file(operands); break;
      default: break;
    }
  }
  void advance(State& state, uint64_t operations) { state.address += operations * min_length_; }

  void add_row(const State& state) {
    std::vector<LineTable::Row>& rows = table_.rows_;
    const uint64_t file = first_file_ + state.file;
    if (state.is_removed || state.address >= UINT32_MAX - 1) return;
    const bool is_known = state.file < table_.files_.size() - first_file_;
    const LineTable::Row row = {
        static_cast<uint32_t>(state.address), static_cast<uint32_t>(file),
        is_known && state.line <= UINT32_MAX ? static_cast<uint32_t>(state.line) : 0,
        static_cast<uint32_t>(std::min<uint64_t>(state.column, UINT32_MAX))};
    if (rows.size() > sequence_ && rows.back().address == row.address)
      rows.back() = row;
    else
      rows.push_back(row);
  }
  void end_sequence(State& state) {
    state.line = 0;
    // Nothing to end where nothing begins before it.
    if (table_.rows_.size() > sequence_) add_row(state);
    sequence_ = table_.rows_.size();
    state = {};
  }

  Bytes line_strings_, strings_;
  LineTable& table_;
  size_t sequence_ = 0;    // the first row of the sequence under way
  size_t first_file_ = 0;  // of the unit
  std::vector<Bytes> directories_;
  Bytes operand_counts_;
  uint16_t version_ = 0;
  bool is_64_bits_ = false;
  uint8_t min_length_ = 0, line_range_ = 0, opcode_base_ = 0;
  int8_t line_base_ = 0;
};

LineTable::LineTable(const std::vector<CustomSection>& sections) {
  const Bytes lines = contents_of(sections, ".debug_line");
  ByteReader section(lines, 0);
  LineTableReader reader(sections, *this);
  while (!section.at_end() && reader.read_unit(section)) {
  }
  // Where one sequence ends another may begin, which then counts.
  const auto is_before = [](const Row& a, const Row& b) {
    return a.address != b.address ? a.address < b.address : a.line == 0 && b.line != 0;
  };
  if (!std::ranges::is_sorted(rows_, is_before)) std::ranges::stable_sort(rows_, is_before);
}

std::optional<SourceLocation> LineTable::find(uint64_t code_offset) const {
  auto row = std::ranges::upper_bound(rows_, code_offset, {}, &Row::address);
  if (row == rows_.begin()) return std::nullopt;
  --row;
  if (row->line == 0) return std::nullopt;
  const File& file = files_[row->file];
  SourceLocation location{string_at(file.name), row->line, row->column};
  for (const Bytes folder : {file.folder, file.root}) {
    if (location.file.starts_with('/') || folder.empty()) break;
    location.file = string_at(folder) + '/' + location.file;
  }
  return location;
}

}  // namespace swoop
