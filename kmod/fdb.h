/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FDB_H
#define VNB_FDB_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>

#include "drop.h"
#include "news.h"

struct vnb_bridge;
struct vnb_port;

/**
 * struct vnb_fdb_key - what an entry is looked up by (802.1Q-2022 8.8)
 */
struct vnb_fdb_key {
	/** @addr: individual address */
	u8	addr[ETH_ALEN];

	/** @vid: VLAN, 0 for all of them */
	u16	vid;
};

/* Bits of vnb_fdb_entry.flags. */
#define VNB_FDB_LOCAL		BIT(0)	/* of the bridge: deliver up */
#define VNB_FDB_STATIC		BIT(1)	/* not aged, not moved */
#define VNB_FDB_STICKY		BIT(2)	/* aged unless static, never moved */
#define VNB_FDB_EXT_LEARNED	BIT(3)	/* owned by a control plane, not aged */
#define VNB_FDB_USER		BIT(4)	/* made by a user */
#define VNB_FDB_LEARNED		BIT(5)	/* made by learning, counts to limits */
#define VNB_FDB_GONE		BIT(6)	/* unlinked; some may still read it */
#define VNB_FDB_LOOP		BIT(7)	/* moved too often: bound to its home */
#define VNB_FDB_LOCKED		BIT(8)	/* heard of on a port with MAB only */
#define VNB_FDB_NOTIFY		BIT(9)	/* tell when it is silent, and after */
#define VNB_FDB_INACTIVE	BIT(10)	/* silent for the ageing time; told */

/**
 * struct vnb_fdb_entry - one address
 *
 * Read under RCU. Written under vnb_fdb.lock.
 */
struct vnb_fdb_entry {
	/** @node: in vnb_fdb.table */
	struct rhash_head	node;

	/** @key: constant */
	struct vnb_fdb_key	key;

	/**
	 * @port: where the address is. Read once per frame; replaced as a
	 * whole when the address moves.
	 */
	struct vnb_port __rcu	*port;

	/**
	 * @used: jiffies when the address was last a source. Written by the
	 * path at most every VNB_FDB_TOUCH jiffies, unless it moves, because
	 * all CPUs read this line.
	 */
	unsigned long		used;

	/**
	 * @updated: jiffies when @port or @flags but VNB_FDB_INACTIVE changed
	 * last, or when the address was heard of on another port
	 */
	unsigned long		updated;

	/** @flags: VNB_FDB_* */
	u16			flags;

	/**
	 * @home: number of the port where it was for VNB_FDB_REST last, or was
	 * first, or where a user has put it since
	 */
	u16			home;

	/** @moves: how often it moved without VNB_FDB_REST in between */
	u32			moves;

	/** @list: on vnb_fdb.list, RCU, for dumps */
	struct list_head	list;

	/** @serial: order in @list, see struct vnb_fdb_dump; constant */
	unsigned long		serial;

	union {
		/**
		 * @port_node: on vnb_port.fdb, so that a flush costs its port
		 * only; not used by those who read
		 */
		struct hlist_node	port_node;

		/** @rcu: frees the entry after the last reader */
		struct rcu_head		rcu;
	};

	/** @proto: RTPROT_* of the control plane that made it, or 0 */
	u8			proto;
};

#define VNB_FDB_TOUCH		(HZ / 8)

/* How long an address has to stay for its moves to be forgotten. */
#define VNB_FDB_REST		HZ

/**
 * struct vnb_fdb - forwarding table of one bridge
 */
struct vnb_fdb {
	/** @table: entries by key */
	struct rhashtable	table;

	/** @ageing_time: jiffies until an entry that is not seen is removed */
	unsigned long		ageing_time;

	/** @max_learned: most learned entries of the bridge, 0 is no limit */
	u32			max_learned;

	/** @max_port_learned: most learned entries of a port, 0 is no limit */
	u32			max_port_learned;

	/** @max_vlan_learned: most learned entries of a VLAN, 0 is no limit */
	u32			max_vlan_learned;

