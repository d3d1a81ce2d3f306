/* SPDX-License-Identifier: GPL-2.0 */
/* Instructions of a length that no compiler makes: the plugin that counts
 * instructions finds the measured part by them.
 */
#ifndef VNB_INJECT_MARK_H
#define VNB_INJECT_MARK_H

#ifdef __x86_64__
#define NOP_14 ".byte 0x66,0x66,0x66,0x66,0x66,0x2e,0x0f,0x1f,0x84,0,0,0,0,0\n"
#define NOP_15 ".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x2e,0x0f,0x1f,0x84,0,0,0,0,0\n"
#else
#define NOP_14 ""
#define NOP_15 ""
#endif

static inline __attribute__((always_inline)) void mark_begin(void)
{
	asm volatile(NOP_15 NOP_14 NOP_15 ::: "memory");
}

static inline __attribute__((always_inline)) void mark_end(void)
{
	asm volatile(NOP_14 NOP_15 NOP_14 ::: "memory");
}

#endif
