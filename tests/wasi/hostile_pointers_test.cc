// Pointers and sizes that do not fit the memory, in every parameter of every function of both
// previews. The table gives the functions, so that a new one is covered when it is added. Run under
// AddressSanitizer this is what shows that no guest pointer reaches host memory unchecked.
#include "tests/wasi/test_guest.h"

namespace swoop::wasi {
namespace {

constexpr uint32_t kPath = 128;
constexpr uint32_t kScratch = 1024;

// Arguments with which each call gets far enough to use its pointers.
struct Sample {
  std::string_view function;
  std::vector<uint64_t> args;
  std::vector<size_t> pointers;
};

std::vector<Sample> samples(uint32_t file) {
  constexpr uint64_t kOut = kScratch;
  constexpr uint64_t kOut2 = kScratch + 256;
  constexpr uint64_t kIov = 512;  // one buffer of 16 bytes
  return {
      {"args_get", {kOut, kOut2}, {0, 1}},
      {"args_sizes_get", {kOut, kOut2}, {0, 1}},
      {"environ_get", {kOut, kOut2}, {0, 1}},
      {"environ_sizes_get", {kOut, kOut2}, {0, 1}},
      {"clock_res_get", {0, kOut}, {1}},
      {"clock_time_get", {0, 0, kOut}, {2}},
      {"fd_advise", {file, 0, 1, 0}, {}},
      {"fd_allocate", {file, 0, 1}, {}},
      {"fd_close", {99}, {}},
      {"fd_datasync", {file}, {}},
      {"fd_fdstat_get", {file, kOut}, {1}},
      {"fd_fdstat_set_flags", {file, 0}, {}},
      {"fd_fdstat_set_rights", {file, 0, 0}, {}},
      {"fd_filestat_get", {file, kOut}, {1}},
      {"fd_filestat_set_size", {file, 10}, {}},
      {"fd_filestat_set_times", {file, 1, 1, 5}, {}},
      {"fd_pread", {file, kIov, 1, 0, kOut}, {1, 4}},
      {"fd_prestat_get", {3, kOut}, {1}},
      {"fd_prestat_dir_name", {3, kOut, 1}, {1}},
      {"fd_pwrite", {file, kIov, 1, 0, kOut}, {1, 4}},
      {"fd_read", {file, kIov, 1, kOut}, {1, 3}},
      {"fd_readdir", {3, kOut, 256, 0, kOut2 + 256}, {1, 4}},
      {"fd_renumber", {file, file}, {}},
      {"fd_seek", {file, 0, 0, kOut}, {3}},
      {"fd_sync", {file}, {}},
      {"fd_tell", {file, kOut}, {1}},
      {"fd_write", {file, kIov, 1, kOut}, {1, 3}},
      {"path_create_directory", {3, kPath, 4}, {1}},
      {"path_filestat_get", {3, 0, kPath, 4, kOut}, {2, 4}},
      {"path_filestat_set_times", {3, 0, kPath, 4, 1, 1, 5}, {2}},
      {"path_link", {3, 0, kPath, 4, 3, kPath, 4}, {2, 5}},
      {"path_open", {3, 0, kPath, 4, 0, kReadWrite, 0, 0, kOut}, {2, 8}},
      {"path_readlink", {3, kPath, 4, kOut, 64, kOut2}, {1, 3, 5}},
      {"path_remove_directory", {3, kPath, 4}, {1}},
      {"path_rename", {3, kPath, 4, 3, kPath, 4}, {1, 4}},
      {"path_symlink", {kPath, 4, 3, kPath, 4}, {0, 3}},
      {"path_unlink_file", {3, kPath, 4}, {1}},
      {"poll_oneoff", {kOut, kOut2, 1, kOut2 + 64}, {0, 1, 3}},
      {"proc_exit", {0}, {}},
      {"proc_raise", {6}, {}},
      {"sched_yield", {}, {}},
      {"random_get", {kOut, 64}, {0}},
      {"sock_accept", {file, 0, kOut}, {}},
      {"sock_recv", {file, kIov, 1, 0, kOut, kOut2}, {}},
      {"sock_send", {file, kIov, 1, 0, kOut}, {}},
      {"sock_shutdown", {file, 0}, {}},
  };
}

class HostilePointers : public ::testing::TestWithParam<Version> {
 protected:
  HostilePointers() : guest_(make_builder(tree_), GetParam()) {
    tree_.file("file", "0123456789");
    std::ranges::copy(std::string_view("file"), guest_.bytes.begin() + kPath);
    guest_.store<uint32_t>(512, 600);
    guest_.store<uint32_t>(516, 16);
    file_ = guest_.must_open("file", 0, kReadWrite);
    std::ranges::copy(std::string_view("file"), guest_.bytes.begin() + kPath);
  }

  static Context::Builder make_builder(const TempTree& tree) {
    Context::Builder builder = TestGuest::in(tree);
    builder.argv0("program").argument("x").environment_variable("KEY", "value");
    return builder;
  }

  Outcome call(const Sample& sample, const std::vector<uint64_t>& args) {
    GuestMemory memory(guest_.bytes);
    return find_function(GetParam(), sample.function)->call(guest_.context(), memory, args.data());
  }

