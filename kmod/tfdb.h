/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_TFDB_H
#define VNB_TFDB_H

#include <linux/etherdevice.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>

#include "drop.h"
#include "news.h"
#include "remote.h"

struct vnb_tunnel;
struct vnb_tunnel_config;

/* Most destinations of one entry. */
#define VNB_TFDB_REMOTES_MAX	4096

/* States of entries that are never aged and never moved by learning. */
#define VNB_TFDB_STATIC		(NUD_PERMANENT | NUD_NOARP)

/**
 * struct vnb_tfdb_key - what an entry is looked up by
 */
struct vnb_tfdb_key {
	/** @addr: address, all zeros for what has no entry of its own */
	u8	addr[ETH_ALEN];

	/* private: so that two words are compared */
	u16	pad;
};

/** vnb_tfdb_is_group() - may an address have several destinations? */
static inline bool vnb_tfdb_is_group(const u8 *addr)
{
	return is_multicast_ether_addr(addr) || is_zero_ether_addr(addr);
}

/**
 * struct vnb_tfdb_entry - where frames to one address are sent
 *
 * Read under RCU. Remotes never change: an entry that gets others is replaced
 * as a whole, under vnb_tfdb.lock.
 */
struct vnb_tfdb_entry {
	/** @node: in vnb_tfdb.table */
	struct rhash_head	node;

	/** @key: constant */
	struct vnb_tfdb_key	key;

	/** @used: jiffies when the address was last a source */
	unsigned long		used;

	/** @updated: jiffies when the entry was made */
	unsigned long		updated;

	/** @state: NUD_* */
	u16			state;

	/** @n: number of @remotes, at least one */
	u16			n;

	/** @flags: NTF_* */
	u8			flags;

	/** @learned: made by learning, counts to the limit */
	bool			learned;

	/** @proto: RTPROT_* of the control plane that made it, or 0 */
	u8			proto;

	/** @version: how often the entry was replaced */
	u8			version;

	/**
	 * @serial: order in @list, see struct vnb_fdb_dump; passes to the entry
	 * that replaces this one
	 */
	unsigned long		serial;

	/** @list: on vnb_tfdb.list, RCU, for dumps */
	struct list_head	list;

	/** @rcu: frees the entry after the last reader */
	struct rcu_head		rcu;

	/** @remotes: every one gets a copy */
	struct vnb_remote	*remotes[];
};

/**
 * struct vnb_tfdb - forwarding table of one tunnel
 */
struct vnb_tfdb {
	/** @table: entries by address */
	struct rhashtable	table;

	/** @lock: orders writers; softirq takes it to learn */
	spinlock_t		lock ____cacheline_aligned_in_smp;

	/** @n_learned: learned entries, under @lock */
	u32			n_learned;

	/** @list: all entries, changed under @lock, read under RCU */
	struct list_head	list;

	/** @serial: of the entry that comes next, under @lock */
	unsigned long		serial;

	/** @remotes: remotes of all entries, changed under @lock */
	struct rhashtable	remotes;

	/** @ageing: removes old entries; queued while the tunnel is up */
	struct delayed_work	ageing;

	/** @news: changes that listeners are to be told */
	struct vnb_news		news;
};

/**
 * struct vnb_tfdb_update - what is to be added
 */
struct vnb_tfdb_update {
	/** @addr: address */
	const u8		*addr;
	/** @remote: where it is */
	struct vnb_remote_key	remote;
	/** @state: NUD_* of the entry */
	u16			state;
	/** @nlflags: NLM_F_CREATE, _EXCL, _REPLACE, _APPEND */
	u16			nlflags;
	/** @flags: NTF_* of the entry */
	u8			flags;
	/** @proto: RTPROT_* of the entry, 0 for none */
	u8			proto;
};

/**
 * struct vnb_tfdb_filter - which destinations a flush removes
 */
struct vnb_tfdb_filter {
	/** @remote: parts that are not zero have to be the same */
	struct vnb_remote_key	remote;
	/** @state: value that the bits in @state_mask have to have */
	u16			state;
	/** @state_mask: NUD_* bits that are compared with @state */
	u16			state_mask;
	/** @flags: value that the bits in @flags_mask have to have */
	u8			flags;
	/** @flags_mask: NTF_* bits that are compared with @flags */
	u8			flags_mask;
	/** @age: jiffies that the entry was not used at least */
	unsigned long		age;
};

/**
 * vnb_tfdb_init() - an empty table
 * @tun: tunnel it belongs to
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_tfdb_init(struct vnb_tunnel *tun);

/**
 * vnb_tfdb_uninit() - free the table and what is in it
 * @tun: tunnel it belongs to; no frame is on its way any more
 *
 * Context: process.
 */
void vnb_tfdb_uninit(struct vnb_tunnel *tun);

