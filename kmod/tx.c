// SPDX-License-Identifier: GPL-2.0
/*
 * Every way a frame leaves a bridge:
 *
 *	vnb_tx_pair()		to the far end of a pair	(short cut)
 *	vnb_tx_tunnel()		into a tunnel			(short cut)
 *	vnb_tx_queue()		any device: dev_queue_xmit; the slow way of ours
 *	vnb_tx_local()		up the host interface of the bridge
 */
#include "frame.h"

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/rps.h>

#include "bridge.h"
#include "bypass.h"
#include "pair.h"
#include "scrub.h"
#include "tunnel.h"
#include "vlan.h"

/* The MTU test of every hop; data of @skb is at the network header. */
static bool vnb_fits(const struct net_device *dev, const struct sk_buff *skb)
{
	return skb->len <= READ_ONCE(dev->mtu) + VLAN_HLEN || skb_is_gso(skb);
}

/*
 * Give a frame to the stack of @dev. Never enter a stack from a sender's
 * context: the sender may hold the lock of a socket that the frame's answer is
 * for. Nor let the core go on with a device that would lead back here: a loop
 * would never leave the softirq. Both are queued instead.
 *
 * Consumes @skb, unless the core goes on with it.
 */
static int vnb_tx_up(struct vnb_frame *frame, struct sk_buff *skb,
		     struct net_device *dev)
{
	if (frame->from == VNB_FROM_XMIT || __this_cpu_read(vnb_depth) > 1 ||
	    unlikely(rcu_access_pointer(dev->rx_handler) == vnb_rx_handler))
		return __netif_rx(skb);

	/*
	 * The core would also show the frame to the protocols of the device
	 * that it came from, for which it is not meant.
	 */
	if (frame->from == VNB_FROM_HANDLER && skb == frame->skb &&
	    likely(list_empty(&frame->in->dev->ptype_specific) &&
		   !vnb_rps_active(dev))) {
		frame->another = true;
		return NET_RX_SUCCESS;
	}

	netif_receive_skb(skb);
	return NET_RX_SUCCESS;
}

/* A device without carrier or going away may have no queue at all. */
static bool vnb_has_queue(const struct net_device *dev)
{
	return netif_running(dev) && netif_carrier_ok(dev);
}

/* Consumes @skb. The ordinary way out of a device, whoever watches it. */
static void vnb_tx_queue(struct vnb_bridge *br, struct net_device *dev,
			 struct sk_buff *skb)
{
	__be16 proto;
	int depth;

	if (unlikely(!vnb_has_queue(dev))) {
		vnb_drop(&br->vnb, skb, VNB_DROP_PORT_DOWN);
		return;
	}

	skb_push(skb, ETH_HLEN);

	/* The network header is behind in-band tags; counted from the MAC's. */
	if (unlikely(skb->ip_summed == CHECKSUM_PARTIAL &&
		     eth_type_vlan(skb->protocol))) {
		proto = __vlan_get_protocol(skb, skb->protocol, &depth);
		if (!proto) {
			vnb_drop(&br->vnb, skb, VNB_DROP_TRUNCATED);
			return;
		}
		skb_set_network_header(skb, depth);
	}

	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb->dev = dev;
	dev_queue_xmit(skb);
}

/* Count a frame of @len bytes that went, or did not go, through a pair. */
static void vnb_tx_pair_count(struct net_device *from, struct net_device *to,
			      unsigned int len, int verdict)
{
	if (likely(verdict == NET_RX_SUCCESS)) {
		dev_sw_netstats_tx_add(from, 1, len);
		dev_sw_netstats_rx_add(to, len);
	} else {
		DEV_STATS_INC(from, tx_dropped);
		vnb_stats_inc(vnb_dev(from)->stats, VNB_DROP_BACKLOG);
	}
}

/* Consumes @skb. @peer is the receiving end, and up. */
static void vnb_tx_pair_fused(struct vnb_frame *frame, struct net_device *dev,
			      struct net_device *peer, struct sk_buff *skb)
{
	unsigned int len = skb->len + ETH_HLEN;

