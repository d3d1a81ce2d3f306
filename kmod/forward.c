// SPDX-License-Identifier: GPL-2.0
/*
 * The decision: where does a frame go? One port, many, or the host.
 * IEEE 802.1Q-2022 8.6.
 */
#include "frame.h"

#include <linux/etherdevice.h>
#include <linux/if_bridge.h>

#include "bridge.h"
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

/* May the frame leave through @out? */
static enum vnb_drop vnb_may_send(const struct vnb_frame *frame,
				  const struct vnb_port *out)
{
	u32 flags = READ_ONCE(out->flags);

	if (out == frame->in && !(flags & VNB_PORT_HAIRPIN))
		return VNB_DROP_SAME_PORT;
	if (unlikely(READ_ONCE(out->state) != BR_STATE_FORWARDING))
		return VNB_DROP_PORT_STATE;
	if (unlikely(flags & READ_ONCE(frame->in->flags) & VNB_PORT_PRIVATE) &&
	    vnb_keeps_apart(frame->in, out))
		return VNB_DROP_ISOLATED;
	if (frame->vid && unlikely(!vnb_vlan_is_member(out, frame->vid)))
		return VNB_DROP_VLAN_EGRESS;

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
		       const struct vnb_port *out, u32 kind, u32 avoid)
{
	u32 flags = READ_ONCE(out->flags);

	if (unlikely(flags & avoid))
		return false;

	return flags & kind ||
	       (kind != VNB_PORT_FLOOD && frame->in->type == VNB_PORT_LOCAL);
}

/*
 * May the host have a frame that is not only for it? It gets what is in its
 * VLANs, or everything if it asks for that.
 */
static bool vnb_may_go_up(const struct vnb_frame *frame, bool promisc)
{
	return promisc || !frame->vid ||
	       vnb_vlan_is_member(&frame->br->local, frame->vid);
}

/*
 * Send the frame to every port that has @kind set, and to the host if @up.
 * Each port is served one step late, so that the last one gets the frame itself
 * and no copy is made for it. Consumes the frame.
 */
static void vnb_flood(struct vnb_frame *frame, u32 kind, bool up)
{
	struct vnb_port *port, *prev = NULL;
	u32 avoid = VNB_PORT_PROXYARP;

	if (unlikely(READ_ONCE(frame->br->n_neigh_ports)))
		avoid |= vnb_neigh_answer(frame);

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
	enum vnb_drop why;

	if (unlikely(READ_ONCE(out->flags) & VNB_PORT_BACKUP))
		out = vnb_backup_redirect(out);
	why = vnb_may_send(frame, out);

	if (unlikely(why == VNB_DROP_VLAN_EGRESS && promisc &&
		     out->type == VNB_PORT_LOCAL))
		why = VNB_OK;

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
	bool promisc = br->vnb.dev->flags & IFF_PROMISC;

	if (vnb_nf_bridge_blocks(br)) {
		vnb_drop(&br->vnb, frame->skb, VNB_DROP_NF_BRIDGE);
		return;
	}

	if (unlikely(is_multicast_ether_addr(dest))) {
		vnb_flood(frame, is_broadcast_ether_addr(dest) ?
			  VNB_PORT_BCAST_FLOOD : VNB_PORT_MCAST_FLOOD,
			  vnb_may_go_up(frame, promisc));
		return;
	}

	/* To the address of a port the host sends through that port. */
	f = vnb_fdb_lookup_rcu(br, dest, frame->vid);
	if (unlikely(!f))
		vnb_flood(frame, VNB_PORT_FLOOD, promisc);
	else if (READ_ONCE(f->flags) & VNB_FDB_LOCAL &&
		 frame->in->type != VNB_PORT_LOCAL)
		vnb_forward_known(frame, &br->local, promisc);
	else
		vnb_forward_known(frame, rcu_dereference(f->port), promisc);
}