/**
 * vnb_tfdb_start_ageing() - the tunnel is up, or its ageing time is another
 * @tun: the tunnel
 *
 * Context: process, RTNL.
 */
void vnb_tfdb_start_ageing(struct vnb_tunnel *tun);

/**
 * vnb_tfdb_stop_ageing() - the tunnel is down
 * @tun: the tunnel
 *
 * Waits for a running pass. Context: process, RTNL.
 */
void vnb_tfdb_stop_ageing(struct vnb_tunnel *tun);

/**
 * vnb_tfdb_find_rcu() - look an address up
 * @fdb: the table
 * @addr: address
 *
 * Return: the entry or NULL. Context: RCU read section.
 */
struct vnb_tfdb_entry *vnb_tfdb_find_rcu(struct vnb_tfdb *fdb, const u8 *addr);

/**
 * vnb_tfdb_learn() - note which remote a source address was seen behind
 * @tun: the tunnel
 * @cfg: its configuration, with learning
 * @addr: valid individual address
 * @key: the remote, with defaults
 *
 * Failure to learn is no error: the address is flooded to. It is counted,
 * unless the lock was taken.
 * Context: softirq, RCU read section.
 * Return: %VNB_DROP_VXLAN_MOVED when the address belongs to another remote.
 */
enum vnb_drop vnb_tfdb_learn(struct vnb_tunnel *tun,
			     const struct vnb_tunnel_config *cfg,
			     const u8 *addr, const struct vnb_remote_key *key);

/**
 * vnb_tfdb_add() - make an entry, or change one
 * @tun: the tunnel
 * @up: what it shall be
 * @extack: says why not
 *
 * Notifies listeners. Context: process, RTNL.
 * Return: 0 or a negative error.
 */
int vnb_tfdb_add(struct vnb_tunnel *tun, const struct vnb_tfdb_update *up,
		 struct netlink_ext_ack *extack);

/**
 * vnb_tfdb_del() - remove an entry, or one of its destinations
 * @tun: the tunnel
 * @addr: address
 * @key: the destination; NULL for all
 *
 * Notifies listeners. Context: process, RTNL.
 * Return: 0 or -ENOENT; -ENOMEM with nothing removed.
 */
int vnb_tfdb_del(struct vnb_tunnel *tun, const u8 *addr,
		 const struct vnb_remote_key *key);

/**
 * vnb_tfdb_set_default() - have another default remote
 * @tun: the tunnel
 * @old_cfg: configuration with the present one; NULL for none
 * @cfg: configuration with the new one; may have none
 *
 * The default remote is a destination of the address of all zeros; what users
 * added there stays. Notifies listeners. Context: process, RTNL.
 * Return: 0, or a negative error with nothing changed.
 */
int vnb_tfdb_set_default(struct vnb_tunnel *tun,
			 const struct vnb_tunnel_config *old_cfg,
			 const struct vnb_tunnel_config *cfg);

/**
 * vnb_tfdb_has_static() - is there anything that is not learned?
 * @tun: the tunnel
 * @cfg: its configuration: the default remote does not count
 *
 * Context: RTNL.
 *
 * Return: whether there is.
 */
bool vnb_tfdb_has_static(struct vnb_tunnel *tun,
			 const struct vnb_tunnel_config *cfg);

/**
 * vnb_tfdb_flush() - remove destinations that match
 * @tun: the tunnel
 * @filter: which ones
 *
 * Notifies listeners. Context: process, RTNL.
 */
void vnb_tfdb_flush(struct vnb_tunnel *tun,
		    const struct vnb_tfdb_filter *filter);

/* tfdb_nl.c */

/**
 * vnb_tfdb_notify() - listeners of RTNLGRP_NEIGH are to be told, see news.h
 * @tun: the tunnel
 * @e: the entry
 * @remote: one destination of it
 * @type: RTM_NEWNEIGH or RTM_DELNEIGH
 *
 * Costs nothing when nobody listens.
 * Context: RCU or RTNL, vnb_tfdb.lock is held.
 */
void vnb_tfdb_notify(struct vnb_tunnel *tun, const struct vnb_tfdb_entry *e,
		     const struct vnb_remote *remote, int type);

VNB_DECLARE_OP(net_device_ops, ndo_fdb_add, vnb_tfdb_nl_add);
VNB_DECLARE_OP(net_device_ops, ndo_fdb_del, vnb_tfdb_nl_del);
VNB_DECLARE_OP(net_device_ops, ndo_fdb_del_bulk, vnb_tfdb_nl_del_bulk);
VNB_DECLARE_OP(net_device_ops, ndo_fdb_dump, vnb_tfdb_nl_dump);
VNB_DECLARE_OP(net_device_ops, ndo_fdb_get, vnb_tfdb_nl_get);

#endif /* VNB_TFDB_H */
