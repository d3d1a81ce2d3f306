// SPDX-License-Identifier: GPL-2.0
/*
 * Every way a frame enters a bridge, and what a bridge does before it decides:
 *
 *	vnb_rx_handler()	a foreign port; ours, when somebody watches them
 *	vnb_rx_pair()		the far end of a pair sends	(short cut)
 *	vnb_rx_tunnel()		a tunnel decapsulated		(short cut)
 *	vnb_rx_local()		the bridge's host interface sends
 *
 * All end in vnb_rx(): check, learn, vnb_forward().
 */
#include "frame.h"

#include <linux/etherdevice.h>
#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "bridge.h"
#include "bypass.h"
#include "locked.h"
#include "mst.h"
#include "pair.h"
#include "scrub.h"
#include "tunnel.h"
#include "vlan.h"

DEFINE_PER_CPU(unsigned int, vnb_depth);

/* Last nibble of a reserved address (802.1Q-2022 table 8-1). */
#define VNB_GROUP_PAUSE		1	/* 802.3 31B: never leaves a link */

/*
 * What belongs to the customer of a provider bridge, BPDUs among it: it has an
 * address of its own for that (802.1Q-2022 tables 8-1 and 8-2).
 */
#define VNB_GROUPS_OF_CUSTOMER	(BIT(0x0) | BIT(0xb) | BIT(0xc) | BIT(0xd) | \
				 BIT(0xf))

/* What few ports ask for. Says why the frame is not wanted. Borrows it. */
static noinline enum vnb_drop vnb_rx_special(const struct vnb_frame *frame,
					     u8 state)
{
	struct vnb_port *port = frame->in;
	enum vnb_drop why;

	why = vnb_locked_check(port, eth_hdr(frame->skb)->h_source, frame->vid);
	/* not charged for what goes nowhere */
	if (why || state != BR_STATE_FORWARDING)
		return why;

	return vnb_storm_check(frame);
}

/* Check, learn, forward. Consumes the frame unless it goes on elsewhere. */
static void vnb_rx(struct vnb_frame *frame)
{
	struct vnb_port *port = frame->in;
	u32 opts = READ_ONCE(frame->br->opts);
	u8 state = READ_ONCE(port->state);
	enum vnb_drop why;

	if (unlikely(!is_valid_ether_addr(eth_hdr(frame->skb)->h_source))) {
		vnb_drop_in(port, frame->skb, VNB_DROP_INVALID_SOURCE);
		return;
	}

	if (unlikely(!vnb_port_state_learns(state) &&
		     !vnb_mst_decides(port, opts))) {
		vnb_drop_in(port, frame->skb, VNB_DROP_PORT_STATE);
		return;
	}

	if (opts & VNB_BRIDGE_VLAN_FILTERING) {
		if (!vnb_vlan_ingress(frame))
			return;
		if (unlikely(opts & VNB_BRIDGE_MST))
			state = vnb_mst_state(port, frame->vid);
	}

	if (unlikely(READ_ONCE(port->flags) & VNB_PORT_RX_SPECIAL)) {
		why = vnb_rx_special(frame, state);
		if (why) {
			vnb_drop_in(port, frame->skb, why);
			return;
		}
	}

	if (READ_ONCE(port->flags) & VNB_PORT_LEARNS) {
		why = vnb_fdb_learn(port, eth_hdr(frame->skb)->h_source,
				    frame->vid);
		if (unlikely(why)) {
			vnb_drop_in(port, frame->skb, why);
			return;
		}
	}

	if (unlikely(state != BR_STATE_FORWARDING)) {
		vnb_drop_in(port, frame->skb, VNB_DROP_PORT_STATE);
		return;
	}

	if (unlikely(opts & VNB_BRIDGE_NEIGH_SNOOP))
		vnb_snoop(frame);
	vnb_forward(frame);
}

