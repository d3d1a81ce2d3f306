// SPDX-License-Identifier: GPL-2.0
/*
 * Loops: they make addresses move between ports again and again.
 */
#include "fdb_loop.h"

#include <linux/net.h>

#include "bridge.h"

static bool vnb_fdb_has_rested(const struct vnb_fdb_entry *f)
{
	return time_after_eq(jiffies, READ_ONCE(f->updated) + VNB_FDB_REST);
}

bool vnb_fdb_one_too_many(const struct vnb_fdb *fdb,
			  const struct vnb_fdb_entry *f)
{
	u32 max = READ_ONCE(fdb->max_moves);

	return max && READ_ONCE(f->moves) >= max && !vnb_fdb_has_rested(f);
}

bool vnb_fdb_count_move(struct vnb_fdb *fdb, struct vnb_fdb_entry *f)
{
	const struct vnb_port *now;
	bool loop;

	now = rcu_dereference_protected(f->port, lockdep_is_held(&fdb->lock));

	if (vnb_fdb_has_rested(f)) {
		WRITE_ONCE(f->moves, 0);
		/* not where it was when silence fell */
		if (time_after_eq(READ_ONCE(f->used),
				  f->updated + VNB_FDB_REST))
			WRITE_ONCE(f->home, now->no);
	}
	loop = vnb_fdb_one_too_many(fdb, f);
	WRITE_ONCE(f->updated, jiffies);
	if (READ_ONCE(fdb->max_moves))
		WRITE_ONCE(f->moves, f->moves + 1);
	if (loop)
		WRITE_ONCE(f->flags, f->flags | VNB_FDB_LOOP);
	return loop;
}

void vnb_fdb_warn_of_loop(const struct vnb_port *port, const u8 *addr)
{
	if (net_ratelimit())
		netdev_warn(port->br->vnb.dev,
			    "%pM comes from several ports in turn, now from %s: a loop? For a while, its frames are forwarded from one port only\n",
			    addr, port->dev->name);
}

bool vnb_fdb_is_away(const struct vnb_port *port,
		     const struct vnb_fdb_entry *f)
{
	return READ_ONCE(f->flags) & VNB_FDB_LOCAL ||
	       READ_ONCE(f->home) != port->no;
}

bool vnb_fdb_is_blocked(const struct vnb_port *port,
			const struct vnb_fdb_entry *f)
{
	return !vnb_fdb_has_rested(f) && vnb_fdb_is_away(port, f);
}

u16 vnb_fdb_end_loop(struct vnb_fdb *fdb, struct vnb_fdb_entry *f)
{
	if (vnb_fdb_has_rested(f)) {
		spin_lock(&fdb->lock);
		WRITE_ONCE(f->flags, f->flags & ~VNB_FDB_LOOP);
		spin_unlock(&fdb->lock);
	}

	return READ_ONCE(f->flags);
}