	vnb_stats_inc(vnb_dev(dev)->stats, VNB_STAT_FUSED_TX);
	vnb_scrub(skb, !net_eq(dev_net(dev), dev_net(peer)));
	skb->dev = peer;
	eth_skb_pkt_type(skb, peer);

	vnb_tx_pair_count(dev, peer, len, vnb_tx_up(frame, skb, peer));
}

/* Can the frame go from @dev to @peer? */
static enum vnb_drop vnb_pair_may_send(const struct net_device *dev,
				       const struct net_device *peer,
				       const struct sk_buff *skb)
{
	if (unlikely(!peer || !(peer->flags & IFF_UP)))
		return VNB_DROP_NO_PEER;
	if (unlikely(!vnb_fits(dev, skb) || !vnb_fits(peer, skb)))
		return VNB_DROP_TOO_BIG;

	return VNB_OK;
}

static void vnb_tx_pair(struct vnb_frame *frame, struct vnb_port *out,
			struct sk_buff *skb)
{
	struct net_device *peer = rcu_dereference(vnb_pair(out->dev)->peer);
	enum vnb_drop why = vnb_pair_may_send(out->dev, peer, skb);

	if (unlikely(why))
		vnb_pair_drop(out->dev, skb, why);
	else if (unlikely(!vnb_may_skip_tx(out->dev, skb)))
		vnb_tx_queue(out->br, out->dev, skb);
	else if (unlikely(skb_orphan_frags(skb, GFP_ATOMIC)))
		vnb_pair_drop(out->dev, skb, VNB_DROP_NO_MEMORY);
	else
		vnb_tx_pair_fused(frame, out->dev, peer, skb);
}

/*
 * What a tunnel cannot take as it is: frames that are in a tunnel already, and
 * segmentation that it does not know. The core resolves both for it.
 */
static bool vnb_tunnel_can_take(struct sk_buff *skb)
{
	const unsigned int known = SKB_GSO_TCPV4 | SKB_GSO_TCPV6 |
				   SKB_GSO_TCP_ECN | SKB_GSO_TCP_FIXEDID |
				   SKB_GSO_UDP_L4 | SKB_GSO_DODGY;

	if (unlikely(skb->encapsulation || skb_csum_is_sctp(skb)))
		return false;

	return !skb_is_gso(skb) || !(skb_shinfo(skb)->gso_type & ~known);
}

/*
 * No MTU test: the tunnel answers a frame that is too big for its path, where a
 * bridge would drop it without a word.
 */
static void vnb_tx_tunnel(struct vnb_port *out, struct sk_buff *skb)
{
	if (unlikely(!vnb_may_skip_tx(out->dev, skb) ||
		     !vnb_tunnel_can_take(skb))) {
		vnb_tx_queue(out->br, out->dev, skb);
		return;
	}

	vnb_stats_inc(vnb_dev(out->dev)->stats, VNB_STAT_FUSED_TX);
	skb_push(skb, ETH_HLEN);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb->dev = out->dev;
	vnb_tunnel_send(out->dev, skb);
}

static void vnb_tx_foreign(struct vnb_port *out, struct sk_buff *skb)
{
	if (likely(vnb_fits(out->dev, skb)))
		vnb_tx_queue(out->br, out->dev, skb);
	else
		vnb_drop(&out->br->vnb, skb, VNB_DROP_TOO_BIG);
}

static void vnb_tx_local(struct vnb_frame *frame, struct sk_buff *skb)
{
	struct vnb_bridge *br = frame->br;
	struct net_device *dev = br->vnb.dev;
	unsigned int len = skb->len;

	if (unlikely(!(dev->flags & IFF_UP))) {
		vnb_drop(&br->vnb, skb, VNB_DROP_PORT_DOWN);
		return;
	}
	if (unlikely(skb_orphan_frags(skb, GFP_ATOMIC))) {
		vnb_drop(&br->vnb, skb, VNB_DROP_NO_MEMORY);
		return;
	}

	if (ether_addr_equal(eth_hdr(skb)->h_dest, dev->dev_addr))
		skb->pkt_type = PACKET_HOST;
	skb->dev = dev;

	if (likely(vnb_tx_up(frame, skb, dev) == NET_RX_SUCCESS))
		dev_sw_netstats_rx_add(dev, len);
	else
		vnb_stats_inc(br->vnb.stats, VNB_DROP_BACKLOG);
}

