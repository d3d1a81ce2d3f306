/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/neighbour.h>

#ifndef VNB_COMPAT_LINUX_NEIGHBOUR_H
#define VNB_COMPAT_LINUX_NEIGHBOUR_H

/* v6.2, in NDA_FLAGS_EXT. As in linux/if_link.h: never changes. */
#ifndef NTF_EXT_LOCKED
#define NTF_EXT_LOCKED	BIT(1)
#endif

#endif /* VNB_COMPAT_LINUX_NEIGHBOUR_H */
