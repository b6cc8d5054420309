// Every structure of both previews, byte for byte.
#include "wasi/layouts.h"

#include "tests/wasi/test_guest.h"

#include <gmock/gmock.h>

namespace swoop::wasi {
namespace {

using ::testing::ElementsAreArray;

// Memory full of a pattern, so that padding which is not written shows.
class Layouts : public ::testing::Test {
 protected:
  std::vector<uint8_t> stored(size_t size, const std::function<void(GuestMemory&)>& store) {
    std::vector<uint8_t> bytes(size + 16, 0xee);
    GuestMemory memory(bytes);
    store(memory);
    EXPECT_FALSE(memory.faulted());
    for (size_t i = size; i < bytes.size(); ++i) EXPECT_EQ(bytes[i], 0xee) << "wrote past its end";
    bytes.resize(size);
    return bytes;
  }

  static void append(std::vector<uint8_t>& out, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }

  const platform::FileStatus status_ = {.device = 0x0102030405060708,
                                        .inode = 0x1112131415161718,
                                        .type = platform::FileType::regular_file,
                                        .links = 0x2122232425262728,
                                        .size_bytes = 0x3132333435363738,
                                        .accessed_ns = 0x4142434445464748,
                                        .modified_ns = 0x5152535455565758,
                                        .changed_ns = 0x6162636465666768};
};

TEST_F(Layouts, FilestatOfPreview1Has64Bytes) {
  std::vector<uint8_t> expected;
  append(expected, status_.device, 8);
  append(expected, status_.inode, 8);
  append(expected, 4, 8);  // regular_file, padding
  append(expected, status_.links, 8);
  append(expected, status_.size_bytes, 8);
  append(expected, status_.accessed_ns, 8);
  append(expected, status_.modified_ns, 8);
  append(expected, status_.changed_ns, 8);
  EXPECT_THAT(stored(64, [&](auto& m) { store_filestat(m, 0, status_, Version::preview1); }),
              ElementsAreArray(expected));
}

TEST_F(Layouts, FilestatOfPreview0Has56BytesAndA32BitLinkCount) {
  std::vector<uint8_t> expected;
  append(expected, status_.device, 8);
  append(expected, status_.inode, 8);
  append(expected, 4, 4);
  append(expected, 0xffffffff, 4);  // clamped
  append(expected, status_.size_bytes, 8);
  append(expected, status_.accessed_ns, 8);
  append(expected, status_.modified_ns, 8);
  append(expected, status_.changed_ns, 8);
  EXPECT_THAT(stored(56, [&](auto& m) { store_filestat(m, 0, status_, Version::unstable); }),
              ElementsAreArray(expected));
}

TEST_F(Layouts, FdstatHas24Bytes) {
  const DescriptorInfo info = {.type = FileType::directory,
                               .flags = fdflags::kAppend | fdflags::kNonblock,
                               .rights_base = 0x0102030405060708,
                               .rights_inheriting = 0x1112131415161718};
  std::vector<uint8_t> expected;
  append(expected, 3, 2);
  append(expected, 5, 2);
  append(expected, 0, 4);
  append(expected, info.rights_base, 8);
  append(expected, info.rights_inheriting, 8);
  EXPECT_THAT(stored(24, [&](auto& m) { store_fdstat(m, 0, info); }), ElementsAreArray(expected));
}

TEST_F(Layouts, PrestatHas8Bytes) {
  EXPECT_THAT(stored(8, [&](auto& m) { store_prestat_directory(m, 0, 0x01020304); }),
              ElementsAreArray({0, 0, 0, 0, 4, 3, 2, 1}));
}

TEST_F(Layouts, EventHas32Bytes) {
  const Event event = {.userdata = 0x0102030405060708,
                       .error = Errno::badf,
                       .type = EventType::fd_write,
                       .byte_count = 0x1112131415161718,
                       .hung_up = true};
  std::vector<uint8_t> expected;
  append(expected, event.userdata, 8);
  append(expected, 8, 2);
  append(expected, 2, 6);
  append(expected, event.byte_count, 8);
  append(expected, 1, 8);
  EXPECT_THAT(stored(32, [&](auto& m) { store_event(m, 0, event); }), ElementsAreArray(expected));
}

TEST_F(Layouts, DirentHas24Bytes) {
  const platform::DirectoryEntry entry = {.name = "abc",
                                          .inode = 0x1112131415161718,
                                          .type = platform::FileType::symbolic_link,
                                          .next_cookie = 0x0102030405060708};
  std::vector<uint8_t> expected;
  append(expected, entry.next_cookie, 8);
  append(expected, entry.inode, 8);
  append(expected, 3, 4);
  append(expected, 7, 4);
  EXPECT_THAT(encode_dirent(entry), ElementsAreArray(expected));
}

class ClockSubscription : public Layouts, public ::testing::WithParamInterface<Version> {};

TEST_P(ClockSubscription, IsDecodedAtItsOffsets) {
  const bool is_preview0 = GetParam() == Version::unstable;
  std::vector<uint8_t> bytes;
  append(bytes, 0x0102030405060708, 8);                   // userdata
  append(bytes, 0xeeeeeeeeeeeeee00, 8);                   // tag and padding
  if (is_preview0) append(bytes, 0xaaaaaaaaaaaaaaaa, 8);  // identifier
  append(bytes, 0xeeeeeeee00000001, 8);                   // monotonic, padding
  append(bytes, 0x1112131415161718, 8);                   // timeout
  append(bytes, 0xbbbbbbbbbbbbbbbb, 8);                   // precision
  append(bytes, 0xeeeeeeeeeeee0001, 8);                   // absolute, padding
  ASSERT_EQ(bytes.size(), subscription_size(GetParam()));
  GuestMemory memory(bytes);
  const FdTable fds(1);
  const auto subscription = load_subscription(memory, 0, GetParam(), fds);
  ASSERT_TRUE(subscription.ok());
  EXPECT_EQ(subscription->userdata, 0x0102030405060708u);
  EXPECT_EQ(subscription->type, EventType::clock);
  EXPECT_EQ(subscription->clock, platform::Clock::monotonic);
  EXPECT_EQ(subscription->timeout_ns, 0x1112131415161718u);
  EXPECT_TRUE(subscription->absolute);
}

TEST_P(ClockSubscription, RejectsUnknownTagsClocksAndFlags) {
  const FdTable fds(1);
  const uint32_t clock = GetParam() == Version::unstable ? 24 : 16;
  const auto decode_with = [&](size_t at, uint8_t value) {
    std::vector<uint8_t> bytes(subscription_size(GetParam()));
    bytes[at] = value;
    GuestMemory memory(bytes);
    const auto result = load_subscription(memory, 0, GetParam(), fds);
    return result.ok() ? Errno::success : result.error();
  };
  EXPECT_EQ(decode_with(8, 3), Errno::inval);
  EXPECT_EQ(decode_with(clock, 4), Errno::inval);
  EXPECT_EQ(decode_with(clock + 3, 1), Errno::inval);
  EXPECT_EQ(decode_with(clock + 24, 2), Errno::inval);
  EXPECT_EQ(decode_with(clock + 24, 1), Errno::success);
}

INSTANTIATE_TEST_SUITE_P(Previews, ClockSubscription,
                         ::testing::Values(Version::unstable, Version::preview1));

TEST_F(Layouts, WhenceIsNumberedDifferently) {
  using platform::SeekFrom;
  EXPECT_EQ(decode_whence(0, Version::preview1), SeekFrom::start);
  EXPECT_EQ(decode_whence(1, Version::preview1), SeekFrom::current);
  EXPECT_EQ(decode_whence(2, Version::preview1), SeekFrom::end);
  EXPECT_EQ(decode_whence(0, Version::unstable), SeekFrom::current);
  EXPECT_EQ(decode_whence(1, Version::unstable), SeekFrom::end);
  EXPECT_EQ(decode_whence(2, Version::unstable), SeekFrom::start);
  EXPECT_EQ(decode_whence(3, Version::preview1), std::nullopt);
  EXPECT_EQ(decode_whence(3, Version::unstable), std::nullopt);
}

TEST_F(Layouts, TimesAreSetKeptOrNowButNotTwoOfThese) {
  const auto both = decode_times(7, 9, 1 | 8);
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->accessed.kind, platform::TimeChange::set);
  EXPECT_EQ(both->accessed.time_ns, 7u);
  EXPECT_EQ(both->modified.kind, platform::TimeChange::now);
  EXPECT_EQ(decode_times(7, 9, 4)->accessed.kind, platform::TimeChange::keep);
  EXPECT_EQ(decode_times(7, 9, 4)->modified.time_ns, 9u);
  EXPECT_EQ(decode_times(0, 0, 3).error(), Errno::inval);
  EXPECT_EQ(decode_times(0, 0, 12).error(), Errno::inval);
  EXPECT_EQ(decode_times(0, 0, 16).error(), Errno::inval);
}

TEST_F(Layouts, PathsAreUtf8WithoutNul) {
  std::vector<uint8_t> bytes(8192, 'a');
  const auto load = [&](std::string_view text) {
    std::ranges::copy(text, bytes.begin());
    GuestMemory memory(bytes);
    const auto path = load_path(memory, 0, static_cast<uint32_t>(text.size()));
    return path.ok() ? Errno::success : path.error();
  };
  EXPECT_EQ(load("a/b\xc3\xa4"), Errno::success);
  EXPECT_EQ(load(""), Errno::noent);
  EXPECT_EQ(load(std::string_view("a\0b", 3)), Errno::inval);
  EXPECT_EQ(load("a\xff"), Errno::ilseq);
  EXPECT_EQ(load(std::string(4095, 'a')), Errno::success);
  EXPECT_EQ(load(std::string(4096, 'a')), Errno::nametoolong);
}

TEST_F(Layouts, BuffersAreCutToWhatOneCallMoves) {
  std::vector<uint8_t> bytes(2000 * 8);
  GuestMemory memory(bytes);
  EXPECT_EQ(load_buffers<MutableBytes>(memory, 0, 2000).size(), 1024u);
  EXPECT_FALSE(memory.faulted());
  load_buffers<MutableBytes>(memory, 0, 0x20000001);  // 8 times this is 8, in 32 bits
  EXPECT_TRUE(memory.faulted());
}

TEST(GuestMemory, ChecksRangesWithoutWrappingAround) {
  std::vector<uint8_t> bytes(64);
  const auto fits = [&](uint32_t pointer, uint64_t size) {
    return GuestMemory(bytes).require(pointer, size);
  };
  EXPECT_TRUE(fits(0, 64));
  EXPECT_TRUE(fits(64, 0));
  EXPECT_TRUE(fits(63, 1));
  EXPECT_FALSE(fits(65, 0));
  EXPECT_FALSE(fits(63, 2));
  EXPECT_FALSE(fits(0, 65));
  EXPECT_FALSE(fits(0xffffffff, 2));
  EXPECT_FALSE(fits(1, UINT64_MAX));
}

TEST(GuestMemory, AcceptsMisalignedPointers) {
  std::vector<uint8_t> bytes(16);
  GuestMemory memory(bytes);
  memory.store<uint64_t>(3, 0x0102030405060708);
  EXPECT_EQ(memory.load<uint64_t>(3), 0x0102030405060708u);
  EXPECT_FALSE(memory.faulted());
}

}  // namespace
}  // namespace swoop::wasi
