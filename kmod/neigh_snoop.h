/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_NEIGH_SNOOP_H
#define VNB_NEIGH_SNOOP_H

#include <linux/rhashtable.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>

struct vnb_bridge;
struct vnb_frame;

/**
 * DOC: Snooped neighbours
 *
 * With neigh_snoop, a bridge notes who says in ARP and neighbour discovery to
 * have an address, for each VLAN, and answers from that what the neighbour
 * table of the host does not know. So neigh_suppress needs neither a control
 * plane nor a VLAN device on top of the bridge.
 *
 * As with any ARP, who lies is believed: the newest word counts. But a port
 * that does not learn, because it is locked or was told so, is not listened to,
 * nor is who uses a link address that the forwarding table has elsewhere. And
 * who is no more in the forwarding table is not answered for.
 */

/* A hostile wire fills this much and no more; users can change it. */
#define VNB_SNOOP_MAX_DEFAULT	4096
#define VNB_SNOOP_MAX_LIMIT	65536

/**
 * struct vnb_snoop - the snooped neighbours of one bridge
 */
struct vnb_snoop {
	/** @table: struct vnb_snooped by VLAN and address */
	struct rhashtable	table;

	/** @lock: orders writers; softirq takes it to learn */
	spinlock_t		lock;

	/** @seq: link addresses, which change in place, under @lock */
	seqcount_spinlock_t	seq;

	/** @max: most of them, 1 to %VNB_SNOOP_MAX_LIMIT; RTNL */
	u32			max;

	/** @n: how many there are, under @lock */
	u32			n;
};

/**
 * vnb_snoop_init() - an empty table
 * @br: bridge it belongs to
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_snoop_init(struct vnb_bridge *br);

/**
 * vnb_snoop_uninit() - free the table and what is in it
 * @br: bridge it belongs to; no frame is on its way any more, nothing ages
 *
 * Context: process.
 */
void vnb_snoop_uninit(struct vnb_bridge *br);

/**
 * vnb_snoop_flush() - forget all
 * @br: the bridge
 *
 * Nothing comes after that if VNB_BRIDGE_NEIGH_SNOOP is off by now.
 * Context: process, may sleep.
 */
void vnb_snoop_flush(struct vnb_bridge *br);

/**
 * vnb_snoop_age() - forget who was not heard of
 * @br: the bridge
 * @time: for how long, in jiffies
 *
 * Context: process, may sleep.
 * Return: jiffies until somebody else may be forgotten, @time at most.
 */
unsigned long vnb_snoop_age(struct vnb_bridge *br, unsigned long time);

/**
 * vnb_snoop() - note what a frame says of its sender, if anything
 * @frame: any frame from a port that forwards it; is borrowed
 *
 * What is checked is of RFC 826, RFC 5227 2.1.1, and RFC 4861 7.1 and 7.2.
 * Failure to note it is not an error: the question is flooded.
 * Context: softirq or BH disabled, RCU read section.
 */
void vnb_snoop(const struct vnb_frame *frame);

/**
 * vnb_snoop_find() - who has an address?
 * @frame: who asks, of which the skb is not looked at
 * @proto: ETH_P_ARP or ETH_P_IPV6, big endian
 * @ip: address of IPv4 or IPv6
 * @addr: gets the link address
 * @router: gets whether it says that it is a router
 *
 * A rule without an effect. Context: RCU read section.
 * Return: whether that is known.
 */
bool vnb_snoop_find(const struct vnb_frame *frame, __be16 proto, const void *ip,
		    u8 *addr, bool *router);

#endif /* VNB_NEIGH_SNOOP_H */
