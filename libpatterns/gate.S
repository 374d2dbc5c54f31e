/* SPDX-License-Identifier: BSD-2-Clause */
/* The gate of the machine that this is compiled for. */
#if defined(__x86_64__)
#include "gate_x86_64.S"
#elif defined(__i386__)
#include "gate_i386.S"
#elif defined(__aarch64__)
#include "gate_aarch64.S"
#elif defined(__riscv) && __riscv_xlen == 64
#include "gate_riscv64.S"
#else
#error "no gate for this machine: write gate_<machine>.S after the others and add it here"
#endif
