// SPDX-License-Identifier: GPL-2.0
/*
 * Ports that forward for known addresses only.
 */
#include "locked.h"

#include "bridge.h"

enum vnb_drop vnb_locked_check(struct vnb_port *port, const u8 *addr, u16 vid)
{
	u32 flags = READ_ONCE(port->flags);
	struct vnb_fdb_entry *f;
	u16 known;

	if (!(flags & VNB_PORT_LOCKED))
		return VNB_OK;

	f = vnb_fdb_lookup_rcu(port->br, addr, vid);
	if (!f) {
		if (flags & VNB_PORT_MAB)
			vnb_fdb_learn_new(port, addr, vid,
					  VNB_FDB_LEARNED | VNB_FDB_LOCKED);
		return VNB_DROP_LOCKED;
	}

	/* Nobody takes an address over by sending with it. */
	known = READ_ONCE(f->flags);
	if (known & VNB_FDB_LOCAL || rcu_access_pointer(f->port) != port)
		return VNB_DROP_LOCKED;

	if (flags & VNB_PORT_LEARNING)
		vnb_fdb_touch(f);

	return known & VNB_FDB_LOCKED ? VNB_DROP_LOCKED : VNB_OK;
}