bool vnb_rx_learns_reserved(const struct vnb_port *port,
			    const struct sk_buff *skb, u16 *vid)
{
	u32 opts = READ_ONCE(port->br->opts);
	u32 flags = READ_ONCE(port->flags);

	*vid = 0;
	if (opts & VNB_BRIDGE_NO_LL_LEARN || !(flags & VNB_PORT_LEARNS) ||
	    !is_valid_ether_addr(eth_hdr(skb)->h_source))
		return false;

	if (opts & VNB_BRIDGE_VLAN_FILTERING &&
	    vnb_vlan_classify(port, READ_ONCE(port->br->vlan_proto), skb, vid))
		return false;

	return vnb_port_state_learns(vnb_port_vlan_state(port, flags, *vid));
}

/* Learn from a frame that is not to be forwarded. Borrows @skb. */
static void vnb_rx_learn_only(struct vnb_port *port, const struct sk_buff *skb)
{
	u16 vid;

	if (vnb_rx_learns_reserved(port, skb, &vid))
		vnb_fdb_learn(port, eth_hdr(skb)->h_source, vid);
}

/* The reserved groups that are forwarded, bit = last nibble. */
static u16 vnb_rx_group_mask(const struct vnb_port *port)
{
	const struct vnb_bridge *br = port->br;
	u16 mask = READ_ONCE(br->group_fwd_mask) |
		   READ_ONCE(port->group_fwd_mask);

	if (vnb_bridge_is_provider(br))
		mask |= VNB_GROUPS_OF_CUSTOMER;

	return mask;
}

/* For the bridge itself: the kernel runs spanning tree. Consumes @skb. */
static void vnb_rx_bpdu(struct vnb_port *port, struct sk_buff *skb)
{
	enum vnb_drop why = vnb_stp_rcv(port, skb);

	if (why)
		vnb_drop_in(port, skb, why);
	else
		consume_skb(skb);
}

enum vnb_reserved vnb_rx_reserved_verdict(const struct vnb_port *port,
					  const struct sk_buff *skb)
{
	unsigned int group = eth_hdr(skb)->h_dest[5];
	bool ours = group == vnb_stp_group(port->br);
	u8 stp = READ_ONCE(port->br->stp.mode);
	u16 mask = vnb_rx_group_mask(port);

	if (group == VNB_GROUP_PAUSE)
		return VNB_RESERVED_DROP;
	if (ours && stp != VNB_STP_OFF)
		mask = 0;
	if (mask & BIT(group))
		return VNB_RESERVED_FORWARD;
	if (ours && stp == VNB_STP_KERNEL &&
	    skb->protocol == htons(ETH_P_802_2) && !skb_vlan_tag_present(skb))
		return VNB_RESERVED_BPDU;

	return VNB_RESERVED_PASS;
}

/*
 * A frame to a reserved address stays on its link (802.1Q-2022 8.6.3): it is
 * for daemons on the port itself (LLDP, LACP, 802.1X, spanning tree), unless
 * the user lets its group through.
 *
 * Consumes @skb with RX_HANDLER_CONSUMED. RX_HANDLER_ANOTHER stands for
 * "forward it".
 */
static noinline rx_handler_result_t
vnb_rx_reserved(struct vnb_port *port, struct sk_buff *skb)
{
	switch (vnb_rx_reserved_verdict(port, skb)) {
	case VNB_RESERVED_FORWARD:
		return RX_HANDLER_ANOTHER;
	case VNB_RESERVED_DROP:
		vnb_drop_in(port, skb, VNB_DROP_RESERVED_ADDRESS);
		return RX_HANDLER_CONSUMED;
	case VNB_RESERVED_BPDU:
		vnb_rx_learn_only(port, skb);
		vnb_rx_bpdu(port, skb);
		return RX_HANDLER_CONSUMED;
	default:
		vnb_rx_learn_only(port, skb);
		return RX_HANDLER_PASS;
	}
}

