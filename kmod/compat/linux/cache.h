/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/cache.h>

#ifndef VNB_COMPAT_LINUX_CACHE_H
#define VNB_COMPAT_LINUX_CACHE_H

/* v6.8, aeb9ce058d7c ("cache: enforce cache groups") */
#ifndef __cacheline_group_begin
#define __cacheline_group_begin(GROUP) \
	__u8 __cacheline_group_begin__##GROUP[0]
#define __cacheline_group_end(GROUP) \
	__u8 __cacheline_group_end__##GROUP[0]
#endif

#endif /* VNB_COMPAT_LINUX_CACHE_H */
