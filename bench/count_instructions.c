// A plugin of qemu-user that counts the instructions that a program executes in code it has made
// itself: in memory that mprotect() made executable. `bench/compare instructions` builds and uses
// it, with `hot` for a listing of the blocks that were executed most:
//
//   qemu-aarch64 -plugin libcount_instructions.so,hot=on build/aarch64/cli/swoop run program.wasm
//
// Debian's packages do not have qemu-plugin.h; this declares what is used of version 1 of the
// interface. An instruction that faults ends its block, which still counts as a whole.
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t Id;
typedef struct qemu_plugin_tb Block;
typedef struct qemu_plugin_insn Insn;
typedef struct {
  const char* target_name;
} Info;

void qemu_plugin_register_vcpu_tb_trans_cb(Id id, void (*callback)(Id, Block*));
void qemu_plugin_register_vcpu_syscall_cb(Id id,
                                          void (*callback)(Id, unsigned, int64_t, uint64_t,
                                                           uint64_t, uint64_t, uint64_t, uint64_t,
                                                           uint64_t, uint64_t, uint64_t));
void qemu_plugin_register_atexit_cb(Id id, void (*callback)(Id, void*), void* data);
void qemu_plugin_register_vcpu_tb_exec_inline(Block* block, int op, void* counter, uint64_t add);
size_t qemu_plugin_tb_n_insns(const Block* block);
uint64_t qemu_plugin_tb_vaddr(const Block* block);
Insn* qemu_plugin_tb_get_insn(const Block* block, size_t index);
char* qemu_plugin_insn_disas(const Insn* insn);

enum { kAddU64 = 0, kProtExec = 4, kMaxRanges = 4096, kMaxBlocks = 1 << 20, kShown = 40 };

static struct { uint64_t begin, end; } ranges[kMaxRanges];
static size_t num_ranges;
static int64_t mprotect_number;
static uint64_t executed;

static struct Hot {
  uint64_t address, runs;
  size_t size;
  char** text;
} * blocks;  // null unless wanted
static size_t num_blocks;

static void on_syscall(Id id, unsigned cpu, int64_t number, uint64_t address, uint64_t size,
                       uint64_t protection, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7,
                       uint64_t a8) {
  (void)id, (void)cpu, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number != mprotect_number || (protection & kProtExec) == 0) return;
  if (num_ranges == kMaxRanges) {
    fprintf(stderr, "count_instructions: too much code memory\n");
    abort();
  }
  ranges[num_ranges].begin = address;
  ranges[num_ranges++].end = address + size;
}

static void on_translation(Id id, Block* block) {
  (void)id;
  const uint64_t address = qemu_plugin_tb_vaddr(block);
  bool counts = false;
  for (size_t i = 0; i < num_ranges && !counts; ++i)
    counts = address >= ranges[i].begin && address < ranges[i].end;
  if (!counts) return;
  const size_t size = qemu_plugin_tb_n_insns(block);
  qemu_plugin_register_vcpu_tb_exec_inline(block, kAddU64, &executed, size);
  if (blocks == NULL || num_blocks == kMaxBlocks) return;
  struct Hot* hot = &blocks[num_blocks++];
  hot->address = address;
  hot->size = size;
  hot->text = malloc(size * sizeof *hot->text);
  for (size_t i = 0; i < size; ++i)
    hot->text[i] = qemu_plugin_insn_disas(qemu_plugin_tb_get_insn(block, i));
  qemu_plugin_register_vcpu_tb_exec_inline(block, kAddU64, &hot->runs, 1);
}

static int by_share(const void* left, const void* right) {
  const struct Hot* a = left;
  const struct Hot* b = right;
  const uint64_t x = a->runs * a->size, y = b->runs * b->size;
  return x < y ? 1 : x > y ? -1 : 0;
}

static void on_end(Id id, void* data) {
  (void)id, (void)data;
  fprintf(stderr, "instructions %" PRIu64 "\n", executed);
  if (blocks == NULL) return;
  qsort(blocks, num_blocks, sizeof *blocks, by_share);
  for (size_t i = 0; i < num_blocks && i < kShown; ++i) {
    const struct Hot* hot = &blocks[i];
    fprintf(stderr, "\n%.1f %%, %" PRIu64 " times, at %" PRIx64 "\n",
            100.0 * (double)(hot->runs * hot->size) / (double)executed, hot->runs, hot->address);
    for (size_t j = 0; j < hot->size; ++j) fprintf(stderr, "    %s\n", hot->text[j]);
  }
}

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

__attribute__((visibility("default"))) int qemu_plugin_install(Id id, const Info* info, int argc,
                                                               char** argv) {
  mprotect_number = strcmp(info->target_name, "aarch64") == 0 ? 226 : 10;
  for (int i = 0; i < argc; ++i)
    if (strncmp(argv[i], "hot=", 4) == 0) blocks = calloc(kMaxBlocks, sizeof *blocks);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
  qemu_plugin_register_atexit_cb(id, on_end, NULL);
  return 0;
}
