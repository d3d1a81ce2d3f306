// SPDX-License-Identifier: GPL-2.0
/*
 * How many addresses may be learned: on a bridge, on a port, in a VLAN.
 *
 * What users enter does not count, and is not limited.
 */
#include "fdb_entry.h"

#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/vnetbr.h>

#include "bridge.h"

static bool vnb_fdb_full(u32 n, u32 max)
{
	return max && n >= max;
}

static bool vnb_fdb_port_full(const struct vnb_port *port)
{
	u32 max = READ_ONCE(port->max_learned);

	if (max == VNETBR_PORT_FDB_MAX_DEFAULT)
		max = READ_ONCE(port->br->fdb.max_port_learned);

	return vnb_fdb_full(READ_ONCE(port->n_learned), max);
}

static bool vnb_fdb_vlan_full(const struct vnb_fdb *fdb, u16 vid)
{
	const u32 *n = READ_ONCE(fdb->n_vlan_learned);

	return vid && n && vnb_fdb_full(READ_ONCE(n[vid]),
					READ_ONCE(fdb->max_vlan_learned));
}

bool vnb_fdb_has_room(const struct vnb_port *port, u16 vid)
{
	const struct vnb_fdb *fdb = &port->br->fdb;

	return !vnb_fdb_full(READ_ONCE(fdb->n_learned),
			     READ_ONCE(fdb->max_learned)) &&
	       !vnb_fdb_port_full(port) && !vnb_fdb_vlan_full(fdb, vid);
}

bool vnb_fdb_no_room_for(const struct vnb_port *port,
			 const struct vnb_fdb_entry *f)
{
	return READ_ONCE(f->flags) & VNB_FDB_LEARNED ?
	       vnb_fdb_port_full(port) : !vnb_fdb_has_room(port, f->key.vid);
}

void vnb_fdb_count(struct vnb_fdb *fdb, struct vnb_port *port, u16 vid, int n)
{
	lockdep_assert_held(&fdb->lock);

	WRITE_ONCE(fdb->n_learned, fdb->n_learned + n);
	WRITE_ONCE(port->n_learned, port->n_learned + n);
	if (vid && fdb->n_vlan_learned)
		WRITE_ONCE(fdb->n_vlan_learned[vid],
			   fdb->n_vlan_learned[vid] + n);
}

int vnb_fdb_count_vlans(struct vnb_bridge *br)
{
	struct vnb_fdb *fdb = &br->fdb;
	u32 *n;

	ASSERT_RTNL();

	if (fdb->n_vlan_learned)
		return 0;

	n = kvcalloc(VLAN_N_VID, sizeof(*n), GFP_KERNEL);
	if (!n)
		return -ENOMEM;

	/* nothing was learned in a VLAN before */
	spin_lock_bh(&fdb->lock);
	/* who asks without the lock reads zeros: vnb_fdb_vlan_full() */
	smp_store_release(&fdb->n_vlan_learned, n);
	spin_unlock_bh(&fdb->lock);
	return 0;
}