	/** @max_moves: most moves of an address in a row, 0 is no limit */
	u32			max_moves;

	/** @lock: orders writers; softirq takes it to learn */
	spinlock_t		lock ____cacheline_aligned_in_smp;

	/** @n_learned: learned entries, under @lock */
	u32			n_learned;

	/**
	 * @n_vlan_learned: of each VLAN, under @lock; NULL while nothing was
	 * ever learned in one
	 */
	u32			*n_vlan_learned;

	/** @list: all entries, changed under @lock, read under RCU */
	struct list_head	list;

	/** @serial: of the entry that comes next, under @lock */
	unsigned long		serial;

	/**
	 * @shared_addr: two ports had the same address once; under RTNL. Spares
	 * all others a look at every port when one leaves.
	 */
	bool			shared_addr;

	/** @ageing: removes old entries; queued while the bridge is up */
	struct delayed_work	ageing;

	/** @news: changes that listeners are to be told */
	struct vnb_news		news;
};

/**
 * struct vnb_fdb_filter - which entries a flush removes
 */
struct vnb_fdb_filter {
	/** @port: only entries of this port; NULL for all */
	const struct vnb_port	*port;
	/** @vid: only this VLAN; ignored unless @has_vid */
	u16			vid;
	/** @has_vid: @vid is meant */
	bool			has_vid;
	/** @left_vlans: only of VLANs that @port is not in any more */
	bool			left_vlans;
	/**
	 * @closed_vlans: only of VLANs in which @port does not learn, and what
	 * was learned in none, if it does not there
	 */
	bool			closed_vlans;
	/** @flags: value that the bits in @mask have to have */
	u16			flags;
	/** @mask: VNB_FDB_* bits that are compared with @flags */
	u16			mask;
};

/**
 * vnb_fdb_init() - an empty table
 * @br: bridge it belongs to
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_fdb_init(struct vnb_bridge *br);

/**
 * vnb_fdb_uninit() - free the table and what is in it
 * @br: bridge it belongs to; no frame is on its way any more
 *
 * Context: process.
 */
void vnb_fdb_uninit(struct vnb_bridge *br);

/**
 * vnb_fdb_count_vlans() - count what is learned in each VLAN from now on
 * @br: the bridge
 *
 * Comes before anything is learned in a VLAN; the numbers stay for good. 16 KB.
 * Context: process, RTNL.
 * Return: 0 or -ENOMEM.
 */
int vnb_fdb_count_vlans(struct vnb_bridge *br);

/**
 * vnb_fdb_start_ageing() - the bridge is up
 * @br: the bridge
 *
 * Context: process, RTNL.
 */
void vnb_fdb_start_ageing(struct vnb_bridge *br);

/**
 * vnb_fdb_stop_ageing() - the bridge is down
 * @br: the bridge
 *
 * Waits for a running pass. Context: process, RTNL.
 */
void vnb_fdb_stop_ageing(struct vnb_bridge *br);

/**
 * vnb_fdb_set_ageing_time() - change it and look at all entries again
 * @br: the bridge
 * @time: jiffies
 *
 * Context: RTNL.
 */
void vnb_fdb_set_ageing_time(struct vnb_bridge *br, unsigned long time);

/**
 * vnb_fdb_find_rcu() - look an entry up
 * @br: the bridge
 * @addr: address
 * @vid: its VLAN, 0 for the one that is for all VLANs
 *
 * Return: the entry or NULL. Context: RCU read section.
 */
struct vnb_fdb_entry *vnb_fdb_find_rcu(struct vnb_bridge *br, const u8 *addr,
				       u16 vid);

/**
 * vnb_fdb_find_any_rcu() - look an address up that is not known in a VLAN
 * @br: the bridge
 * @addr: address
 * @vid: the VLAN, not 0
 *
 * Return: the entry without a VLAN, if it is for this one: it was not learned,
 * and its port is in the VLAN. Else NULL.
 * Context: RCU read section.
 */
