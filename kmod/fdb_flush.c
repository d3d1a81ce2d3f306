// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of the forwarding table go away because a user wants it, or because
 * their port or VLAN does. IEEE 802.1Q-2022 8.8.
 */
#include "fdb_entry.h"

#include <linux/rculist.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "mst.h"
#include "vlan.h"

/*
 * Does @port not learn in the VLAN of @f? What a user entered for all VLANs is
 * of none; what was learned in none is of instance 0.
 */
static bool vnb_fdb_is_closed(const struct vnb_fdb_entry *f,
			      const struct vnb_port *port)
{
	return (f->key.vid || f->flags & VNB_FDB_LEARNED) &&
	       !vnb_port_state_learns(vnb_mst_state(port, f->key.vid));
}

static bool vnb_fdb_matches(const struct vnb_fdb_entry *f,
			    const struct vnb_fdb_filter *filter)
{
	if (filter->left_vlans &&
	    (!f->key.vid || vnb_vlan_is_member(filter->port, f->key.vid)))
		return false;
	if (filter->closed_vlans && !vnb_fdb_is_closed(f, filter->port))
		return false;

	return (!filter->has_vid || f->key.vid == filter->vid) &&
	       (f->flags & filter->mask) == filter->flags;
}

/*
 * Look at a slice of @todo, entries of @port: those that match go away, the
 * others back to the port. Returns whether there may be more.
 */
static bool vnb_fdb_flush_slice(struct vnb_port *port, struct hlist_head *todo,
				const struct vnb_fdb_filter *filter)
{
	struct vnb_fdb *fdb = &port->br->fdb;
	struct vnb_fdb_entry *f;
	int n;

	lockdep_assert_held(&fdb->lock);

	for (n = 0; n < VNB_FDB_SLICE; n++) {
		f = hlist_entry_safe(todo->first, struct vnb_fdb_entry,
				     port_node);
		if (!f)
			return false;
		if (vnb_fdb_matches(f, filter)) {
			vnb_fdb_remove(fdb, f);
		} else {
			hlist_del(&f->port_node);
			hlist_add_head(&f->port_node, &port->fdb);
		}
	}

	return true;
}

/*
 * The list is taken from the port, and looked at a slice at a time, so that
 * learning never waits for long. Meanwhile entries may leave it for another
 * port, or die, as from any list; only we, who have RTNL, go through it.
 */
static void vnb_fdb_flush_port(struct vnb_port *port,
			       const struct vnb_fdb_filter *filter)
{
	struct vnb_fdb *fdb = &port->br->fdb;
	HLIST_HEAD(todo);
	bool more;

	spin_lock_bh(&fdb->lock);
	hlist_move_list(&port->fdb, &todo);
	spin_unlock_bh(&fdb->lock);

	do {
		spin_lock_bh(&fdb->lock);
		more = vnb_fdb_flush_slice(port, &todo, filter);
		spin_unlock_bh(&fdb->lock);

		vnb_news_tell(&fdb->news);
		cond_resched();
	} while (more);
}

void vnb_fdb_flush(struct vnb_bridge *br, const struct vnb_fdb_filter *filter)
{
	struct vnb_port *port;

	ASSERT_RTNL();

	if (filter->port) {
		vnb_fdb_flush_port((struct vnb_port *)filter->port, filter);
		return;
	}

	list_for_each_entry(port, &br->ports, list)
		vnb_fdb_flush_port(port, filter);
	vnb_fdb_flush_port(&br->local, filter);
}
