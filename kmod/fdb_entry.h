/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FDB_ENTRY_H
#define VNB_FDB_ENTRY_H

#include "fdb.h"

/* What the files of the forwarding table know of its entries. */

/* How many entries may go in one hold of the lock, or one look at the table. */
#define VNB_FDB_SLICE	64

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