struct vnb_fdb_entry *vnb_fdb_find_any_rcu(struct vnb_bridge *br,
					   const u8 *addr, u16 vid);

/**
 * vnb_fdb_lookup_rcu() - where is an address of a VLAN?
 * @br: the bridge
 * @addr: address
 * @vid: VLAN, 0 while the bridge does not filter
 *
 * Return: the entry or NULL. Context: RCU read section.
 */
static inline struct vnb_fdb_entry *
vnb_fdb_lookup_rcu(struct vnb_bridge *br, const u8 *addr, u16 vid)
{
	struct vnb_fdb_entry *f = vnb_fdb_find_rcu(br, addr, vid);

	return f || !vid ? f : vnb_fdb_find_any_rcu(br, addr, vid);
}

/**
 * vnb_fdb_learn() - note that a source address was seen (802.1Q-2022 8.7)
 * @port: port that the frame came from, with VNB_PORT_LEARNING
 * @addr: valid individual address
 * @vid: VLAN
 *
 * Failure to learn is counted, and no error: the address is flooded to.
 * Context: softirq, RCU read section.
 *
 * Return: %VNB_OK, or why the frame must not be forwarded: its source comes
 * from several ports in turn, which means that its frames go round in a loop.
 */
enum vnb_drop vnb_fdb_learn(struct vnb_port *port, const u8 *addr, u16 vid);

/**
 * vnb_fdb_learn_new() - enter an address that is not in the table
 * @port: port that it was heard of on
 * @addr: valid individual address
 * @vid: VLAN
 * @flags: %VNB_FDB_LEARNED, and %VNB_FDB_LOCKED for a port with VNB_PORT_MAB
 *
 * Part of vnb_fdb_learn(). Notifies listeners.
 * Context: softirq, RCU read section.
 */
void vnb_fdb_learn_new(struct vnb_port *port, const u8 *addr, u16 vid,
		       u16 flags);

/** vnb_fdb_touch() - note that an address was a source just now */
static inline void vnb_fdb_touch(struct vnb_fdb_entry *f)
{
	if (jiffies - READ_ONCE(f->used) > VNB_FDB_TOUCH)
		WRITE_ONCE(f->used, jiffies);
}

/**
 * vnb_fdb_wake() - an address with VNB_FDB_INACTIVE is heard of again
 * @port: where it is heard of; elsewhere than it is, that changes nothing
 * @f: its entry
 *
 * Notifies listeners. Context: softirq or BH disabled, RCU read section.
 */
void vnb_fdb_wake(struct vnb_port *port, struct vnb_fdb_entry *f);

/**
 * enum vnb_learn - what becomes of a source address
 * @VNB_LEARN_KNOWN: it is known at this port
 * @VNB_LEARN_NEW: it is learned
 * @VNB_LEARN_MOVED: it is learned here and forgotten elsewhere
 * @VNB_LEARN_STAYS: an entry that does not move has it elsewhere
 * @VNB_LEARN_OWN: it is an address of the bridge
 * @VNB_LEARN_LIMIT: a limit is reached
 * @VNB_LEARN_NEVER: the ageing time is zero
 * @VNB_LEARN_LOOP: it moves too often: the frame is dropped
 */
enum vnb_learn {
	VNB_LEARN_KNOWN,
	VNB_LEARN_NEW,
	VNB_LEARN_MOVED,
	VNB_LEARN_STAYS,
	VNB_LEARN_OWN,
	VNB_LEARN_LIMIT,
	VNB_LEARN_NEVER,
	VNB_LEARN_LOOP,
};

/**
 * vnb_fdb_would_learn() - what would vnb_fdb_learn() do?
 * @port: as for vnb_fdb_learn()
 * @addr: as for vnb_fdb_learn()
 * @vid: as for vnb_fdb_learn()
 * @entry: out: the present entry of @addr, or NULL
 *
 * Changes nothing. Context: RCU read section.
 *
 * Return: the answer; the frame is dropped for %VNB_LEARN_LOOP only.
 */
