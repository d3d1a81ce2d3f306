// SPDX-License-Identifier: GPL-2.0
/*
 * What users enter into the forwarding table of a bridge (IEEE 802.1Q-2022
 * 8.8.1, 12.7).
 */
#include "fdb.h"

#include <linux/rtnetlink.h>

#include "bridge.h"
#include "fdb_entry.h"
#include "vlan.h"

/* Change @f as a user wants. Returns whether that made a difference. */
static bool vnb_fdb_update(struct vnb_port *port, struct vnb_fdb_entry *f,
			   const struct vnb_fdb_update *up)
{
	struct vnb_fdb *fdb = &port->br->fdb;
	u16 flags = up->flags;
	bool same;

	/* it is as silent as it was */
	if (flags & VNB_FDB_NOTIFY)
		flags |= f->flags & VNB_FDB_INACTIVE;

	same = vnb_fdb_port_locked(fdb, f) == port && f->flags == flags &&
	       f->proto == up->proto;
	if (!up->norefresh && !(same && flags & VNB_FDB_NOTIFY))
		WRITE_ONCE(f->used, jiffies);
	if (same)
		return false;

	WRITE_ONCE(f->home, port->no);
	WRITE_ONCE(f->proto, up->proto);
	vnb_fdb_move(fdb, f, port, flags);
	return true;
}

/* Forget what was learned for @vid only, if it was. */
static void vnb_fdb_del_learned(struct vnb_bridge *br, const u8 *addr, u16 vid)
{
	struct vnb_fdb *fdb = &br->fdb;
	struct vnb_fdb_entry *f;

	f = vnb_fdb_find_rcu(br, addr, vid);
	if (!f)
		return;

	spin_lock_bh(&fdb->lock);
	if ((f->flags & (VNB_FDB_LEARNED | VNB_FDB_GONE)) == VNB_FDB_LEARNED)
		vnb_fdb_remove(fdb, f);
	spin_unlock_bh(&fdb->lock);
}

/*
 * A new entry at one place for all VLANs comes before what was learned in one
 * of them. It is in the table already: nothing is learned in between.
 */
static void vnb_fdb_prefer_fixed(struct vnb_bridge *br, const u8 *addr)
{
	u16 vid;

	if (!vnb_bridge_filters(br))
		return;

	for (vid = 1; vid < VLAN_VID_MASK; vid++)
		vnb_fdb_del_learned(br, addr, vid);
}

int vnb_fdb_add(struct vnb_port *port, const struct vnb_fdb_update *up)
{
	struct vnb_fdb_entry *f, *new = NULL;
	struct vnb_bridge *br = port->br;
	struct vnb_fdb *fdb = &br->fdb;
	gfp_t gfp = GFP_KERNEL;
	bool changed = true;
	int err = 0;

	ASSERT_RTNL();

	/* Once the address of a device has changed, nobody can refuse it. */
	if (!(up->flags & VNB_FDB_USER))
		gfp |= __GFP_NOFAIL;

	if (up->nlflags & NLM_F_CREATE) {
		new = vnb_fdb_alloc(up->addr, up->vid, up->flags, gfp);
		if (!new)
			return -ENOMEM;
		new->proto = up->proto;
	}

	rcu_read_lock();
	spin_lock_bh(&fdb->lock);
	f = vnb_fdb_find_rcu(br, up->addr, up->vid);
	if (f && up->nlflags & NLM_F_EXCL) {
		err = -EEXIST;
	} else if (f) {
		changed = vnb_fdb_update(port, f, up);
	} else if (new) {
		f = new;
		new = NULL;
		err = vnb_fdb_insert(port, f);
		if (err)
			new = f;
	} else {
		err = -ENOENT;
	}
	spin_unlock_bh(&fdb->lock);

	if (!err && changed && !up->vid && vnb_fdb_is_fixed(up->flags))
		vnb_fdb_prefer_fixed(br, up->addr);
	rcu_read_unlock();
	vnb_news_tell(&fdb->news);

	kfree(new);
	return err;
}

/* What comes of @f when a user says that the address is behind a port. */
static u16 vnb_fdb_used_flags(const struct vnb_fdb_entry *f, bool here)
{
	if (here && !(f->flags & VNB_FDB_LEARNED))
		return f->flags & ~(VNB_FDB_INACTIVE | VNB_FDB_LOOP);

	/* a station is let in by name, not by being there */
	return VNB_FDB_USER | (f->flags & VNB_FDB_NOTIFY) |
	       (here ? f->flags & VNB_FDB_LOCKED : 0);
}

static void vnb_fdb_use_entry(struct vnb_port *port, struct vnb_fdb_entry *f)
{
	struct vnb_fdb *fdb = &port->br->fdb;
	bool here = vnb_fdb_port_locked(fdb, f) == port;
	u16 flags;

	if (f->flags & VNB_FDB_LOCAL || (!here && vnb_fdb_is_fixed(f->flags)))
		return;

	WRITE_ONCE(f->used, jiffies);
	flags = vnb_fdb_used_flags(f, here);
	if (!here || flags != f->flags) {
		WRITE_ONCE(f->home, port->no);
		if (!here)
			WRITE_ONCE(f->proto, 0);
		vnb_fdb_move(fdb, f, port, flags);
	}
}

void vnb_fdb_use(struct vnb_port *port, const u8 *addr, u16 vid)
{
	struct vnb_fdb *fdb = &port->br->fdb;
	struct vnb_fdb_entry *f, *new;

	ASSERT_RTNL();

	if (!fdb->ageing_time)
		return;
	new = vnb_fdb_alloc(addr, vid, VNB_FDB_USER, GFP_KERNEL);
	if (!new)
		return;

	rcu_read_lock();
	spin_lock_bh(&fdb->lock);
	f = vnb_fdb_find_source(port, addr, vid);
	if (f)
		vnb_fdb_use_entry(port, f);
	else if (!vnb_fdb_insert(port, new))
		new = NULL;
	spin_unlock_bh(&fdb->lock);
	rcu_read_unlock();

	kfree(new);
}

int vnb_fdb_del(struct vnb_port *port, const u8 *addr, u16 vid)
{
	struct vnb_bridge *br = port->br;
	struct vnb_fdb *fdb = &br->fdb;
	struct vnb_fdb_entry *f;

	ASSERT_RTNL();

	rcu_read_lock();
	spin_lock_bh(&fdb->lock);
	f = vnb_fdb_find_rcu(br, addr, vid);
	if (f && vnb_fdb_port_locked(fdb, f) == port)
		vnb_fdb_remove(fdb, f);
	else
		f = NULL;
	spin_unlock_bh(&fdb->lock);
	rcu_read_unlock();

	return f ? 0 : -ENOENT;
}