  TempTree tree_;
  TestGuest guest_;
  uint32_t file_;
};

INSTANTIATE_TEST_SUITE_P(Previews, HostilePointers,
                         ::testing::Values(Version::unstable, Version::preview1));

TEST_P(HostilePointers, TheSamplesAreAllFunctions) {
  const auto all = samples(file_);
  for (const Function& function : functions(GetParam())) {
    const auto sample = std::ranges::find(all, function.name, &Sample::function);
    ASSERT_NE(sample, all.end()) << function.name;
    EXPECT_EQ(sample->args.size(), function.signature.find('_')) << function.name;
  }
}

TEST_P(HostilePointers, ATrapIsWhatABadPointerGets) {
  for (const Sample& sample : samples(file_)) {
    if (find_function(GetParam(), sample.function) == nullptr) continue;
    for (const size_t parameter : sample.pointers) {
      const auto end = static_cast<uint32_t>(guest_.bytes.size());
      for (const uint32_t bad : {0xfffffff0u, 0xffffffffu, 0x80000000u, end - 1, end, end + 1}) {
        // One byte is all that these read or write there.
        if (sample.function == "fd_prestat_dir_name" && bad == end - 1) continue;
        std::vector<uint64_t> args = sample.args;
        args[parameter] = bad;
        const Outcome outcome = call(sample, args);
        EXPECT_EQ(outcome.kind, Outcome::trap)
            << sample.function << " parameter " << parameter << " = " << bad;
      }
    }
  }
}

// Every parameter, pointer or not, with every other one as it should be: whatever the answer is, it
// is an answer.
TEST_P(HostilePointers, NoValueOfAnyParameterDoesHarm) {
  constexpr uint64_t kValues[] = {0,          1,          2,          5,          0xff,
                                  0xffff,     0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
                                  1ull << 32, 1ull << 62, INT64_MAX,  1ull << 63, UINT64_MAX};
  for (const Sample& sample : samples(file_)) {
    const Function* const function = find_function(GetParam(), sample.function);
    // That one may wait for ever, if asked to: poll_test.cc.
    if (function == nullptr || sample.function == "poll_oneoff") continue;
    for (size_t parameter = 0; parameter < sample.args.size(); ++parameter) {
      for (const uint64_t value : kValues) {
        std::vector<uint64_t> args = sample.args;
        args[parameter] = value;
        // Half a terabyte of a sparse file is legal, but unkind to the machine that runs the test.
        if (sample.function == "fd_allocate" && value > 0xffff && value <= INT64_MAX) continue;
        call(sample, args);
      }
    }
    guest_.call("fd_filestat_set_size", {file_, 10});
  }
}

TEST_P(HostilePointers, BuffersOfAnIovecAreCheckedToo) {
  const uint32_t iov = 512;
  for (const std::string_view function : {"fd_read", "fd_write", "fd_pread", "fd_pwrite"}) {
    const bool positioned = function.starts_with("fd_p");
    for (const auto& [data, size] :
         {std::pair{0xfffffff0u, 0x20u}, std::pair{16u, 0xffffffffu},
          std::pair{0x80000000u, 0x80000000u},
          std::pair{static_cast<uint32_t>(guest_.bytes.size()) - 1, 2u}}) {
      guest_.store<uint32_t>(iov + 8, data);
      guest_.store<uint32_t>(iov + 12, size);
      std::vector<uint64_t> args = {file_, iov, 2, kScratch};
      if (positioned) args.insert(args.begin() + 3, 0);
      GuestMemory memory(guest_.bytes);
      const Outcome outcome =
          find_function(GetParam(), function)->call(guest_.context(), memory, args.data());
      EXPECT_EQ(outcome.kind, Outcome::trap) << function << " " << data << "+" << size;
    }
  }
}

TEST_P(HostilePointers, CountsDoNotOverflowWhenMultiplied) {
  const auto trap_of = [&](std::string_view name, std::initializer_list<uint64_t> args) {
    return guest_.outcome(name, args).kind;
  };
  EXPECT_EQ(trap_of("fd_read", {file_, 512, 0x20000000, kScratch}), Outcome::trap);
  EXPECT_EQ(trap_of("fd_write", {file_, 512, 0xffffffff, kScratch}), Outcome::trap);
  EXPECT_EQ(trap_of("poll_oneoff", {512, 512, 0x08000000, kScratch}), Outcome::trap);
  EXPECT_EQ(trap_of("poll_oneoff", {512, 512, 1u << 26, kScratch}), Outcome::trap);
  EXPECT_EQ(trap_of("poll_oneoff", {512, 512, 0xffffffff, kScratch}), Outcome::trap);
  EXPECT_EQ(trap_of("random_get", {0, 0xffffffff}), Outcome::trap);
  EXPECT_EQ(trap_of("fd_readdir", {3, 0, 0xffffffff, 0, kScratch}), Outcome::trap);
  EXPECT_EQ(trap_of("path_create_directory", {3, 0, 0xffffffff}), Outcome::trap);
}

TEST_P(HostilePointers, ACallThatTrapsHasOpenedNothing) {
  for (int i = 0; i < 2000; ++i) {
    guest_.outcome("path_open", {3, 0, kPath, 4, oflags::kCreat, kReadWrite, 0, 0, 0xffffffff});
  }
  EXPECT_EQ(guest_.must_open("file"), file_ + 1);
}

// A guest without any memory is possible; every pointer of it is a bad one.
TEST_P(HostilePointers, AnEmptyMemoryIsNoExcuse) {
  for (const Sample& sample : samples(file_)) {
    const Function* const function = find_function(GetParam(), sample.function);
    if (function == nullptr || sample.pointers.empty()) continue;
    GuestMemory memory({});
    EXPECT_EQ(function->call(guest_.context(), memory, sample.args.data()).kind, Outcome::trap)
        << sample.function;
  }
}

}  // namespace
}  // namespace swoop::wasi