/*
 * The data of @skb does not begin behind an Ethernet header. "mirred ingress"
 * hands over what a device without link layer sends: neither is there a header,
 * nor room to write one. What follows a tag comes from a VLAN device with
 * reorder_hdr off, which has put its tag back for taps, except for ports of the
 * kernel's own bridge; or from "vlan push" of tc, before 6.11.
 *
 * Return: whether there is one now.
 */
static noinline bool vnb_rx_find_header(struct sk_buff *skb)
{
	u8 *mac = skb_mac_header(skb);

	if (skb->data != mac + VLAN_ETH_HLEN)
		return false;

	if (!is_vlan_dev(skb->dev)) {
		if (!eth_type_vlan(skb->protocol))
			return false;
		skb_push_rcsum(skb, VLAN_HLEN);
		skb_reset_network_header(skb);
		skb_reset_mac_len(skb);
		return true;
	}

	if (skb_cow_head(skb, 0))
		return false;
	mac = skb_mac_header(skb);
	memmove(mac + VLAN_HLEN, mac, 2 * ETH_ALEN);
	skb->mac_header += VLAN_HLEN;
	skb_reset_mac_len(skb);
	return true;
}

rx_handler_result_t vnb_rx_handler(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	rx_handler_result_t verdict;
	struct vnb_frame frame;
	struct vnb_port *port;

	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;

	/*
	 * Not vnb_port_get_rcu(): the handler may have been taken away since
	 * the core found it, and its data stays until we return.
	 */
	port = rcu_dereference(skb->dev->rx_handler_data);

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb)) {
		vnb_stats_inc(port->br->vnb.stats, VNB_DROP_NO_MEMORY);
		vnb_port_count_drop(port);
		return RX_HANDLER_CONSUMED;
	}
	*pskb = skb;

	if (unlikely(skb->data != skb_mac_header(skb) + ETH_HLEN) &&
	    !vnb_rx_find_header(skb)) {
		vnb_drop_in(port, skb, VNB_DROP_TRUNCATED);
		return RX_HANDLER_CONSUMED;
	}

	if (unlikely(is_link_local_ether_addr(eth_hdr(skb)->h_dest))) {
		verdict = vnb_rx_reserved(port, skb);
		if (verdict != RX_HANDLER_ANOTHER)
			return verdict;
	}

	frame = (struct vnb_frame) {
		.br	= port->br,
		.in	= port,
		.skb	= skb,
		.from	= VNB_FROM_HANDLER,
	};

	if (unlikely(!vnb_enter())) {
		vnb_drop_in(port, skb, VNB_DROP_RECURSION);
		return RX_HANDLER_CONSUMED;
	}
	vnb_rx(&frame);
	vnb_leave();

	*pskb = frame.skb;
	return frame.another ? RX_HANDLER_ANOTHER : RX_HANDLER_CONSUMED;
}

/*
 * What receiving on @dev does to a frame before rx_handlers see it: one form of
 * VLAN tag, in the skb. Consumes @skb and returns NULL if that fails.
 */
static struct sk_buff *vnb_rx_untag(struct vnb_dev *vnb, struct sk_buff *skb)
{
	if (likely(!eth_type_vlan(skb->protocol)))
		return skb;

	skb = skb_vlan_untag(skb);
	if (unlikely(!skb))
		vnb_stats_inc(vnb->stats, VNB_DROP_TRUNCATED);
	return skb;
}

/* The short cut from one end of a pair to the bridge behind the other. */
static void vnb_rx_pair_fused(struct net_device *end, struct net_device *peer,
			      struct vnb_port *port, struct sk_buff *skb)
{
	struct vnb_frame frame = {
		.br	= port->br,
		.in	= port,
		.from	= VNB_FROM_XMIT,
	};

	dev_sw_netstats_tx_add(end, 1, skb->len);
	dev_sw_netstats_rx_add(peer, skb->len);
	vnb_stats_inc(vnb_dev(peer)->stats, VNB_STAT_FUSED_RX);

