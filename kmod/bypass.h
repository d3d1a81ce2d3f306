/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_BYPASS_H
#define VNB_BYPASS_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/rps.h>
#include <net/sch_generic.h>

/**
 * DOC: The short cut
 *
 * A frame may skip a device of ours when nobody is entitled to see it there.
 * There is one question for each direction. It is asked for every frame and
 * nothing is remembered of the answer, so that a tap, filter or queue is in
 * force from the next frame after it was attached.
 */

/* The deepest that one frame may make this module call itself. */
#define VNB_DEPTH_MAX	5

/* What a device has to be able to send for a frame to go past it unchanged. */
#define VNB_BYPASS_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST |	\
				 NETIF_F_HW_CSUM | NETIF_F_GSO_SOFTWARE)

/**
 * vnb_may_skip_rx() - may a frame be taken as received by @dev without it?
 * @dev: a port, of ours
 * @skb: the frame
 *
 * Return: false when a tap, XDP, tc, netfilter, a VLAN device or RPS waits for
 * it there. Context: RCU read section.
 */
static inline bool vnb_may_skip_rx(const struct net_device *dev,
				   const struct sk_buff *skb)
{
	return !(rcu_access_pointer(dev->xdp_prog) ||
		 vnb_tc_ingress_active(dev) ||
		 vnb_nf_ingress_active(dev) ||
		 vnb_taps_active(dev) ||
		 (rcu_access_pointer(dev->vlan_info) &&
		  (skb_vlan_tag_present(skb) ||
		   eth_type_vlan(skb->protocol))) ||
		 vnb_rps_active(dev));
}

/* A queue of a multi-queue root has no enqueue function but may have queues. */
static inline bool vnb_has_qdisc(const struct net_device *dev)
{
	const struct Qdisc *q = rcu_dereference(dev->qdisc);

	return q->enqueue || q->flags & TCQ_F_MQROOT;
}

/* Would the core have to segment or checksum @skb before @dev could send it? */
static inline bool vnb_needs_offload(const struct net_device *dev,
				     const struct sk_buff *skb)
{
	if ((dev->features & VNB_BYPASS_FEATURES) != VNB_BYPASS_FEATURES)
		return true;

	return skb_is_gso(skb) &&
	       (skb->len > READ_ONCE(dev->gso_max_size) ||
		skb_shinfo(skb)->gso_segs > READ_ONCE(dev->gso_max_segs));
}

/**
 * vnb_may_skip_tx() - may a frame be taken as sent by @dev without it?
 * @dev: a port, of ours
 * @skb: the frame
 *
 * Return: false when a tap, tc, netfilter, a qdisc or a missing offload waits
 * for it there, or @dev cannot send. Context: RCU read section.
 */
static inline bool vnb_may_skip_tx(const struct net_device *dev,
				   const struct sk_buff *skb)
{
	return !(vnb_tc_egress_active(dev) ||
		 vnb_nf_egress_active(dev) ||
		 vnb_taps_active(dev) ||
		 vnb_has_qdisc(dev) ||
		 vnb_needs_offload(dev, skb) ||
		 !(dev->flags & IFF_UP) || !netif_carrier_ok(dev) ||
		 skb_shinfo(skb)->tx_flags & SKBTX_SCHED_TSTAMP);
}

DECLARE_PER_CPU(unsigned int, vnb_depth);

/**
 * vnb_enter() - count one level of the module calling itself
 *
 * Return: false when the frame has to be dropped; vnb_leave() is not called
 * then. Context: BH disabled.
 */
static inline bool vnb_enter(void)
{
	if (unlikely(__this_cpu_read(vnb_depth) >= VNB_DEPTH_MAX))
		return false;

	__this_cpu_inc(vnb_depth);
	return true;
}

/** vnb_leave() - the counterpart of vnb_enter() */
static inline void vnb_leave(void)
{
	__this_cpu_dec(vnb_depth);
}

#endif /* VNB_BYPASS_H */
