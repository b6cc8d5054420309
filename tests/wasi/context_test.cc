// What Context::Builder accepts, and how it refuses the rest.
#include "tests/wasi/test_guest.h"

#include <gmock/gmock.h>

namespace swoop::wasi {
namespace {

using ::testing::ElementsAre;

MATCHER_P2(Fails, kind, text, "") {
  const auto built = arg.build();
  if (built.ok()) return false;
  *result_listener << built.error().message;
  return built.error().kind == kind &&
         std::string_view(built.error().message).find(text) != std::string_view::npos;
}

TEST(ContextBuilder, TakesStringsAsTheyAre) {
  Context::Builder builder;
  builder.argv0("program").argument("").argument("a b=c\n\"").environment_variable("K", "a=b\n");
  TestGuest guest(builder);
  EXPECT_THAT(guest.context().arguments(), ElementsAre("program", "", "a b=c\n\""));
  EXPECT_THAT(guest.context().environment(), ElementsAre("K=a=b\n"));
}

TEST(ContextBuilder, RefusesNulInStrings) {
  const std::string with_nul("a\0b", 3);
  EXPECT_THAT(Context::Builder().argument(with_nul), Fails(ErrorKind::invalid, "argument"));
  EXPECT_THAT(Context::Builder().argv0(with_nul), Fails(ErrorKind::invalid, "argument"));
  EXPECT_THAT(Context::Builder().environment_variable(with_nul, ""),
              Fails(ErrorKind::invalid, "NUL"));
  EXPECT_THAT(Context::Builder().environment_variable("K", with_nul),
              Fails(ErrorKind::invalid, "NUL"));
  EXPECT_THAT(Context::Builder().directory(with_nul, "/"), Fails(ErrorKind::invalid, "NUL"));
  EXPECT_THAT(Context::Builder().directory("/", with_nul), Fails(ErrorKind::invalid, "NUL"));
  EXPECT_THAT(Context::Builder().directory(with_nul, "a").virtual_root(),
              Fails(ErrorKind::invalid, "NUL"));
  EXPECT_THAT(Context::Builder().directory("/", with_nul).virtual_root(),
              Fails(ErrorKind::invalid, "NUL"));
  EXPECT_THAT(Context::Builder().stdin_file(with_nul), Fails(ErrorKind::invalid, "NUL"));
}

TEST(ContextBuilder, RefusesKeysThatCannotBe) {
  EXPECT_THAT(Context::Builder().environment_variable("", "x"), Fails(ErrorKind::invalid, "''"));
  EXPECT_THAT(Context::Builder().environment_variable("A=B", "x"),
              Fails(ErrorKind::invalid, "'A=B'"));
}

TEST(ContextBuilder, NamesTheDirectoryThatIsMissing) {
  TempTree tree;
  tree.file("file");
  for (const std::string name : {"missing", "file"}) {
    Context::Builder builder;
    builder.directory(tree.path(name), "/dir");
    EXPECT_THAT(builder, Fails(ErrorKind::io, tree.path(name)));
    EXPECT_THAT(builder.virtual_root(), Fails(ErrorKind::io, tree.path(name)));
  }
  EXPECT_THAT(Context::Builder().directory(tree.path(), ""),
              Fails(ErrorKind::invalid, "guest path"));
}

TEST(ContextBuilder, RefusesMoreDirectoriesThanDescriptors) {
  TempTree tree;
  Context::Builder builder;
  builder.directory(tree.path(), "a").directory(tree.path(), "b");
  EXPECT_TRUE(builder.limits({.open_files = 5}).build().ok());
  EXPECT_THAT(builder.limits({.open_files = 4}), Fails(ErrorKind::limit_exceeded, "directories"));
  EXPECT_TRUE(builder.virtual_root().build().ok()) << "where there is one for all";
  EXPECT_THAT(builder.limits({.open_files = 3}), Fails(ErrorKind::limit_exceeded, "directories"));
  EXPECT_THAT(builder.limits({.open_files = 2}), Fails(ErrorKind::limit_exceeded, "streams"));
}

TEST(ContextBuilder, BuildsContextsThatShareNothingTheGuestCanChange) {
  Context::Builder builder;
  builder.stdin_bytes("input").capture_stdout().mount("etc", {{"conf", "text"}});
  TestGuest a(builder), b(builder);
  EXPECT_EQ(a.read(0).second, "input");
  EXPECT_EQ(b.read(0).second, "input");
  EXPECT_EQ(a.write(1, "a"), Errno::success);
  EXPECT_EQ(b.context().captured_stdout()->take(), "");
  const uint32_t fd = a.must_open("conf");
  EXPECT_EQ(a.read(fd).second, "text");
  EXPECT_EQ(b.read(b.must_open("conf")).second, "text");
}

}  // namespace
}  // namespace swoop::wasi
