/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/flow.h>

#ifndef VNB_COMPAT_NET_FLOW_H
#define VNB_COMPAT_NET_FLOW_H

#include <net/inet_dscp.h>

/**
 * vnb_fl4_set_dscp - have the DSCP of an outer packet choose its route
 * @fl4: key of the route lookup
 * @tos: TOS byte of the packet; its ECN bits do not count
 */
static inline void vnb_fl4_set_dscp(struct flowi4 *fl4, u8 tos)
{
#ifdef VNB_HAVE_FLOWI4_DSCP
	fl4->flowi4_dscp = inet_dsfield_to_dscp(tos);
#else
	/* v6.18, 1bec9d0c0046 ("ipv4: Convert ->flowi4_tos to dscp_t.") */
	fl4->flowi4_tos = tos & INET_DSCP_MASK;
#endif
}

#endif /* VNB_COMPAT_NET_FLOW_H */
