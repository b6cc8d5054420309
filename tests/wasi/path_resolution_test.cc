// Paths that try to leave their directory, and those that must not be hindered, by every operation
// that takes one. All of it with both resolvers of platform/filesystem.h, whose answers must be the
// same.
#include "tests/wasi/test_guest.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace swoop::wasi {
namespace {

using platform::Resolver;
using ::testing::AnyOf;
using ::testing::Pair;

constexpr uint32_t kNoFollow = 0;

// outside/           what must never be reached
//   secret  dir/
// root/              the preopen
//   file  dir/inner  dir/sub/
//   and the links of the matrix
class PathResolution : public ::testing::TestWithParam<Resolver> {
 protected:
  PathResolution() {
    tree_.directory("outside/dir");
    tree_.file("outside/secret", "secret");
    tree_.directory("root/dir/sub");
    tree_.file("root/file", "content");
    tree_.file("root/dir/inner", "inner");
    const auto link = [&](std::string_view target, std::string_view name) {
      tree_.link(target, "root/" + std::string(name));
    };
    link("file", "to_file");
    link("dir", "to_dir");
    link("dir/", "to_dir_slash");
    link("file/", "to_file_slash");
    link("dir/sub/..", "to_dir_dotdot");
    link("to_dir/inner", "to_inner_by_link");
    link("missing", "dangling");
    link(".", "self");
    link("loop_b", "loop_a");
    link("loop_a", "loop_b");
    link("..", "up");
    link("../", "up_slash");
    link("../outside", "out_dir");
    link("../outside/", "out_dir_slash");
    link("../outside/secret", "out_file");
    link("../outside/missing", "out_dangling");
    link(tree_.path("outside"), "abs_dir");
    link(tree_.path("outside/secret"), "abs_file");
    link(tree_.path("root/file"), "abs_inside");
    link("/proc/self/fd/0", "magic");
    link("/proc/self/root", "magic_root");
    link("../root/file", "out_and_back");
    link("self/..", "self_up");
    link("../..", "dir/up_two");
    link("..", "dir/up_one");
    // chain40 takes 40 links to reach the file, chain41 one too many.
    link("file", "chain1");
    for (int i = 2; i <= 41; ++i) {
      link("chain" + std::to_string(i - 1), "chain" + std::to_string(i));
    }
    Context::Builder builder;
    builder.directory(tree_.path("root"), "/").resolver(GetParam());
    guest_ = std::make_unique<TestGuest>(builder);
  }

  Errno open(std::string_view path, uint32_t lookup = kFollow, uint32_t flags = 0,
             uint64_t wanted = rights::kFdRead) {
    const auto [error, fd] = guest_->open(path, flags, wanted, lookup);
    if (error == Errno::success) guest_->close(fd);
    return error;
  }
  Errno stat(std::string_view path, bool follow = true) { return guest_->stat(path, follow).first; }

