/* SPDX-License-Identifier: GPL-2.0 */
/* v6.12, 5f60d5f6bbc1 ("move asm/unaligned.h to linux/unaligned.h") */
#ifdef VNB_HAVE_UNALIGNED
#include_next <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif
