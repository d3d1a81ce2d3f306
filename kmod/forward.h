/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FORWARD_H
#define VNB_FORWARD_H

#include <linux/etherdevice.h>

#include "bridge.h"
#include "frame.h"
#include "vlan.h"

/**
 * struct vnb_target - where a destination address is
 */
struct vnb_target {
	/** @entry: of the forwarding table; NULL for none */
	const struct vnb_fdb_entry *entry;

	/** @port: the only one; NULL: all that vnb_floods() */
	struct vnb_port		*port;

	/** @flood: without @port: VNB_PORT_*FLOOD that the ports have */
	u32			flood;

	/** @up: the host gets the frame, too */
	bool			up;
};

/*
 * May the host have a frame that is not only for it? It gets what is in its
 * VLANs, or everything if it asks for that, but nothing that it has sent.
 */
static inline bool vnb_may_go_up(const struct vnb_frame *frame, bool promisc)
{
	return frame->in->type != VNB_PORT_LOCAL &&
	       (promisc || !frame->vid ||
		vnb_vlan_is_member(&frame->br->local, frame->vid));
}

/**
 * vnb_find_target() - where to?
 * @frame: the frame, of which the skb is not looked at
 * @dest: its destination address
 *
 * A rule without an effect, as vnb_may_send(). Context: RCU read section.
 *
 * Return: the answer. While a port with a backup has no link, that is where its
 * addresses are.
 */
static inline struct vnb_target vnb_find_target(const struct vnb_frame *frame,
						const u8 *dest)
{
	struct vnb_bridge *br = frame->br;
	bool promisc = br->vnb.dev->flags & IFF_PROMISC;
	const struct vnb_fdb_entry *f;
	struct vnb_target to = { };

	if (unlikely(is_multicast_ether_addr(dest))) {
		to.flood = is_broadcast_ether_addr(dest) ?
			   VNB_PORT_BCAST_FLOOD : VNB_PORT_MCAST_FLOOD;
		to.up = vnb_may_go_up(frame, promisc);
		return to;
	}

	to.up = unlikely(promisc) && frame->in->type != VNB_PORT_LOCAL;
	f = vnb_fdb_lookup_rcu(br, dest, frame->vid);
	to.entry = f;
	if (unlikely(!f)) {
		to.flood = VNB_PORT_FLOOD;
	} else if (READ_ONCE(f->flags) & VNB_FDB_LOCAL &&
		   frame->in->type != VNB_PORT_LOCAL) {
		to.port = &br->local;
		to.up = false;
	} else {
		/* To the address of a port the host sends through that port. */
		to.port = rcu_dereference(f->port);
		if (unlikely(READ_ONCE(to.port->flags) & VNB_PORT_BACKUP))
			to.port = vnb_backup_redirect(to.port);
		to.up = to.up && to.port->type != VNB_PORT_LOCAL;
	}

	return to;
}

#endif /* VNB_FORWARD_H */
