// SPDX-License-Identifier: GPL-2.0
/*
 * The decision: where does a frame go? One port, many, or the host.
 * IEEE 802.1Q-2022 8.6.
 */
#include "frame.h"

#include <linux/etherdevice.h>
#include <linux/if_bridge.h>

#include "bridge.h"
#include "nf_bridge.h"
#include "trace.h"

/* May the frame leave through @out? */
static enum vnb_drop vnb_may_send(const struct vnb_frame *frame,
				  const struct vnb_port *out)
{
	u32 flags = READ_ONCE(out->flags);

	if (out == frame->in && !(flags & VNB_PORT_HAIRPIN))
		return VNB_DROP_SAME_PORT;
	if (unlikely(READ_ONCE(out->state) != BR_STATE_FORWARDING))
		return VNB_DROP_PORT_STATE;
	if (unlikely(flags & READ_ONCE(frame->in->flags) & VNB_PORT_ISOLATED))
		return VNB_DROP_ISOLATED;

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
static bool vnb_floods(const struct vnb_frame *frame,
		       const struct vnb_port *out, u32 kind)
{
	return READ_ONCE(out->flags) & kind ||
	       (kind != VNB_PORT_FLOOD && frame->in->type == VNB_PORT_LOCAL);
}

/*
 * Send the frame to every port that has @kind set, and to the host if @up.
 * Each port is served one step late, so that the last one gets the frame itself
 * and no copy is made for it. Consumes the frame.
 */
static void vnb_flood(struct vnb_frame *frame, u32 kind, bool up)
{
	struct vnb_port *port, *prev = NULL;

	trace_vnb_flood(frame->in, eth_hdr(frame->skb), frame->vid);

	list_for_each_entry_rcu(port, &frame->br->ports, list) {
		if (!vnb_floods(frame, port, kind) || vnb_may_send(frame, port))
			continue;
		if (prev)
			vnb_forward_copy(frame, prev);
		vnb_stats_inc(frame->br->vnb.stats, VNB_STAT_FLOODED);
		prev = port;
	}

	if (up && frame->in != &frame->br->local) {
		if (prev)
			vnb_forward_copy(frame, prev);
		prev = &frame->br->local;
	}

	if (prev)
		vnb_tx(frame, prev, frame->skb);
	else
		vnb_drop(&frame->br->vnb, frame->skb, VNB_DROP_NO_TARGET);
}

/* A known destination. Consumes the frame. */
static void vnb_forward_known(struct vnb_frame *frame, struct vnb_port *out,
			      bool promisc)
{
	enum vnb_drop why = vnb_may_send(frame, out);

	/* The host asked for every frame; its own it has seen already. */
	if (unlikely(promisc && out->type != VNB_PORT_LOCAL &&
		     frame->in->type != VNB_PORT_LOCAL))
		vnb_forward_copy(frame, &frame->br->local);

	if (likely(!why))
		vnb_tx(frame, out, frame->skb);
	else
		vnb_drop(&frame->br->vnb, frame->skb, why);
}

void vnb_forward(struct vnb_frame *frame)
{
	const u8 *dest = eth_hdr(frame->skb)->h_dest;
	struct vnb_bridge *br = frame->br;
	const struct vnb_fdb_entry *f;
	bool promisc;

	if (vnb_nf_bridge_blocks(br)) {
		vnb_drop(&br->vnb, frame->skb, VNB_DROP_NF_BRIDGE);
		return;
	}

	if (unlikely(is_multicast_ether_addr(dest))) {
		vnb_flood(frame, is_broadcast_ether_addr(dest) ?
			  VNB_PORT_BCAST_FLOOD : VNB_PORT_MCAST_FLOOD, true);
		return;
	}

	promisc = br->vnb.dev->flags & IFF_PROMISC;
	f = vnb_fdb_find_rcu(br, dest, frame->vid);
	if (unlikely(!f))
		vnb_flood(frame, VNB_PORT_FLOOD, promisc);
	else if (READ_ONCE(f->flags) & VNB_FDB_LOCAL)
		vnb_forward_known(frame, &br->local, false);
	else
		vnb_forward_known(frame, rcu_dereference(f->port), promisc);
}
