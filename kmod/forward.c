// SPDX-License-Identifier: GPL-2.0
/*
 * The decision: where does a frame go? One port, many, or the host.
 * IEEE 802.1Q-2022 8.6.
 */
#include "frame.h"

#include <linux/etherdevice.h>
#include <linux/if_bridge.h>
#include <net/pkt_cls.h>

#include "bridge.h"
#include "forward.h"
#include "mst.h"
#include "neigh.h"
#include "nf_bridge.h"
#include "trace.h"
#include "vlan.h"

/*
 * Private VLANs (RFC 5517): are two ports, of which neither is promiscuous,
 * kept apart?
 */
static noinline bool vnb_keeps_apart(const struct vnb_port *in,
				     const struct vnb_port *out)
{
	if ((READ_ONCE(in->flags) | READ_ONCE(out->flags)) & VNB_PORT_ISOLATED)
		return true;

	return READ_ONCE(in->community) != READ_ONCE(out->community);
}

/* Is it the host, and does it ask for every frame, of whatever VLAN? */
static noinline bool vnb_wants_all(const struct vnb_port *out)
{
	return out->type == VNB_PORT_LOCAL && out->dev->flags & IFF_PROMISC;
}

enum vnb_drop vnb_may_send(const struct vnb_frame *frame,
			   const struct vnb_port *out)
{
	u32 flags = READ_ONCE(out->flags);

	if (out == frame->in && !(flags & VNB_PORT_HAIRPIN))
		return VNB_DROP_SAME_PORT;
	if (unlikely(vnb_port_vlan_state(out, flags, frame->vid) !=
		     BR_STATE_FORWARDING))
		return VNB_DROP_PORT_STATE;
	if (unlikely(flags & READ_ONCE(frame->in->flags) & VNB_PORT_PRIVATE) &&
	    vnb_keeps_apart(frame->in, out))
		return VNB_DROP_ISOLATED;
	if (frame->vid && unlikely(!vnb_vlan_is_member(out, frame->vid)))
		return vnb_wants_all(out) ? VNB_OK : VNB_DROP_VLAN_EGRESS;

	return VNB_OK;
}

/* Send a copy through @out. Borrows the frame. */
static void vnb_forward_copy(struct vnb_frame *frame, struct vnb_port *out)
{
	struct sk_buff *copy = skb_clone(frame->skb, GFP_ATOMIC);

	if (likely(copy))
		vnb_tx(frame, out, copy);
	else
		vnb_stats_inc(frame->br->vnb.stats, VNB_DROP_NO_MEMORY);
}

/* The options for groups are for what comes in: the host may always send. */
bool vnb_floods(const struct vnb_frame *frame, const struct vnb_port *out,
		u32 kind, u32 avoid)
{
	u32 flags = READ_ONCE(out->flags);

	if (unlikely(flags & avoid) &&
	    vnb_neigh_avoids(out, frame->vid, avoid))
		return false;

	return flags & kind ||
	       (kind != VNB_PORT_FLOOD && frame->in->type == VNB_PORT_LOCAL);
}

/*
 * Send the frame to every port that has @kind set, and to the host if @up.
 * Each port is served one step late, so that the last one gets the frame itself
 * and no copy is made for it. Consumes the frame.
 *
 * Apart, because what it needs on the stack would cost the ordinary frame.
 */
static noinline_for_stack void
vnb_flood(struct vnb_frame *frame, u32 kind, bool up)
{
	struct vnb_port *port, *prev = NULL;
	u32 avoid = VNB_NEIGH_NEVER;

	if (unlikely(READ_ONCE(frame->br->n_neigh_ports)))
		avoid |= vnb_neigh_answer(frame);

	/* as in-tree: all but broadcasts are looked for */
	vnb_tc_set_l2_miss(frame->skb, kind != VNB_PORT_BCAST_FLOOD);

	trace_vnb_flood(frame->in, eth_hdr(frame->skb), frame->vid);

	list_for_each_entry_rcu(port, &frame->br->ports, list) {
		if (!vnb_floods(frame, port, kind, avoid) ||
		    vnb_may_send(frame, port))
			continue;
		if (prev)
			vnb_forward_copy(frame, prev);
		vnb_stats_inc(frame->br->vnb.stats, VNB_STAT_FLOODED);
		prev = port;
	}

	if (up) {
		if (prev)
			vnb_forward_copy(frame, prev);
		prev = &frame->br->local;
	}

	if (prev)
		vnb_tx(frame, prev, frame->skb);
	else
		vnb_drop_in(frame->in, frame->skb, VNB_DROP_NO_TARGET);
}

/* A known destination. Consumes the frame. */
static void vnb_forward_known(struct vnb_frame *frame, struct vnb_port *out,
			      bool up)
{
	enum vnb_drop why = vnb_may_send(frame, out);

	/* another bridge may not have found it */
	vnb_tc_set_l2_miss(frame->skb, false);

	/* The host asked for every frame. */
	if (unlikely(up))
		vnb_forward_copy(frame, &frame->br->local);

	if (likely(!why))
		vnb_tx(frame, out, frame->skb);
	else
		vnb_drop_in(frame->in, frame->skb, why);
}

void vnb_forward(struct vnb_frame *frame)
{
	const u8 *dest = eth_hdr(frame->skb)->h_dest;
	struct vnb_target to;

	if (vnb_nf_bridge_blocks(frame->br)) {
		vnb_drop_in(frame->in, frame->skb, VNB_DROP_NF_BRIDGE);
		return;
	}

	to = vnb_find_target(frame, dest);
	if (likely(to.port))
		vnb_forward_known(frame, to.port, to.up);
	else
		vnb_flood(frame, to.flood, to.up);
}
