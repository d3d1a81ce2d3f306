/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/route.h>

/* v6.10, 05d6d492097c ("inet: introduce dst_rtable() helper") */
#ifndef dst_rtable
#define dst_rtable(_ptr) container_of_const(_ptr, struct rtable, dst)
#endif
