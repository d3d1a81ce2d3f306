/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_SCRUB_H
#define VNB_SCRUB_H

#include <linux/netfilter_netdev.h>
#include <linux/skbuff.h>
#include <net/sch_generic.h>

/**
 * vnb_scrub() - forget what the sender's side attached to a frame
 * @skb: the frame
 * @xnet: it changes its namespace
 *
 * What passing through a pair does, plus what netif_receive_skb() would have
 * reset had the frame been received by the device that it skips. The owner of
 * the buffer (skb->sk) stays: it is how the sender feels back pressure of the
 * wire. Borrows @skb.
 */
static inline void vnb_scrub(struct sk_buff *skb, bool xnet)
{
	skb_scrub_packet(skb, xnet);
	skb->priority = 0;
	skb_set_queue_mapping(skb, 0);
	skb_reset_redirect(skb);
	skb_skip_tc_classify(skb);	/* asks, and clears */
	nf_skip_egress(skb, false);
}

#endif /* VNB_SCRUB_H */
