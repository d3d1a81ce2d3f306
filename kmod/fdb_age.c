// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of the forwarding table go away when their address is not heard of
 * any more (IEEE 802.1Q-2022 8.8.3), or listeners are told that it is silent:
 * who is reached through several switches is, until it is so on all of them.
 */
#include "fdb_entry.h"

#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>

#include "bridge.h"

/* Does the entry go away by itself? */
static bool vnb_fdb_ages(u16 flags)
{
	return !(flags & (VNB_FDB_LOCAL | VNB_FDB_STATIC |
			  VNB_FDB_EXT_LEARNED));
}

/* Does anything happen when it was not heard of for long? */
static bool vnb_fdb_expires(u16 flags)
{
	return vnb_fdb_ages(flags) ||
	       (flags & (VNB_FDB_NOTIFY | VNB_FDB_INACTIVE)) == VNB_FDB_NOTIFY;
}

/* Its activity is one of the things that listeners want to know. */
static void vnb_fdb_set_inactive(struct vnb_fdb *fdb, struct vnb_fdb_entry *f,
				 bool inactive)
{
	lockdep_assert_held(&fdb->lock);

	WRITE_ONCE(f->flags, inactive ? f->flags | VNB_FDB_INACTIVE :
					f->flags & ~VNB_FDB_INACTIVE);
	vnb_fdb_notify(rcu_dereference_protected(f->port,
						 lockdep_is_held(&fdb->lock)),
		       f, RTM_NEWNEIGH);
}

void vnb_fdb_wake(struct vnb_port *port, struct vnb_fdb_entry *f)
{
	struct vnb_fdb *fdb = &port->br->fdb;

	/* An ageing time of zero: nothing is ever heard of. */
	if (rcu_access_pointer(f->port) != port ||
	    !READ_ONCE(fdb->ageing_time))
		return;

	spin_lock(&fdb->lock);
	if ((f->flags & (VNB_FDB_INACTIVE | VNB_FDB_GONE)) ==
	    VNB_FDB_INACTIVE && rcu_access_pointer(f->port) == port) {
		/* before the message says so */
		WRITE_ONCE(f->used, jiffies);
		vnb_fdb_set_inactive(fdb, f, false);
	}
	spin_unlock(&fdb->lock);
}

static void vnb_fdb_expire(struct vnb_bridge *br, struct vnb_fdb_entry *f)
{
	struct vnb_fdb *fdb = &br->fdb;

	/* It may have been deleted, seen or made static since it was read. */
	spin_lock_bh(&fdb->lock);
	if (!(f->flags & VNB_FDB_GONE) && vnb_fdb_expires(f->flags) &&
	    time_after_eq(jiffies, READ_ONCE(f->used) +
				   READ_ONCE(fdb->ageing_time))) {
		if (vnb_fdb_ages(f->flags))
			vnb_fdb_remove(fdb, f);
		else
			vnb_fdb_set_inactive(fdb, f, true);
	}
	spin_unlock_bh(&fdb->lock);
}

void vnb_fdb_age(struct work_struct *work)
{
	struct vnb_fdb *fdb = container_of(work, struct vnb_fdb, ageing.work);
	struct vnb_bridge *br = container_of(fdb, struct vnb_bridge, fdb);
	unsigned long ageing_time = READ_ONCE(fdb->ageing_time);
	unsigned long next = ageing_time;
	struct rhashtable_iter iter;
	struct vnb_fdb_entry *f;
	unsigned long age;
	unsigned int n = 0;

	rhashtable_walk_enter(&fdb->table, &iter);
	rhashtable_walk_start(&iter);
	while ((f = rhashtable_walk_next(&iter))) {
		/* The table is being resized: some entries come again. */
		if (IS_ERR(f))
			continue;
		age = jiffies - READ_ONCE(f->used);
		if (!vnb_fdb_expires(READ_ONCE(f->flags)))
			;
		else if (age >= ageing_time)
			vnb_fdb_expire(br, f);
		else
			next = min(next, ageing_time - age);

		if (++n % VNB_FDB_SLICE == 0) {
			rhashtable_walk_stop(&iter);
			vnb_news_tell(&fdb->news);
			cond_resched();
			rhashtable_walk_start(&iter);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	next = min(next, vnb_snoop_age(br, ageing_time));

	queue_delayed_work(system_long_wq, &fdb->ageing,
			   max_t(unsigned long, next, HZ / 10));
}

void vnb_fdb_start_ageing(struct vnb_bridge *br)
{
	ASSERT_RTNL();
	mod_delayed_work(system_long_wq, &br->fdb.ageing, 0);
}

void vnb_fdb_stop_ageing(struct vnb_bridge *br)
{
	ASSERT_RTNL();
	cancel_delayed_work_sync(&br->fdb.ageing);
}

void vnb_fdb_set_ageing_time(struct vnb_bridge *br, unsigned long time)
{
	ASSERT_RTNL();
	WRITE_ONCE(br->fdb.ageing_time, time);
	if (netif_running(br->vnb.dev))
		vnb_fdb_start_ageing(br);
}
