/* SPDX-License-Identifier: GPL-2.0 */
/* v6.5, 7b4858df3bf7 ("skbuff: bridge: Add layer 2 miss indication"). */
#include_next <net/pkt_cls.h>

#ifndef VNB_COMPAT_NET_PKT_CLS_H
#define VNB_COMPAT_NET_PKT_CLS_H

/**
 * vnb_tc_set_l2_miss() - note for filters with l2_miss that a frame is flooded
 * @skb: the frame
 * @miss: whether its destination address was not found
 *
 * Costs nothing while there is no such filter. Without memory, and on kernels
 * without CONFIG_NET_TC_SKB_EXT, filters do not match. Context: any.
 */
static inline void vnb_tc_set_l2_miss(struct sk_buff *skb, bool miss)
{
#if defined(VNB_HAVE_L2_MISS) && IS_ENABLED(CONFIG_NET_TC_SKB_EXT)
	struct tc_skb_ext *ext;

	if (!tc_skb_ext_tc_enabled())
		return;

	if (skb_ext_exist(skb, TC_SKB_EXT))
		/* a copy, if clones have it, too */
		ext = skb_ext_add(skb, TC_SKB_EXT);
	else
		ext = miss ? tc_skb_ext_alloc(skb) : NULL;
	if (ext)
		ext->l2_miss = miss;
#endif
}

#endif /* VNB_COMPAT_NET_PKT_CLS_H */