  TempTree tree_;
  std::unique_ptr<TestGuest> guest_;
};

INSTANTIATE_TEST_SUITE_P(Resolvers, PathResolution,
                         ::testing::Values(Resolver::openat2, Resolver::walk), resolver_name);

TEST_P(PathResolution, FindsWhatIsBeneathTheDirectory) {
  for (const char* path : {"file", "./file", "dir/inner", "dir//inner", "dir/../file", "to_file",
                           "to_dir/inner", "to_dir_slash/inner", "to_dir_dotdot/inner",
                           "to_inner_by_link", "self/file", "self/self/dir/inner",
                           "dir/sub/../inner", "dir/up_one/file", "chain40", "to_dir/../file"}) {
    EXPECT_EQ(open(path), Errno::success) << path;
    EXPECT_EQ(stat(path), Errno::success) << path;
  }
  for (const char* path :
       {".", "dir", "dir/", "dir/.", "dir/..", "dir/sub/../..", "to_dir", "to_dir/", "to_dir_slash",
        "to_dir_slash/", "self", "self/", "to_dir_dotdot", "dir/up_one", "dir/up_one/"}) {
    EXPECT_EQ(open(path, kFollow, oflags::kDirectory), Errno::success) << path;
    EXPECT_EQ(stat(path), Errno::success) << path;
  }
}

// The heart of the matter: each of these paths leads out.
constexpr const char* kEscapes[] = {
    "..",
    "../",
    "../outside",
    "../outside/secret",
    "/",
    "/etc/passwd",
    "//",
    "dir/../..",
    "dir/../../outside/secret",
    "up",
    "up/",
    "up/outside/secret",
    "up_slash",
    "up_slash/outside",
    "out_dir",
    "out_dir/",
    "out_dir/secret",
    "out_dir_slash",
    "out_dir_slash/",
    "out_dir_slash/secret",
    "out_file",
    "out_dangling",
    "abs_dir",
    "abs_dir/",
    "abs_dir/secret",
    "abs_file",
    "abs_inside",
    "magic",
    "magic_root",
    "magic_root/etc",
    "out_and_back",
    "self/..",
    "self/../outside",
    "self_up",
    "self_up/outside",
    "self/self/..",
    "dir/up_two",
    "dir/up_two/outside",
    "dir/sub/../../..",
    "to_dir/../../outside/secret",
    "up/root/file",
};

TEST_P(PathResolution, NoLookupEscapes) {
  for (const char* path : kEscapes) {
    EXPECT_EQ(open(path), Errno::notcapable) << path;
    EXPECT_EQ(open(path, kFollow, oflags::kDirectory), Errno::notcapable) << path;
    EXPECT_EQ(stat(path), Errno::notcapable) << path;
    EXPECT_EQ(guest_->set_times(path, true, 1), Errno::notcapable) << path;
  }
}

TEST_P(PathResolution, NoLookupEscapesByCreating) {
  for (const char* path : kEscapes) {
    const std::string_view text = path;
    // A trailing slash on a name to be created is an error of its own, and comes first.
    const auto refused = AnyOf(Errno::notcapable, Errno::isdir);
    EXPECT_THAT(open(path, kFollow, oflags::kCreat, kReadWrite), refused) << path;
    EXPECT_THAT(open(path, kFollow, oflags::kTrunc, kReadWrite),
                AnyOf(Errno::notcapable, Errno::isdir))
        << path;
    // With EXCL a link as the last component is not followed: it is what exists.
    EXPECT_THAT(open(path, kFollow, oflags::kCreat | oflags::kExcl, kReadWrite),
                AnyOf(Errno::notcapable, Errno::isdir, Errno::exist))
        << path;
    EXPECT_THAT(guest_->on_path("path_create_directory", text),
                AnyOf(Errno::notcapable, Errno::exist))
        << path;
    EXPECT_THAT(guest_->symlink("x", text), AnyOf(Errno::notcapable, Errno::exist)) << path;
    EXPECT_THAT(guest_->hard_link("file", text), AnyOf(Errno::notcapable, Errno::exist)) << path;
  }
  EXPECT_EQ(tree_.content("outside/secret"), "secret");
  EXPECT_FALSE(tree_.exists("outside/missing"));
}

TEST_P(PathResolution, NoLookupEscapesThroughALinkInTheMiddle) {
  for (const char* link :
       {"up", "up_slash", "out_dir", "out_dir_slash", "abs_dir", "self_up", "dir/up_two"}) {
    const std::string beyond = std::string(link) + "/new";
    EXPECT_EQ(open(beyond, kFollow, oflags::kCreat, kReadWrite), Errno::notcapable) << link;
    EXPECT_EQ(open(beyond, kNoFollow, oflags::kCreat, kReadWrite), Errno::notcapable) << link;
    EXPECT_EQ(stat(beyond, false), Errno::notcapable) << link;
    EXPECT_EQ(guest_->set_times(beyond, false, 1), Errno::notcapable) << link;
    EXPECT_EQ(guest_->read_link(beyond).first, Errno::notcapable) << link;
    EXPECT_EQ(guest_->on_path("path_create_directory", beyond), Errno::notcapable) << link;
    EXPECT_EQ(guest_->on_path("path_remove_directory", beyond), Errno::notcapable) << link;
    EXPECT_EQ(guest_->on_path("path_unlink_file", beyond), Errno::notcapable) << link;
    EXPECT_EQ(guest_->symlink("x", beyond), Errno::notcapable) << link;
    EXPECT_EQ(guest_->rename("file", beyond), Errno::notcapable) << link;
    EXPECT_EQ(guest_->rename(beyond, "x"), Errno::notcapable) << link;
    EXPECT_EQ(guest_->hard_link("file", beyond), Errno::notcapable) << link;
    EXPECT_EQ(guest_->hard_link(beyond, "x"), Errno::notcapable) << link;
  }
  EXPECT_FALSE(tree_.exists("new"));
  EXPECT_FALSE(tree_.exists("outside/new"));
}

// RUSTSEC-2026-0269: a trailing slash makes plain system calls follow what they were told not to.
TEST_P(PathResolution, ATrailingSlashFollowsTheLinkAndIsHeld) {
  for (const char* path : {"up/", "out_dir/", "out_dir_slash/", "abs_dir/", "self_up/", "up//",
                           "dir/up_two/", "magic_root/"}) {
    EXPECT_EQ(open(path, kNoFollow), Errno::notcapable) << path;
    EXPECT_EQ(open(path, kNoFollow, oflags::kDirectory), Errno::notcapable) << path;
    EXPECT_EQ(stat(path, false), Errno::notcapable) << path;
    EXPECT_EQ(guest_->set_times(path, false, 1), Errno::notcapable) << path;
    EXPECT_EQ(guest_->read_link(path).first, Errno::notcapable) << path;
    EXPECT_EQ(guest_->on_path("path_create_directory", path), Errno::exist) << path;
    EXPECT_EQ(guest_->on_path("path_remove_directory", path), Errno::notdir) << path;
    EXPECT_EQ(guest_->on_path("path_unlink_file", path), Errno::notdir) << path;
    EXPECT_EQ(guest_->symlink("x", path), Errno::exist) << path;
    EXPECT_EQ(guest_->rename(path, "x"), Errno::notdir) << path;
    EXPECT_EQ(guest_->rename("dir/sub", path), Errno::notdir) << path;
    EXPECT_EQ(guest_->hard_link(path, "x"), Errno::notdir) << path;
    EXPECT_EQ(guest_->hard_link("file", path), Errno::exist) << path;
  }
}

TEST_P(PathResolution, ATrailingSlashAsksForADirectory) {
  for (const char* path : {"file/", "to_file/", "to_file_slash", "to_file_slash/", "dir/inner/",
                           "file/.", "file/.."}) {
    EXPECT_EQ(open(path), Errno::notdir) << path;
    EXPECT_EQ(stat(path), Errno::notdir) << path;
  }
  EXPECT_EQ(stat("file/", false), Errno::notdir);
  EXPECT_EQ(stat("to_file/", false), Errno::notdir);
  EXPECT_EQ(guest_->stat("to_dir/", false).second.type, platform::FileType::directory);
  EXPECT_EQ(guest_->stat("to_dir", false).second.type, platform::FileType::symbolic_link);
  EXPECT_EQ(guest_->on_path("path_create_directory", "new/"), Errno::success);
  EXPECT_EQ(guest_->rename("new/", "newer/"), Errno::success);
  EXPECT_EQ(guest_->on_path("path_unlink_file", "newer/"), Errno::isdir);
  EXPECT_EQ(guest_->on_path("path_remove_directory", "newer/"), Errno::success);
  EXPECT_EQ(guest_->on_path("path_unlink_file", "file/"), Errno::notdir);
  EXPECT_EQ(guest_->on_path("path_unlink_file", "missing/"), Errno::noent);
  EXPECT_EQ(guest_->on_path("path_remove_directory", "file/"), Errno::notdir);
  EXPECT_EQ(guest_->rename("file/", "x"), Errno::notdir);
  EXPECT_EQ(guest_->rename("file", "x/"), Errno::notdir);
  EXPECT_EQ(guest_->symlink("x", "new_link/"), Errno::noent);
  EXPECT_EQ(guest_->symlink("x", "file/"), Errno::exist);
  EXPECT_EQ(guest_->hard_link("file", "new_link/"), Errno::noent);
  EXPECT_EQ(guest_->hard_link("file/", "new_link"), Errno::notdir);
  EXPECT_EQ(guest_->hard_link("dir/", "new_link"), Errno::perm);
  EXPECT_EQ(open("new/", kFollow, oflags::kCreat, kReadWrite), Errno::isdir);
}

TEST_P(PathResolution, LinksAreNotFollowedUnlessAsked) {
  for (const char* path : {"to_file", "to_dir", "dangling", "out_file", "up", "abs_file", "magic",
                           "loop_a", "chain41", "self"}) {
    EXPECT_EQ(open(path, kNoFollow), Errno::loop) << path;
    EXPECT_THAT(open(path, kNoFollow, oflags::kDirectory), AnyOf(Errno::notdir, Errno::loop))
        << path;
    const auto [error, status] = guest_->stat(path, false);
    EXPECT_EQ(error, Errno::success) << path;
    EXPECT_EQ(status.type, platform::FileType::symbolic_link) << path;
    EXPECT_EQ(guest_->read_link(path).first, Errno::success) << path;
  }
}

TEST_P(PathResolution, ChainsOfLinksEnd) {
  EXPECT_EQ(open("chain40"), Errno::success);
  EXPECT_EQ(open("chain41"), Errno::loop);
  EXPECT_EQ(stat("chain41"), Errno::loop);
  EXPECT_EQ(stat("loop_a"), Errno::loop);
  EXPECT_EQ(stat("loop_a/x"), Errno::loop);
  std::string many_selves;
  for (int i = 0; i < 41; ++i) many_selves += "self/";
  EXPECT_EQ(stat(many_selves + "file"), Errno::loop);
}

TEST_P(PathResolution, DanglingLinks) {
  EXPECT_EQ(open("dangling"), Errno::noent);
  EXPECT_EQ(stat("dangling"), Errno::noent);
  EXPECT_EQ(guest_->on_path("path_create_directory", "dangling"), Errno::exist);
  EXPECT_EQ(open("dangling", kFollow, oflags::kCreat | oflags::kExcl, kReadWrite), Errno::exist);
  EXPECT_EQ(open("dangling", kFollow, oflags::kCreat, kReadWrite), Errno::success);
  EXPECT_TRUE(tree_.exists("root/missing"));
}

TEST_P(PathResolution, TimesOfALinkAreItsOwn) {
  ASSERT_EQ(guest_->set_times("to_file", false, 1'000'000'007), Errno::success);
  EXPECT_EQ(guest_->stat("to_file", false).second.modified_ns, 1'000'000'007u);
  EXPECT_NE(guest_->stat("to_file", true).second.modified_ns, 1'000'000'007u);
  ASSERT_EQ(guest_->set_times("to_file", true, 2'000'000'009), Errno::success);
  EXPECT_EQ(guest_->stat("file").second.modified_ns, 2'000'000'009u);
  EXPECT_EQ(guest_->stat("to_file", false).second.modified_ns, 1'000'000'007u);
  // A link that leads out has times too.
  EXPECT_EQ(guest_->set_times("out_file", false, 5), Errno::success);
}

TEST_P(PathResolution, ReadlinkGivesTheContentAndCutsItOff) {
  EXPECT_THAT(guest_->read_link("out_file"), Pair(Errno::success, "../outside/secret"));
  EXPECT_THAT(guest_->read_link("out_file", 5), Pair(Errno::success, "../ou"));
  EXPECT_THAT(guest_->read_link("out_file", 0), Pair(Errno::success, ""));
  EXPECT_EQ(guest_->read_link("file").first, Errno::inval);
  EXPECT_EQ(guest_->read_link("dir").first, Errno::inval);
  EXPECT_EQ(guest_->read_link("to_dir/").first, Errno::inval);
  EXPECT_EQ(guest_->read_link("missing").first, Errno::noent);
}

TEST_P(PathResolution, LinksThatAGuestMakesHoldItToo) {
  EXPECT_EQ(guest_->symlink("/etc/passwd", "new_abs"), Errno::perm);
  EXPECT_EQ(guest_->symlink("", "new_empty"), Errno::noent);
  EXPECT_EQ(guest_->symlink("../outside/secret", "new_out"), Errno::success);
  EXPECT_EQ(open("new_out"), Errno::notcapable);
  EXPECT_EQ(guest_->symlink("x", "file"), Errno::exist);
  EXPECT_EQ(guest_->symlink("x", "."), Errno::exist);
  EXPECT_EQ(guest_->symlink("x", ".."), Errno::notcapable);
}

TEST_P(PathResolution, DotsAreNoNames) {
  EXPECT_EQ(guest_->on_path("path_remove_directory", "."), Errno::inval);
  EXPECT_EQ(guest_->on_path("path_remove_directory", "dir/."), Errno::inval);
  EXPECT_EQ(guest_->on_path("path_remove_directory", "dir/.."), Errno::notempty);
  EXPECT_EQ(guest_->on_path("path_remove_directory", ".."), Errno::notcapable);
  EXPECT_EQ(guest_->on_path("path_create_directory", "."), Errno::exist);
  EXPECT_EQ(guest_->on_path("path_create_directory", "dir/.."), Errno::exist);
  EXPECT_EQ(guest_->on_path("path_unlink_file", "dir/."), Errno::isdir);
  EXPECT_EQ(guest_->on_path("path_unlink_file", "dir/sub/../.."), Errno::isdir);
  EXPECT_EQ(guest_->rename("dir/.", "x"), Errno::busy);
  EXPECT_EQ(guest_->rename("dir/..", "x"), Errno::busy);
  EXPECT_EQ(guest_->rename("dir", "dir/sub/.."), Errno::busy);
  EXPECT_EQ(guest_->on_path("path_remove_directory", "missing/.."), Errno::noent);
  EXPECT_EQ(open(".", kFollow, oflags::kCreat, kReadWrite), Errno::isdir);
  EXPECT_EQ(open("dir/..", kFollow, oflags::kCreat | oflags::kExcl, kReadWrite), Errno::exist);
}

TEST_P(PathResolution, RenamesAndHardLinks) {
  EXPECT_EQ(guest_->hard_link("file", "second"), Errno::success);
  EXPECT_EQ(guest_->stat("second").second.inode, guest_->stat("file").second.inode);
  EXPECT_EQ(guest_->hard_link("file", "second"), Errno::exist);
  EXPECT_EQ(guest_->hard_link("dir", "second_dir"), Errno::perm);
  EXPECT_EQ(guest_->hard_link("to_file", "x", 3, 3, kFollow), Errno::inval);
  EXPECT_EQ(guest_->hard_link("out_file", "same_link"), Errno::success);
  EXPECT_THAT(guest_->read_link("same_link"), Pair(Errno::success, "../outside/secret"));
  EXPECT_EQ(guest_->rename("second", "dir/third"), Errno::success);
  EXPECT_EQ(guest_->rename("dir/third", "dir/sub"), Errno::isdir);
  EXPECT_EQ(guest_->rename("dir", "file"), Errno::notdir);
  EXPECT_EQ(guest_->rename("dir", "dir/sub/below_itself"), Errno::inval);
  EXPECT_EQ(guest_->on_path("path_create_directory", "empty"), Errno::success);
  EXPECT_EQ(guest_->rename("empty", "dir"), Errno::notempty);
  EXPECT_EQ(guest_->rename("dir", "empty"), Errno::success);
  EXPECT_EQ(stat("empty/inner"), Errno::success);
}

TEST_P(PathResolution, LongNamesAndDeepPaths) {
  EXPECT_EQ(stat(std::string(300, 'a')), Errno::nametoolong);
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "./";
  EXPECT_EQ(stat(deep + "file"), Errno::success);
  std::string zigzag;
  for (int i = 0; i < 500; ++i) zigzag += "dir/../";
  EXPECT_EQ(stat(zigzag + "file"), Errno::success);
  EXPECT_EQ(stat(zigzag + ".."), Errno::notcapable);
}

TEST_P(PathResolution, OpeningAFifoDoesNotBlock) {
  ASSERT_EQ(::mkfifo(tree_.path("root/fifo").c_str(), 0600), 0);
  EXPECT_EQ(open("fifo"), Errno::success);
  EXPECT_EQ(open("fifo", kFollow, 0, rights::kFdWrite), Errno::nxio);
}

TEST_P(PathResolution, OpenFlags) {
  EXPECT_EQ(open("dir", kFollow, oflags::kDirectory, kReadWrite), Errno::isdir);
  EXPECT_EQ(open("dir", kFollow, 0, kReadWrite), Errno::isdir);
  EXPECT_EQ(open("dir", kFollow, 0, 0), Errno::success);
  EXPECT_EQ(open("file", kFollow, oflags::kDirectory), Errno::notdir);
  EXPECT_EQ(open("x", kFollow, oflags::kCreat | oflags::kDirectory), Errno::inval);
  EXPECT_EQ(open("file", kFollow, oflags::kCreat | oflags::kExcl, kReadWrite), Errno::exist);
  EXPECT_EQ(open("missing"), Errno::noent);
  EXPECT_EQ(open("missing/x", kFollow, oflags::kCreat, kReadWrite), Errno::noent);
  EXPECT_EQ(open("file/x"), Errno::notdir);
  EXPECT_EQ(open("file", 2), Errno::inval);
  EXPECT_EQ(open("file", kFollow, 16), Errno::inval);
  EXPECT_EQ(guest_->open("file", 0, 0, kFollow, 32).first, Errno::inval);
  EXPECT_EQ(open("file", kFollow, oflags::kTrunc, kReadWrite), Errno::success);
  EXPECT_EQ(tree_.content("root/file"), "");
}

// The opened directory is what ".." stops at, even after it has been moved.
TEST_P(PathResolution, AnOpenedDirectoryIsARootOfItsOwn) {
  const uint32_t sub = guest_->must_open("dir/sub", oflags::kDirectory);
  EXPECT_EQ(guest_->open("../inner", 0, 0, kFollow, 0, sub).first, Errno::notcapable);
  EXPECT_EQ(guest_->rename("dir/sub", "moved"), Errno::success);
  EXPECT_EQ(guest_->open("../file", 0, 0, kFollow, 0, sub).first, Errno::notcapable);
  EXPECT_EQ(guest_->open("..", 0, 0, kFollow, 0, sub).first, Errno::notcapable);
}

// A program of the host that swaps a directory for a link between any two system calls of ours.
TEST_P(PathResolution, ARaceWithTheHostIsNotWon) {
  tree_.directory("root/flip_dir");
  tree_.file("root/flip_dir/secret", "harmless");
  std::filesystem::create_directory_symlink("../outside", tree_.path("root/flip_link"));
  std::filesystem::rename(tree_.path("root/flip_dir"), tree_.path("root/flip"));
  std::atomic<bool> done = false;
  std::thread racer([&] {
    const std::string flip = tree_.path("root/flip");
    const std::string dir = tree_.path("root/flip_dir");
    const std::string link = tree_.path("root/flip_link");
    while (!done) {
      ::rename(flip.c_str(), dir.c_str());
      ::rename(link.c_str(), flip.c_str());
      ::rename(flip.c_str(), link.c_str());
      ::rename(dir.c_str(), flip.c_str());
    }
  });
  int opened = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(400);
  while (std::chrono::steady_clock::now() < end) {
    const auto [error, fd] = guest_->open("flip/secret");
    if (error != Errno::success) continue;
    ++opened;
    const std::string content = guest_->read(fd).second;
    guest_->close(fd);
    if (content != "harmless") {
      ADD_FAILURE() << "escaped: " << content;
      break;
    }
  }
  done = true;
  racer.join();
  EXPECT_GT(opened, 0);
}

TEST(DefaultResolver, CanBeForcedByTheEnvironment) {
  const char* const forced = std::getenv("SWOOP_NO_OPENAT2");
  if (forced != nullptr && std::string_view(forced) == "1") {
    EXPECT_EQ(platform::default_resolver(), Resolver::walk);
  }
}

}  // namespace
}  // namespace swoop::wasi