	vnb_scrub(skb, !net_eq(dev_net(end), dev_net(peer)));
	/* Never trust protocol and headers of a sender: AF_PACKET sets both. */
	skb->protocol = eth_type_trans(skb, peer);
	skb_postpull_rcsum(skb, eth_hdr(skb), ETH_HLEN);
	/* as if received there: "indev" of tc, ingress_ifindex of BPF */
	skb->skb_iif = peer->ifindex;

	frame.skb = vnb_rx_untag(vnb_dev(peer), skb);
	if (unlikely(!frame.skb))
		return;
	skb_reset_network_header(frame.skb);
	vnb_rx(&frame);
}

void vnb_rx_pair(struct net_device *end, struct net_device *peer,
		 struct vnb_port *port, struct sk_buff *skb)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;
	enum vnb_drop why = vnb_pair_may_receive(peer, skb);

	if (unlikely(why)) {
		vnb_pair_drop(end, skb, why);
		return;
	}

	if (unlikely(!vnb_enter())) {
		vnb_pair_drop(end, skb, VNB_DROP_RECURSION);
		return;
	}

	/* The stack of @peer is meant by reserved addresses: the slow way. */
	if (unlikely(!vnb_may_skip_rx(peer, skb) ||
		     is_link_local_ether_addr(eth->h_dest)))
		vnb_tx_peer(end, peer, skb);
	else
		vnb_rx_pair_fused(end, peer, port, skb);

	vnb_leave();
}

void vnb_rx_tunnel(struct vnb_tunnel *tun, struct sk_buff *skb)
{
	struct vnb_frame frame = { .from = VNB_FROM_RX };
	struct vnb_dev *vnb = &tun->vnb;

	frame.in = rcu_dereference(vnb->port);
	if (!frame.in || !vnb_may_skip_rx(vnb->dev, skb) ||
	    is_link_local_ether_addr(eth_hdr(skb)->h_dest) ||
	    vnb_decap_wants_gro(tun, skb)) {
		vnb_decap_deliver(tun, skb);
		return;
	}

	if (unlikely(!vnb_enter())) {
		vnb_drop(vnb, skb, VNB_DROP_RECURSION);
		return;
	}

	vnb_stats_inc(vnb->stats, VNB_STAT_FUSED_RX);
	frame.br = frame.in->br;
	skb->skb_iif = vnb->dev->ifindex;
	frame.skb = vnb_rx_untag(vnb, skb);
	if (likely(frame.skb)) {
		skb_reset_network_header(frame.skb);
		vnb_rx(&frame);
	}

	vnb_leave();
}

netdev_tx_t vnb_rx_local(struct sk_buff *skb, struct net_device *dev)
{
	struct vnb_bridge *br = vnb_bridge(dev);
	struct vnb_frame frame = {
		.br	= br,
		.in	= &br->local,
		.skb	= skb,
		.from	= VNB_FROM_XMIT,
	};

	if (unlikely(!pskb_may_pull(skb, ETH_HLEN))) {
		vnb_drop_in(&br->local, skb, VNB_DROP_TRUNCATED);
		DEV_STATS_INC(dev, tx_dropped);
		return NETDEV_TX_OK;
	}

	rcu_read_lock();
	if (unlikely(!vnb_enter())) {
		vnb_drop_in(&br->local, skb, VNB_DROP_RECURSION);
		goto unlock;
	}

	dev_sw_netstats_tx_add(dev, 1, skb->len);
	skb_reset_mac_header(skb);
	skb_pull(skb, ETH_HLEN);
	if (!vnb_bridge_filters(br) || vnb_vlan_ingress(&frame))
		vnb_forward(&frame);
	vnb_leave();

unlock:
	rcu_read_unlock();
	return NETDEV_TX_OK;
}
