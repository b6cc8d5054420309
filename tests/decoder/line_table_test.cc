#include "decoder/line_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace swoop {
namespace {

using Bytes = std::vector<uint8_t>;

void put(Bytes& to, std::string_view text) {
  to.insert(to.end(), text.begin(), text.end());
  to.push_back(0);
}
void put_u16(Bytes& to, uint16_t value) {
  to.push_back(static_cast<uint8_t>(value));
  to.push_back(static_cast<uint8_t>(value >> 8));
}
void put_u32(Bytes& to, uint32_t value) {
  put_u16(to, static_cast<uint16_t>(value));
  put_u16(to, static_cast<uint16_t>(value >> 16));
}
void put(Bytes& to, const Bytes& bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

/// A unit: line base -3, line range 12, opcode base 13.
Bytes unit(uint16_t version, const Bytes& files, const Bytes& program) {
  Bytes header = {1};                     // bytes of an instruction
  if (version >= 4) header.push_back(1);  // operations of an instruction
  put(header, {1, 0xfd, 12, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1});
  put(header, files);
  Bytes rest;
  put_u16(rest, version);
  if (version == 5) put(rest, Bytes{4, 0});
  put_u32(rest, static_cast<uint32_t>(header.size()));
  put(rest, header);
  put(rest, program);
  Bytes result;
  put_u32(result, static_cast<uint32_t>(rest.size()));
  put(result, rest);
  return result;
}

/// The folder "lib"; the files 1: "/abs/a.c", 2: "lib/b.c" and 3: "c.c".
Bytes files_of_4() {
  Bytes result;
  put(result, "lib");
  result.push_back(0);
  for (const auto& [name, folder] : {std::pair("/abs/a.c", 1), {"b.c", 1}, {"c.c", 0}}) {
    put(result, name);
    put(result, {static_cast<uint8_t>(folder), 0, 0});
  }
  result.push_back(0);
  return result;
}

Bytes set_address(uint32_t address) {
  Bytes result = {0, 5, 2};
  put_u32(result, address);
  return result;
}
const Bytes kEnd = {0, 1, 1};

/// An opcode that advances both and adds a row.
uint8_t special(int lines, int bytes) {
  return static_cast<uint8_t>(13 + (lines + 3) + 12 * bytes);
}

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes result;
  for (const Bytes& part : parts) put(result, part);
  return result;
}

std::vector<CustomSection> sections(Bytes lines, Bytes line_strings = {}, Bytes strings = {}) {
  return {{".debug_line", std::move(lines)},
          {".debug_line_str", std::move(line_strings)},
          {".debug_str", std::move(strings)}};
}

std::string at(const LineTable& table, uint64_t offset) {
  const std::optional<SourceLocation> found = table.find(offset);
  if (!found) return "";
  return found->file + ":" + std::to_string(found->line) + ":" + std::to_string(found->column);
}

// From 16: a.c 11, from 20 a.c 13 column 7, from 25 b.c 13; ends at 30.
Bytes program() {
  return join({set_address(16),
               {3, 10, 1},             // line 11
               {5, 7, special(2, 4)},  // column 7, line 13 at 20
               {4, 2, 5, 0, 2, 5, 1},  // file 2 at 25
               {2, 5},
               kEnd});
}

TEST(LineTable, GivesTheLineOfTheRowBefore) {
  for (const uint16_t version : std::initializer_list<uint16_t>{2, 3, 4}) {
    const auto from = sections(unit(version, files_of_4(), program()));
    const LineTable table(from);
    EXPECT_EQ(at(table, 0), "");
    EXPECT_EQ(at(table, 15), "");
    EXPECT_EQ(at(table, 16), "/abs/a.c:11:0");
    EXPECT_EQ(at(table, 19), "/abs/a.c:11:0");
    EXPECT_EQ(at(table, 20), "/abs/a.c:13:7");
    EXPECT_EQ(at(table, 24), "/abs/a.c:13:7");
    EXPECT_EQ(at(table, 25), "lib/b.c:13:0");
    EXPECT_EQ(at(table, 29), "lib/b.c:13:0");
    EXPECT_EQ(at(table, 30), "");
    EXPECT_EQ(at(table, UINT64_MAX), "");
  }
}

TEST(LineTable, KnowsAllWaysToAdvance) {
  const auto from = sections(unit(4, files_of_4(),
                                  join({set_address(100),
                                        {4, 3, 8, 1},           // const_add_pc: 20 bytes
                                        {9, 0, 1, 3, 0x7d, 1},  // 256 bytes; a line before 1
                                        {3, 9, 12, 3, 6, 7, 10, 11, 1},  // others change nothing
                                        kEnd})));
  const LineTable table(from);
  EXPECT_EQ(at(table, 119), "");
  EXPECT_EQ(at(table, 120), "c.c:1:0");
  EXPECT_EQ(at(table, 375), "c.c:1:0");
  EXPECT_EQ(at(table, 376), "");  // the last row there counts, which has its end at once
}

TEST(LineTable, ReadsVersion5) {
  Bytes files;
  put(files, {1, 1, 0x1f, 2});  // directories: a path in .debug_line_str
  put_u32(files, 0);
  put_u32(files, 6);
  // Files: a path in .debug_str, the directory, a checksum, a size, and what nobody knows.
  put(files, {5, 1, 0x0e, 2, 0x0b, 5, 0x1e, 4, 0x0f, 0x7f, 0x09, 2});
  for (const uint8_t i : std::initializer_list<uint8_t>{0, 1}) {
    put_u32(files, i * 4u);
    files.push_back(i);
    put(files, Bytes(16, 0xff));
    put(files, {3, 2, 9, 9});
  }
  Bytes line_strings, strings;
  for (const char* text : {"/root", "lib"}) put(line_strings, text);
  for (const char* text : {"a.c", "b.c"}) put(strings, text);
  const auto from = sections(unit(5, files,
                                  join({set_address(16),
                                        {4, 0, 1},
                                        {4, 1, special(1, 1)},
                                        {4, 2, special(1, 1)},
                                        {2, 9},
                                        kEnd})),
                             line_strings, strings);
  const LineTable table(from);
  EXPECT_EQ(at(table, 16), "/root/a.c:1:0");
  EXPECT_EQ(at(table, 17), "/root/lib/b.c:2:0");
  EXPECT_EQ(at(table, 18), "");  // there is no such file
}

TEST(LineTable, JoinsSequencesInAnyOrder) {
  const Bytes first = join({set_address(10), {1, 2, 10}, kEnd});
  const Bytes second = join({set_address(20), {3, 4, 1, 2, 10}, kEnd});
  const Bytes removed = join({set_address(0), {3, 50, 1, 2, 12, 1}, kEnd});
  const Bytes removed_too = join({set_address(UINT32_MAX), {3, 50, 1, 2, 12, 1}, kEnd});
  const Bytes last = unit(4, files_of_4(), join({set_address(5), {3, 6, 1, 2, 1}, kEnd}));
  for (const Bytes& program : {join({first, second}), join({second, first}),
                               join({removed, second, removed_too, first})}) {
    const auto from = sections(join({unit(4, files_of_4(), program), last}));
    const LineTable table(from);
    EXPECT_EQ(at(table, 5), "/abs/a.c:7:0");
    EXPECT_EQ(at(table, 6), "");
    EXPECT_EQ(at(table, 10), "/abs/a.c:1:0");
    EXPECT_EQ(at(table, 19), "/abs/a.c:1:0");
    EXPECT_EQ(at(table, 20), "/abs/a.c:5:0");
    EXPECT_EQ(at(table, 30), "");
  }
}

TEST(LineTable, KeepsWhatCameBeforeAnError) {
  const Bytes good = unit(4, files_of_4(), program());
  for (Bytes bad : {Bytes{1, 2}, unit(6, {}, {}), unit(4, {'a'}, {}), Bytes(40, 0xff)}) {
    const auto from = sections(join({good, bad, good}));
    EXPECT_EQ(at(LineTable(from), 16), "/abs/a.c:11:0");
  }
  EXPECT_EQ(at(LineTable(), 16), "");
}

TEST(LineTable, BelievesNothing) {
  Bytes files;
  put(files, {1, 1, 0x1f, 1});
  put_u32(files, 1000);                           // outside of its section
  put(files, {0, 0xff, 0xff, 0xff, 0xff, 0x0f});  // 2^32 files of no bytes
  const auto endless = sections(unit(5, files, program()));
  EXPECT_EQ(at(LineTable(endless), 16), "");

  const Bytes good = unit(4, files_of_4(), program());
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(at(LineTable(sections({good.begin(), good.begin() + static_cast<long>(size)})), 16),
              "");
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Bytes wrong = good;
    for (unsigned changes = 1 + random() % 4; changes != 0; --changes)
      wrong[random() % wrong.size()] = static_cast<uint8_t>(random());
    const auto from = sections(wrong, wrong, wrong);
    const LineTable table(from);
    for (const uint64_t offset : {0, 16, 25, 1 << 20}) (void)table.find(offset);
  }
}

}  // namespace
}  // namespace swoop
