// What tests know of the machine that they run on, as far as it needs no assembler: code as bytes,
// and what C++ says nothing about in registers. See tests/jit/host_assembler.h for the rest.
#pragma once

#include <array>
#include <cstdint>

namespace swoop {

/// Code by parts, each of which begins where its constant says: functions by the C convention, and
/// instructions that fault.
struct FaultingCode {
#if defined(__aarch64__)
  static constexpr uint32_t kBytes[] = {
      0xb9400000,  //  0: ldr w0, [x0]
      0xd65f03c0,  //  4: ret
      0x12800000,  //  8: mov w0, #-1
      0xd65f03c0,  // 12: ret
      0x00000000,  // 16: udf #0
  };
  static constexpr unsigned kLoad = 0, kReturnMinusOne = 8, kIllegal = 16;
  static constexpr bool kHasDivision = false;  // gives 0 without a fault
  static constexpr unsigned kDivision = 0;
  static constexpr unsigned kIllegalBytes = 4;
#else
  static constexpr uint8_t kBytes[] = {
      0x8b, 0x07,                          //  0: mov eax, [rdi]
      0xc3,                                //  2: ret
      0xb8, 0xff, 0xff, 0xff, 0xff, 0xc3,  //  3: mov eax, -1; ret
      0x0f, 0x0b,                          //  9: ud2
      0x31, 0xd2, 0x31, 0xc9,              // 11: xor edx, edx; xor ecx, ecx
      0xf7, 0xf1,                          // 15: div ecx
  };
  static constexpr unsigned kLoad = 0, kReturnMinusOne = 3, kIllegal = 9;
  static constexpr bool kHasDivision = true;
  static constexpr unsigned kDivision = 11;
  static constexpr unsigned kIllegalBytes = 2;
#endif
};

#if defined(__aarch64__)
inline constexpr uint32_t kReturn42[] = {0x52800540, 0xd65f03c0};  // mov w0, #42; ret
/// The frame's registers among the general ones, by number.
inline constexpr std::array<unsigned, 1> kFrameRegisterNumbers = {29};
#else
inline constexpr uint8_t kReturn42[] = {0xb8, 42, 0, 0, 0, 0xc3};  // mov eax, 42; ret
inline constexpr std::array<unsigned, 2> kFrameRegisterNumbers = {4, 5};
#endif

/// Puts 100 + n into each general register n but those of the frame, meets an illegal instruction,
/// and returns the sum of the registers after that.
inline uint64_t sum_of_registers_after_a_fault() {
#if defined(__aarch64__)
  register uint64_t sum asm("x0");
  asm volatile(
      ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,30\n"
      "mov x\\n, #(100 + \\n)\n"
      ".endr\n"
      "udf #0\n"
      ".irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,30\n"
      "add x0, x0, x\\n\n"
      ".endr\n"
      : "=r"(sum)
      :
      : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
        "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27",
        "x28", "x30", "cc", "memory");
#else
  uint64_t sum = 0;
  asm volatile(
      "mov $100, %%eax\n mov $101, %%ecx\n mov $102, %%edx\n mov $103, %%ebx\n"
      "mov $106, %%esi\n mov $107, %%edi\n mov $108, %%r8d\n mov $109, %%r9d\n"
      "mov $110, %%r10d\n mov $111, %%r11d\n mov $112, %%r12d\n mov $113, %%r13d\n"
      "mov $114, %%r14d\n mov $115, %%r15d\n ud2\n"
      "add %%rcx, %%rax\n add %%rdx, %%rax\n add %%rbx, %%rax\n add %%rsi, %%rax\n"
      "add %%rdi, %%rax\n add %%r8, %%rax\n add %%r9, %%rax\n add %%r10, %%rax\n"
      "add %%r11, %%rax\n add %%r12, %%rax\n add %%r13, %%rax\n add %%r14, %%rax\n"
      "add %%r15, %%rax\n"
      : "=&a"(sum)
      :
      : "rcx", "rdx", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
        "cc", "memory");
#endif
  return sum;
}

/// Overwrites every register, or part of one, that a C++ function need not preserve.
inline void clobber_what_cpp_may() {
#if defined(__aarch64__)
  asm volatile(
      ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n"
      "mov x\\n, #-1\n"
      ".endr\n"
      ".irp n,0,1,2,3,4,5,6,7,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
      "movi v\\n\\().16b, #255\n"
      ".endr\n"
      ".irp n,8,9,10,11,12,13,14,15\n"
      "mov v\\n\\().d[1], x0\n"
      ".endr\n"
      :
      :
      : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
        "x14", "x15", "x16", "x17", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17",
        "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30",
        "v31", "memory");
#else
  asm volatile(
      "mov $-1, %%rax\n mov %%rax, %%rcx\n mov %%rax, %%rdx\n mov %%rax, %%rsi\n"
      "mov %%rax, %%rdi\n mov %%rax, %%r8\n mov %%rax, %%r9\n mov %%rax, %%r10\n"
      "mov %%rax, %%r11\n"
      "pcmpeqd %%xmm0, %%xmm0\n pcmpeqd %%xmm7, %%xmm7\n pcmpeqd %%xmm8, %%xmm8\n"
      "pcmpeqd %%xmm9, %%xmm9\n pcmpeqd %%xmm10, %%xmm10\n pcmpeqd %%xmm11, %%xmm11\n"
      "pcmpeqd %%xmm12, %%xmm12\n pcmpeqd %%xmm13, %%xmm13\n pcmpeqd %%xmm14, %%xmm14\n"
      "pcmpeqd %%xmm15, %%xmm15\n"
      :
      :
      : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm7", "xmm8", "xmm9",
        "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
#endif
}

/// Calls `function(first, second)` with a canary in every register that C++ relies on. Gives what
/// it returned, and tells whether all of them came back.
inline bool keeps_cpp_registers(const void* function, const void* first, const void* second,
                                uint64_t* result) {
  const void* const call[] = {function, first, second};
#if defined(__aarch64__)
  register uint64_t returned asm("x0");
  register uint64_t wrong asm("x1") = reinterpret_cast<uintptr_t>(call);
  asm volatile(
      "ldp x16, x0, [x1]\n ldr x1, [x1, #16]\n"
      "sub sp, sp, #16\n mov x17, sp\n stp x17, x29, [sp]\n"
      ".irp n,19,20,21,22,23,24,25,26,27,28\n"
      "mov x\\n, #\\n\n"
      ".endr\n"
      ".irp n,8,9,10,11,12,13,14,15\n"
      "mov x17, #\\n\n fmov d\\n, x17\n"
      ".endr\n"
      "blr x16\n"
      "ldp x1, x16, [sp]\n"
      "mov x17, sp\n eor x1, x1, x17\n eor x16, x16, x29\n orr x1, x1, x16\n"
      ".irp n,19,20,21,22,23,24,25,26,27,28\n"
      "sub x17, x\\n, #\\n\n orr x1, x1, x17\n"
      ".endr\n"
      ".irp n,8,9,10,11,12,13,14,15\n"
      "fmov x17, d\\n\n sub x17, x17, #\\n\n orr x1, x1, x17\n"
      ".endr\n"
      "add sp, sp, #16\n"
      : "=r"(returned), "+r"(wrong)
      :
      : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
        "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28",
        "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",
        "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",
        "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
#else
  uint64_t wrong = 0;
  uint64_t returned = 0;
  asm volatile(
      "lea -128(%%rsp), %%rsp\n"  // past the red zone
      "push %%rbx\n push %%r12\n push %%r13\n push %%r14\n push %%r15\n push %%rbp\n"
      "mov %%rsp, %%rbp\n sub $256, %%rsp\n and $-16, %%rsp\n push %%rbp\n push %%rbp\n"
      "mov $0x51, %%ebx\n mov $0x52, %%r12d\n mov $0x53, %%r13d\n mov $0x54, %%r14d\n"
      "mov $0x55, %%r15d\n"
      "mov 8(%[call]), %%rdi\n mov 16(%[call]), %%rsi\n"
      "call *(%[call])\n"
      "xor $0x51, %%rbx\n xor $0x52, %%r12\n xor $0x53, %%r13\n xor $0x54, %%r14\n"
      "xor $0x55, %%r15\n"
      "or %%r12, %%rbx\n or %%r13, %%rbx\n or %%r14, %%rbx\n or %%r15, %%rbx\n"
      "mov (%%rsp), %%rcx\n xor %%rbp, %%rcx\n or %%rbx, %%rcx\n"
      "mov (%%rsp), %%rsp\n"
      "pop %%rbp\n pop %%r15\n pop %%r14\n pop %%r13\n pop %%r12\n pop %%rbx\n"
      "lea 128(%%rsp), %%rsp\n"
      : "=&a"(returned), "=&c"(wrong)
      : [call] "0"(call)
      : "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
        "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
        "xmm15", "cc", "memory");
#endif
  *result = returned;
  return wrong == 0;
}

}  // namespace swoop