enum vnb_learn vnb_fdb_would_learn(const struct vnb_port *port, const u8 *addr,
				   u16 vid, const struct vnb_fdb_entry **entry);

/**
 * struct vnb_fdb_update - what is to be added
 */
struct vnb_fdb_update {
	/** @addr: valid individual address */
	const u8	*addr;
	/** @vid: VLAN, 0 for all */
	u16		vid;
	/** @flags: VNB_FDB_* for the entry */
	u16		flags;
	/** @nlflags: NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE as requested */
	u16		nlflags;
	/** @proto: RTPROT_* for the entry, 0 for none */
	u8		proto;
	/** @norefresh: an entry that is there does not get younger by it */
	bool		norefresh;
};

/**
 * vnb_fdb_add() - make an entry, or change one
 * @port: where the address is; the bridge's own port for a local address
 * @up: what it shall be
 *
 * Notifies listeners. Context: process, RTNL.
 * Return: 0, -EEXIST, -ENOENT; another error if the table has no memory to
 * grow, which is -EBUSY while it is being hashed anew.
 */
int vnb_fdb_add(struct vnb_port *port, const struct vnb_fdb_update *up);

/**
 * vnb_fdb_use() - a user says that an address is behind a port
 * @port: the port
 * @addr: valid individual address
 * @vid: VLAN, 0 for all
 *
 * Like learning, but that no limit counts, and as in-tree it is an entry of the
 * user from now on: it moves and ages, but is no more one of those that were
 * learned. What does not move stays, and to have no memory is no error.
 * Notifies listeners, soon. Context: process, RTNL.
 */
void vnb_fdb_use(struct vnb_port *port, const u8 *addr, u16 vid);

/**
 * vnb_fdb_del() - remove an entry
 * @port: port that it has to be on
 * @addr: address
 * @vid: VLAN
 *
 * Notifies listeners, soon. Context: process, RTNL.
 * Return: 0 or -ENOENT.
 */
int vnb_fdb_del(struct vnb_port *port, const u8 *addr, u16 vid);

/**
 * vnb_fdb_flush() - remove entries that match
 * @br: the bridge
 * @filter: which ones
 *
 * Costs the entries of the port when one is named. Notifies listeners.
 * Context: process, RTNL.
 */
void vnb_fdb_flush(struct vnb_bridge *br, const struct vnb_fdb_filter *filter);

/**
 * vnb_fdb_change_local() - follow a changed address of a port or of the bridge
 * @port: the port
 * @addr: its new address; NULL when it leaves
 *
 * Replaces the local entries made by the kernel for @port.
 * Context: process, RTNL.
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_fdb_change_local(struct vnb_port *port, const u8 *addr);

/* fdb_fill.c */

/**
 * vnb_fdb_notify() - listeners of RTNLGRP_NEIGH are to be told, see news.h
 * @port: where the entry is, or was
 * @f: the entry
 * @type: RTM_NEWNEIGH or RTM_DELNEIGH
 *
 * Costs nothing when nobody listens. Context: any, vnb_fdb.lock is held.
 */
void vnb_fdb_notify(struct vnb_port *port, const struct vnb_fdb_entry *f,
		    int type);

/* fdb_nl.c: the operations of the device; see struct net_device_ops. */
VNB_DECLARE_OP(net_device_ops, ndo_fdb_add, vnb_fdb_nl_add);
VNB_DECLARE_OP(net_device_ops, ndo_fdb_del, vnb_fdb_nl_del);
VNB_DECLARE_OP(net_device_ops, ndo_fdb_del_bulk, vnb_fdb_nl_del_bulk);
int vnb_fdb_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		    struct net_device *dev, struct net_device *filter_dev,
		    int *idx);
int vnb_fdb_nl_get(struct sk_buff *skb, struct nlattr *tb[],
		   struct net_device *dev, const unsigned char *addr, u16 vid,
		   u32 portid, u32 seq, struct netlink_ext_ack *extack);

#endif /* VNB_FDB_H */
