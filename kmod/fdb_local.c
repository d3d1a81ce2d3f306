// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses of the ports themselves, in the forwarding table: a frame to
 * one of them is for this host (IEEE 802.1Q-2022 8.8.2, static entries).
 *
 * Ports may have the same address (VLAN devices do): the first one has the
 * entry, and it passes to another one when that port leaves.
 */
#include "fdb.h"

#include <linux/rtnetlink.h>

#include "bridge.h"

static void vnb_fdb_del_local(struct vnb_port *port)
{
	const struct vnb_fdb_filter filter = {
		.port	= port,
		.mask	= VNB_FDB_LOCAL | VNB_FDB_USER,
		.flags	= VNB_FDB_LOCAL,
	};

	vnb_fdb_flush(port->br, &filter);
}

static int vnb_fdb_add_local(struct vnb_port *port, const u8 *addr)
{
	const struct vnb_fdb_update up = {
		.addr		= addr,
		.flags		= VNB_FDB_LOCAL | VNB_FDB_STATIC,
		.nlflags	= NLM_F_CREATE,
	};
	struct vnb_bridge *br = port->br;
	const struct vnb_fdb_entry *f;
	bool local;

	rcu_read_lock();
	f = vnb_fdb_find_rcu(br, addr, 0);
	local = f && READ_ONCE(f->flags) & VNB_FDB_LOCAL;
	rcu_read_unlock();

	if (local) {
		br->fdb.shared_addr = true;
		return 0;
	}

	return vnb_fdb_add(port, &up);
}

/* Another address may have been hidden behind a local entry of @port. */
static void vnb_fdb_restore_shared(struct vnb_port *port)
{
	struct vnb_bridge *br = port->br;
	struct vnb_port *other;

	if (!br->fdb.shared_addr)
		return;

	if (port != &br->local)
		vnb_fdb_add_local(&br->local, br->vnb.dev->dev_addr);
	list_for_each_entry(other, &br->ports, list)
		if (other != port)
			vnb_fdb_add_local(other, other->dev->dev_addr);
}

int vnb_fdb_change_local(struct vnb_port *port, const u8 *addr)
{
	ASSERT_RTNL();

	vnb_fdb_del_local(port);
	vnb_fdb_restore_shared(port);
	return addr ? vnb_fdb_add_local(port, addr) : 0;
}
