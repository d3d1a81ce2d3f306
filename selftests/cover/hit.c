// SPDX-License-Identifier: GPL-2.0
/*
 * Linked into a vnetbr that is built with VNB_COVER=y: what the compiler calls
 * at the start of each block of code, in whatever context it runs.
 */
#include "vnb_cover.h"

#include <linux/compiler.h>
#include <linux/instruction_pointer.h>

void __sanitizer_cov_trace_pc(void);

/*
 * Not the kernel's own, which needs CONFIG_KCOV and knows tasks only; so does
 * its word for the attribute, without which this would call itself.
 */
__attribute__((no_sanitize_coverage))
void __sanitizer_cov_trace_pc(void)
{
	unsigned long at = _RET_IP_ - (unsigned long)vnb_cover_code;

	if (at < VNB_COVER_SIZE && !READ_ONCE(vnb_cover_map[at]))
		WRITE_ONCE(vnb_cover_map[at], 1);
}
