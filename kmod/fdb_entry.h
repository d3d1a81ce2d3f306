/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FDB_ENTRY_H
#define VNB_FDB_ENTRY_H

#include "fdb.h"

/* What the files of the forwarding table know of its entries. */

/* How many entries may go in one hold of the lock, or one look at the table. */
#define VNB_FDB_SLICE	64

/** vnb_fdb_port_locked() - where an entry is, while vnb_fdb.lock is held */
static inline struct vnb_port *
vnb_fdb_port_locked(struct vnb_fdb *fdb, const struct vnb_fdb_entry *f)
{
	return rcu_dereference_protected(f->port, lockdep_is_held(&fdb->lock));
}

/**
 * vnb_fdb_is_fixed() - does an address not move when it is heard elsewhere?
 * @flags: VNB_FDB_* of its entry
 *
 * Return: whether the bridge, or a user, has put it at one place.
 */
static inline bool vnb_fdb_is_fixed(u16 flags)
{
	return flags & (VNB_FDB_LOCAL | VNB_FDB_STATIC | VNB_FDB_STICKY);
}

/**
 * vnb_fdb_find_source() - which entry says where a source address is?
 * @port: where it is heard of
 * @addr: address
 * @vid: VLAN, 0 for all
 *
 * Context: RCU read section.
 * Return: the entry; NULL if there is none, or only one for all VLANs that does
 * not keep the address from being learned in this one.
 */
struct vnb_fdb_entry *vnb_fdb_find_source(const struct vnb_port *port,
					  const u8 *addr, u16 vid);

/**
 * vnb_fdb_alloc() - an entry that is in no table
 * @addr: valid individual address
 * @vid: VLAN, 0 for all
 * @flags: VNB_FDB_*
 * @gfp: how to allocate
 *
 * Return: the entry, which kfree() frees, or NULL.
 */
struct vnb_fdb_entry *vnb_fdb_alloc(const u8 *addr, u16 vid, u16 flags,
				    gfp_t gfp);

/**
 * vnb_fdb_insert() - put an entry into the table
 * @port: where it is; vnb_fdb.lock of its bridge is held
 * @f: the entry, whose address is not in the table
 *
 * Notifies listeners.
 * Return: 0, @f is the table's now; or a negative error.
 */
int vnb_fdb_insert(struct vnb_port *port, struct vnb_fdb_entry *f);

/**
 * vnb_fdb_move() - change an entry
 * @fdb: the table, whose lock is held
 * @f: the entry
 * @port: where it is from now on
 * @flags: VNB_FDB_*, what it is from now on
 *
 * Notifies listeners.
 */
void vnb_fdb_move(struct vnb_fdb *fdb, struct vnb_fdb_entry *f,
		  struct vnb_port *port, u16 flags);

/**
 * vnb_fdb_remove() - take an entry out of the table
 * @fdb: the table, whose lock is held
 * @f: the entry, which is freed after a grace period
 *
 * Notifies listeners.
 */
void vnb_fdb_remove(struct vnb_fdb *fdb, struct vnb_fdb_entry *f);

/**
 * vnb_fdb_has_room() - is there room for one more learned entry?
 * @port: port that it is for
 * @vid: its VLAN, or 0
 *
 * Also asked without the lock, so that a flood of new addresses costs nothing
 * once a limit is reached. Context: any.
 *
 * Return: whether there is.
 */
bool vnb_fdb_has_room(const struct vnb_port *port, u16 vid);

/**
 * vnb_fdb_no_room_for() - is there none for an entry of another port?
 * @port: port that it would move to
 * @f: the entry, which counts already if it was learned
 *
 * Context: any.
 *
 * Return: whether there is none.
 */
bool vnb_fdb_no_room_for(const struct vnb_port *port,
			 const struct vnb_fdb_entry *f);

/**
 * vnb_fdb_count() - count a learned entry in or out
 * @fdb: the table, whose lock is held
 * @port: port of the entry
 * @vid: its VLAN, or 0
 * @n: 1 or -1
 */
void vnb_fdb_count(struct vnb_fdb *fdb, struct vnb_port *port, u16 vid, int n);

/**
 * struct vnb_fdb_msg - header of a message about an entry
 */
struct vnb_fdb_msg {
	/** @type: RTM_* */
	int	type;
	/** @portid: netlink port of the reader */
	u32	portid;
	/** @seq: of the request */
	u32	seq;
	/** @nlflags: NLM_F_* */
	int	nlflags;
	/**
	 * @self: present the entry as one of the bridge ("dev br0 via eth0
	 * self"), which is how it is written; otherwise as one of the port
	 * ("dev eth0 master br0"), which is how users know it.
	 */
	bool	self;
};

/**
 * vnb_fdb_fill() - put a message about an entry
 * @skb: the message goes here
 * @br: the bridge
 * @f: the entry
 * @port: where it is, or was
 * @msg: the header
 *
 * Context: RCU read section, or vnb_fdb.lock is held.
 * Return: 0, or -EMSGSIZE and nothing is put.
 */
int vnb_fdb_fill(struct sk_buff *skb, const struct vnb_bridge *br,
		 const struct vnb_fdb_entry *f, const struct vnb_port *port,
		 const struct vnb_fdb_msg *msg);

/**
 * vnb_fdb_age() - remove entries that were not seen for the ageing time
 * @work: vnb_fdb.ageing, which is queued again
 */
void vnb_fdb_age(struct work_struct *work);

#endif /* VNB_FDB_ENTRY_H */