void vnb_tx(struct vnb_frame *frame, struct vnb_port *out, struct sk_buff *skb)
{
	if (frame->vid && !vnb_vlan_egress(frame, out, skb))
		return;

	switch (out->type) {
	case VNB_PORT_PAIR:
		vnb_tx_pair(frame, out, skb);
		break;
	case VNB_PORT_TUNNEL:
		vnb_tx_tunnel(out, skb);
		break;
	case VNB_PORT_FOREIGN:
		vnb_tx_foreign(out, skb);
		break;
	case VNB_PORT_LOCAL:
		vnb_tx_local(frame, skb);
		break;
	}
}

/* The slow way, if it is taken, needs a queue. */
static bool vnb_tx_is_down(const struct net_device *dev,
			   const struct sk_buff *skb)
{
	return !vnb_may_skip_tx(dev, skb) && !vnb_has_queue(dev);
}

static enum vnb_drop vnb_tx_check_pair(const struct net_device *dev,
				       const struct sk_buff *skb,
				       const struct net_device **on)
{
	const struct net_device *peer = rcu_dereference(vnb_pair(dev)->peer);
	enum vnb_drop why = vnb_pair_may_send(dev, peer, skb);

	if (why)
		*on = dev;
	else if (vnb_tx_is_down(dev, skb))
		why = VNB_DROP_PORT_DOWN;

	return why;
}

/* Asks with a copy, because it is given the headers that it would have. */
static enum vnb_drop vnb_tx_check_tunnel(const struct vnb_frame *frame,
					 const struct vnb_port *out,
					 const struct net_device **on)
{
	struct sk_buff *skb;
	enum vnb_drop why;

	if (vnb_tx_is_down(out->dev, frame->skb))
		return VNB_DROP_PORT_DOWN;

	*on = out->dev;
	skb = skb_copy(frame->skb, GFP_ATOMIC);
	if (!skb)
		return VNB_DROP_NO_MEMORY;

	if (frame->vid)
		vnb_vlan_set_tag(frame, vnb_vlan_get(out, frame->vid), skb);
	skb_push(skb, ETH_HLEN);
	why = vnb_tunnel_would_send(out->dev, skb);
	consume_skb(skb);
	return why;
}

enum vnb_drop vnb_tx_check(const struct vnb_frame *frame,
			   const struct vnb_port *out,
			   const struct net_device **on)
{
	const struct net_device *dev = out->dev;

	switch (out->type) {
	case VNB_PORT_PAIR:
		return vnb_tx_check_pair(dev, frame->skb, on);
	case VNB_PORT_TUNNEL:
		return vnb_tx_check_tunnel(frame, out, on);
	case VNB_PORT_FOREIGN:
		if (!vnb_fits(dev, frame->skb))
			return VNB_DROP_TOO_BIG;
		return vnb_has_queue(dev) ? VNB_OK : VNB_DROP_PORT_DOWN;
	default:
		return dev->flags & IFF_UP ? VNB_OK : VNB_DROP_PORT_DOWN;
	}
}

void vnb_tx_peer(struct net_device *from, struct net_device *to,
		 struct sk_buff *skb)
{
	enum vnb_drop why = vnb_pair_may_receive(to, skb);
	unsigned int len = skb->len;

	if (unlikely(why)) {
		vnb_pair_drop(from, skb, why);
		return;
	}
	if (unlikely(skb_orphan_frags(skb, GFP_ATOMIC))) {
		vnb_pair_drop(from, skb, VNB_DROP_NO_MEMORY);
		return;
	}

	vnb_scrub(skb, !net_eq(dev_net(from), dev_net(to)));
	skb->protocol = eth_type_trans(skb, to);
	skb_postpull_rcsum(skb, eth_hdr(skb), ETH_HLEN);
	vnb_tx_pair_count(from, to, len, __netif_rx(skb));
}
